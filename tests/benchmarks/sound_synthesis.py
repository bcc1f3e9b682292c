"""Sounds made by arithmetic: alarms by their standards, glass, screams, bangs by physics, and what resembles them.

Every function takes a generator and gives (n,) float32 samples at 16 kHz with a peak of 1, so that a seed is a sound.
They have no licence to mind, so that coefficients that are shipped may be fitted to them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

RATE = 16_000
Floats = NDArray[np.float32]
Rng = np.random.Generator


def draw(rng: Rng, low: float, high: float) -> float:
    """A number between two, each as likely."""
    return float(rng.uniform(low, high))


def draw_octave(rng: Rng, low: float, high: float) -> float:
    """A number between two, each octave as likely."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def seconds(duration_s: float) -> NDArray[np.float64]:
    """Times of the samples."""
    return np.arange(int(duration_s * RATE)) / RATE


def peak_one(x: NDArray[np.float64]) -> Floats:
    """Scaled to a peak of 1."""
    return (x / (np.abs(x).max() + 1e-9)).astype(np.float32)


def harmonics(hz: NDArray[np.float64], fall: float, count: int, rng: Rng) -> NDArray[np.float64]:
    """A periodic sound whose pitch is ``hz`` at each sample; partial k is k**-fall high, and none is above 7.6 kHz."""
    phase = 2.0 * np.pi * np.cumsum(hz) / RATE
    x = np.zeros_like(phase)
    for k in range(1, count + 1):
        x += np.where(hz * k < 7600.0, k**-fall, 0.0) * np.sin(k * phase + rng.uniform(0.0, 2.0 * np.pi))
    return x


def gate(duration_s: float, on: list[tuple[float, float]], edge_s: float = 0.005) -> NDArray[np.float64]:
    """1 in the intervals, 0 elsewhere, with short edges."""
    t = seconds(duration_s)
    shut = np.zeros_like(t)
    for start, end in on:
        shut = np.maximum(shut, np.clip(np.minimum(t - start, end - t) / edge_s, 0.0, 1.0))
    return shut


def temporal_3(hz: float = 3100.0, duration_s: float = 8.0) -> Floats:
    """Smoke alarm, ISO 8201: three of 0.5 s on and 0.5 s off, then 1.5 s off instead."""
    on = [(c + k, c + k + 0.5) for c in np.arange(0.0, duration_s, 4.0) for k in range(3)]
    return peak_one(np.sin(2.0 * np.pi * hz * seconds(duration_s)) * gate(duration_s, on))


def temporal_4(hz: float = 3100.0, duration_s: float = 11.6) -> Floats:
    """Carbon monoxide alarm: four of 0.1 s on and 0.1 s off, then 5 s off."""
    on = [(c + 0.2 * k, c + 0.2 * k + 0.1) for c in np.arange(0.0, duration_s, 5.8) for k in range(4)]
    return peak_one(np.sin(2.0 * np.pi * hz * seconds(duration_s)) * gate(duration_s, on))


def sweep(duration_s: float, low_hz: float, high_hz: float, period_s: float, shape: str) -> NDArray[np.float64]:
    """Pitch of a siren at each sample."""
    turn = seconds(duration_s) / period_s % 1.0
    up = {"sine": 0.5 - 0.5 * np.cos(2.0 * np.pi * turn), "triangle": 1.0 - np.abs(2.0 * turn - 1.0), "rise": turn}
    height = up.get(shape, (turn > 0.5).astype(float))
    pitch: NDArray[np.float64] = low_hz * (high_hz / low_hz) ** height
    return pitch


def alarm(rng: Rng) -> Floats:
    """Any alarm as it is heard: mostly in a room, sometimes two out of step, sometimes from a car that passes."""
    x = dry_alarm(rng).astype(np.float64)
    if rng.uniform() < 0.2:
        other = dry_alarm(rng)[: x.size]
        x[: other.size] += draw(rng, 0.1, 0.7) * other
    if rng.uniform() < 0.3:
        t = seconds(x.size / RATE + 0.1)[: x.size]
        x *= 10.0 ** (-rng.uniform(0.0, 0.6) * np.sin(rng.uniform(0.3, 2.0) * t + rng.uniform(0.0, 6.28)))
    return room(x, rng) if rng.uniform() < 0.75 else peak_one(x)


def dry_alarm(rng: Rng) -> Floats:
    """One of beeps in groups, the two standard patterns, sirens that sweep, two tones, a horn."""
    kind = rng.choice(["t3", "t4", "beeps", "beeps", "siren", "siren", "siren", "horn"])
    hz = draw_octave(rng, 500.0, 3500.0)
    if kind == "t3":
        return temporal_3(rng.choice([520.0, 3100.0, hz]), 6.0)
    if kind == "t4":
        return temporal_4(rng.choice([3100.0, hz]), 7.0)
    duration_s, fall = draw(rng, 2.5, 5.0), draw(rng, 0.5, 2.0)
    t = seconds(duration_s)
    if kind == "beeps":
        beep_s, many = draw(rng, 0.06, 0.5), int(rng.integers(1, 5))
        pause_s = draw(rng, 0.06, 0.4)
        period_s = many * (beep_s + pause_s) + float(rng.choice([0.0, rng.uniform(0.2, 1.0)]))
        starts = [c + k * (beep_s + pause_s) for c in np.arange(0.0, duration_s, period_s) for k in range(many)]
        x = harmonics(np.full(t.size, hz), fall + 0.5, int(rng.integers(1, 6)), rng)
        return peak_one(x * gate(duration_s, [(a, a + beep_s) for a in starts]))
    if kind == "horn":
        base = draw(rng, 250.0, 900.0)
        x = harmonics(np.full(t.size, base), fall * 0.5, 20, rng)
        on_s = draw(rng, 0.4, 2.0)
        return peak_one(x * gate(duration_s, [(a, a + on_s) for a in np.arange(0.0, duration_s, on_s * 1.4)]))
    shape = str(rng.choice(["sine", "triangle", "rise", "steps"]))
    low_hz = draw(rng, 350.0, 1000.0)
    period_s = draw_octave(rng, 0.08, 5.0)
    pitch = sweep(duration_s, low_hz, low_hz * draw(rng, 1.25, 2.5), period_s, shape)
    return peak_one(harmonics(pitch, fall, int(rng.integers(1, 12)), rng))


def ring(rng: Rng, low_hz: float, high_hz: float, decay_s: float, modes: int) -> NDArray[np.float64]:
    """A struck piece: modes that have nothing to do with each other, the higher the shorter."""
    t = seconds(min(6.0 * decay_s, 0.6))
    x = np.zeros_like(t)
    for hz in np.exp(rng.uniform(np.log(low_hz), np.log(high_hz), modes)):
        tau = decay_s * draw(rng, 0.4, 1.4) * (low_hz / hz) ** 0.5
        x += rng.uniform(0.2, 1.0) * np.exp(-t / tau) * np.sin(2.0 * np.pi * hz * t + rng.uniform(0.0, 6.28))
    return x


def burst(rng: Rng, decay_s: float, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Noise of a band that begins at once and dies away."""
    t = seconds(6.0 * decay_s)
    band = butter(2, (low_hz, high_hz), "bandpass", fs=RATE, output="sos")
    x: NDArray[np.float64] = sosfilt(band, rng.standard_normal(t.size)) * np.exp(-t / decay_s)
    return x


def add(x: NDArray[np.float64], at_s: float, part: NDArray[np.float64], height: float) -> None:
    """Put a part in, cut where ``x`` ends."""
    start = int(at_s * RATE)
    end = min(start + part.size, x.size)
    x[start:end] += height / (np.abs(part).max() + 1e-9) * part[: end - start]


def glass(rng: Rng) -> Floats:
    """An impact, the pane that bursts, and pieces that fall, most of them when they reach the floor."""
    x = np.zeros(int(1.8 * RATE))
    add(x, 0.0, burst(rng, draw(rng, 0.004, 0.05), 80.0, draw(rng, 1500.0, 7000.0)), 1.0)
    add(x, 0.0, burst(rng, draw(rng, 0.05, 0.3), draw(rng, 200.0, 2500.0), 7800.0), draw(rng, 0.3, 1.0))
    floor_s, spread_s = draw(rng, 0.15, 0.5), draw(rng, 0.08, 0.4)
    for _ in range(int(rng.integers(10, 150))):
        falls = rng.uniform() < 0.6
        at_s = rng.normal(floor_s, 0.05) + rng.exponential(spread_s) if falls else rng.exponential(0.12)
        low_hz = draw(rng, 1000.0, 4500.0)
        piece = ring(rng, low_hz, 7800.0, draw(rng, 0.002, 0.03), int(rng.integers(3, 12)))
        add(x, float(np.clip(at_s, 0.0, 1.75)), piece, 0.5 * float(rng.exponential(0.3)))
    if rng.uniform() < 0.7:
        add(x, floor_s, burst(rng, draw(rng, 0.05, 0.3), draw(rng, 200.0, 2000.0), 7800.0), draw(rng, 0.1, 1.0))
    return room(x, rng)


def scream(rng: Rng) -> Floats:
    """A voiced sound under strain: high or loud, bright, rough, one breath long."""
    duration_s = draw(rng, 0.4, 2.2)
    t = seconds(duration_s) / duration_s
    top_hz = draw_octave(rng, 250.0, 1800.0)
    contour = 1.0 - rng.uniform(0.0, 0.25) * (1.0 - np.minimum(t / 0.15, 1.0)) - rng.uniform(0.0, 0.45) * t**2
    wobble = np.cumsum(rng.standard_normal(t.size)) / np.sqrt(RATE) * rng.uniform(0.0, 0.12)
    x = harmonics(top_hz * contour * np.exp(wobble - wobble.mean()), draw(rng, 0.1, 1.0), 24, rng)
    beat_hz, depth = draw(rng, 30.0, 150.0), draw(rng, 0.2, 1.0)
    x *= 1.0 - depth * 0.5 * (1.0 + np.sin(2.0 * np.pi * beat_hz * seconds(duration_s) + 3.0 * wobble))
    x += draw(rng, 0.1, 0.7) * np.abs(x).mean() * rng.standard_normal(x.size)
    y = np.zeros_like(x)
    for centre, width, gain in ((900.0, 0.5, 1.0), (1500.0, 0.4, 0.8), (3000.0, 0.4, rng.uniform(0.2, 0.9))):
        hz = centre * draw(rng, 0.8, 1.25)
        sos = butter(1, (hz * (1 - width / 2), hz * (1 + width / 2)), "bandpass", fs=RATE, output="sos")
        y += gain * sosfilt(sos, x)
    y *= np.minimum(1.0, t / 0.06) * np.minimum(1.0, (1.0 - t) / draw(rng, 0.1, 0.5))
    return room(y, rng)


def bang(rng: Rng) -> Floats:
    """A blow: everything at once, the low part longest."""
    x = np.zeros(int(1.2 * RATE))
    add(x, 0.0, burst(rng, draw(rng, 0.003, 0.03), 100.0, draw(rng, 2000, 7500)), 0.7)
    add(x, 0.0, burst(rng, draw(rng, 0.02, 0.15), 50.0, draw(rng, 200.0, 1500.0)), draw(rng, 0.7, 1.5))
    thump = ring(rng, 45.0, 250.0, draw(rng, 0.02, 0.1), 3)
    add(x, 0.0, thump, draw(rng, 0.3, 1.5))
    return room(x, rng)


def music(rng: Rng) -> Floats:
    """Notes of one key, plucked or bowed, up to three at once: tones that are no alarm."""
    x = np.zeros(int(5.0 * RATE))
    root, beat_s = draw(rng, 110.0, 500.0), draw(rng, 0.12, 0.6)
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16])
    for at_s in np.arange(0.0, 4.8, beat_s):
        for _ in range(int(rng.integers(0, 4))):
            hz = root * 2.0 ** (float(rng.choice(scale)) / 12.0)
            length_s = beat_s * float(rng.choice([1.0, 2.0, 4.0]))
            t = seconds(length_s)
            bowed = rng.uniform() < 0.3
            swell = np.minimum(t / 0.06, 1.0) * np.minimum((length_s - t) / 0.06, 1.0)
            shape = swell if bowed else np.exp(-4.0 * t / length_s)
            vibrato = 1.0 + 0.004 * np.sin(2.0 * np.pi * 5.5 * t) * bowed
            note = harmonics(hz * vibrato, draw(rng, 0.8, 2.0), 8, rng) * shape
            add(x, float(at_s), note, draw(rng, 0.2, 1.0))
        if rng.uniform() < 0.4:
            add(x, float(at_s), burst(rng, 0.02, 200.0, 7000.0), draw(rng, 0.1, 0.6))
    return room(x, rng)


def clink(rng: Rng) -> Floats:
    """Bottles or dishes that touch: a few pieces ring, nothing breaks."""
    x = np.zeros(int(3.0 * RATE))
    for at_s in np.sort(rng.uniform(0.2, 2.6, int(rng.integers(1, 6)))):
        add(x, float(at_s), burst(rng, 0.003, 500.0, 7500.0), draw(rng, 0.1, 0.5))
        piece = ring(rng, draw(rng, 900.0, 4000.0), 7500.0, draw(rng, 0.01, 0.15), int(rng.integers(1, 5)))
        add(x, float(at_s), piece, draw(rng, 0.3, 1.0))
    return room(x, rng)


def scanner(rng: Rng) -> Floats:
    """A till's scanner: single beeps, whenever somebody holds an article over it."""
    hz = draw(rng, 1500.0, 4000.0)
    starts = np.cumsum(rng.uniform(0.9, 3.0, 3)) - 0.5
    beep_s = draw(rng, 0.05, 0.2)
    on = [(float(a), float(a) + beep_s) for a in starts]
    return peak_one(np.sin(2.0 * np.pi * hz * seconds(5.0)) * gate(5.0, on))


def chime(rng: Rng) -> Floats:
    """A door's chime: two to four notes that ring out."""
    x = np.zeros(int(4.0 * RATE))
    root, at_s = draw(rng, 400.0, 1200.0), 0.4
    for _ in range(int(rng.integers(2, 5))):
        t = seconds(1.5)
        note = harmonics(np.full(t.size, root * 2.0 ** (float(rng.integers(-7, 8)) / 12.0)), 1.5, 4, rng)
        add(x, at_s, note * np.exp(-t / draw(rng, 0.15, 0.6)), 1.0)
        at_s += draw(rng, 0.25, 0.6)
    return room(x, rng)


def hum(rng: Rng) -> Floats:
    """A machine that runs: mains harmonics, a motor's whine, some noise, always the same."""
    t = seconds(5.0)
    x = harmonics(np.full(t.size, float(rng.choice([50.0, 60.0, 100.0]))), draw(rng, 0.5, 1.5), 40, rng)
    x += rng.uniform(0.0, 0.3) * np.sin(2.0 * np.pi * rng.uniform(300.0, 2500.0) * t)
    x += 0.3 * rng.standard_normal(t.size)
    return peak_one(x)


def room(x: NDArray[np.float64], rng: Rng) -> Floats:
    """With the echo of a room: noise that dies away within 0.2 to 0.8 s, brighter or duller."""
    t = seconds(0.5)
    decay_s = draw(rng, 0.03, 0.12)
    tail = rng.standard_normal(t.size) * np.exp(-t / decay_s)
    tail = sosfilt(butter(1, draw(rng, 2000.0, 7500.0), fs=RATE, output="sos"), tail)
    wet = fftconvolve(x, tail / np.sqrt(np.sum(tail**2)))[: x.size]
    return peak_one(x + draw(rng, 0.0, 0.7) * wet)


DANGERS: dict[str, Callable[[Rng], Floats]] = {
    "glass_break": glass,
    "alarm_sound": alarm,
    "scream": scream,
    "bang": bang,
}
HARMLESS: dict[str, Callable[[Rng], Floats]] = {
    "music": music,
    "clink": clink,
    "scanner": scanner,
    "chime": chime,
    "hum": hum,
}
