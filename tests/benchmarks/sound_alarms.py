"""Alarms of every make, and electronics and creatures that sound like them, made by arithmetic.

Standards: temporal three (ISO 8201), four (carbon monoxide, UL 2034), two tones in turn (DIN 14610), sweeps of vehicles
(SAE J1849: wail 10 to 30, yelp 150 to 250 cycles a minute), bells (a hammer's 10 to 30 blows a second).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.sound_paths import heard_there
from tests.benchmarks.sound_synthesis import (
    RATE,
    Floats,
    Rng,
    add,
    burst,
    draw,
    draw_octave,
    gate,
    harmonics,
    seconds,
    sweep,
)

Samples = NDArray[np.float64]


def sounder(hz: Samples, rng: Rng) -> Samples:
    """A tone as a piezo disc, a horn or a loudspeaker gives it: partials at any heights, odd ones often stronger."""
    phase = 2.0 * np.pi * np.cumsum(hz) / RATE
    count, fall, odd = int(rng.integers(1, 14)), draw(rng, 0.3, 2.0), draw(rng, 0.1, 1.0)
    x = np.zeros_like(phase)
    for k in range(1, count + 1):
        height = k**-fall * draw(rng, 0.3, 1.0) * (odd if k % 2 == 0 else 1.0)
        x += np.where(hz * k < 7700.0, height, 0.0) * np.sin(k * phase + draw(rng, 0.0, 6.28))
    return x


def steady(duration_s: float, hz: float) -> Samples:
    """One pitch."""
    return np.full(seconds(duration_s).size, hz)


def standard(rng: Rng) -> Samples:
    """Temporal three or four, low or high, pure or square."""
    hz = float(rng.choice([520.0, draw(rng, 2700.0, 3500.0), draw_octave(rng, 500.0, 4000.0)]))
    four = rng.uniform() < 0.4
    duration_s = 8.0
    if four:
        spans = [(c + 0.2 * k, c + 0.2 * k + 0.1) for c in np.arange(0.0, duration_s, 5.8) for k in range(4)]
    else:
        spans = [(c + k, c + k + 0.5) for c in np.arange(0.0, duration_s, 4.0) for k in range(3)]
    return sounder(steady(duration_s, hz), rng) * gate(duration_s, spans, draw(rng, 0.001, 0.02))


def beeper(rng: Rng) -> Samples:
    """Beeps in groups: clocks, panels, detectors, doors of freezers."""
    duration_s = draw(rng, 3.0, 6.0)
    beep_s, many = draw_octave(rng, 0.03, 0.7), int(rng.integers(1, 6))
    pause_s = draw_octave(rng, 0.04, 0.7)
    rest_s = float(rng.choice([0.0, draw(rng, 0.2, 1.2)]))
    period_s = many * (beep_s + pause_s) + rest_s
    spans = [
        (c + k * (beep_s + pause_s), c + k * (beep_s + pause_s) + beep_s)
        for c in np.arange(0.0, duration_s, period_s)
        for k in range(many)
    ]
    x = sounder(steady(duration_s, draw_octave(rng, 450.0, 4500.0)), rng)
    return x * gate(duration_s, spans, draw(rng, 0.001, 0.015))


def siren(rng: Rng) -> Samples:
    """Sweeps of vehicles and of burglar alarms: wail, yelp, whoop, phaser."""
    duration_s = draw(rng, 3.0, 6.0)
    low_hz = draw_octave(rng, 350.0, 1500.0)
    shape = str(rng.choice(["sine", "triangle", "rise", "rise"]))
    period_s = draw_octave(rng, 0.06, 6.0)
    pitch = sweep(duration_s, low_hz, low_hz * draw_octave(rng, 1.15, 3.0), period_s, shape)
    return sounder(pitch[::-1] if rng.uniform() < 0.3 else pitch, rng)


def two_tones(rng: Rng) -> Samples:
    """Two pitches in turn."""
    duration_s = draw(rng, 3.0, 6.0)
    low_hz = draw_octave(rng, 350.0, 2500.0)
    return sounder(sweep(duration_s, low_hz, low_hz * draw(rng, 1.1, 1.6), draw_octave(rng, 0.15, 2.5), "steps"), rng)


def car(rng: Rng) -> Samples:
    """A car's alarm: patterns one after the other, or its horn in blows of half a second."""
    if rng.uniform() < 0.5:
        return np.concatenate([rng.choice([siren, two_tones, beeper])(rng)[: int(1.6 * RATE)] for _ in range(4)])
    duration_s, on_s = draw(rng, 3.0, 6.0), draw(rng, 0.2, 0.8)
    low_hz = draw(rng, 300.0, 520.0)
    x = sum((sounder(steady(duration_s, low_hz * ratio), rng) for ratio in (1.0, draw(rng, 1.15, 1.3))), np.zeros(1))
    return x * gate(duration_s, [(a, a + on_s) for a in np.arange(0.0, duration_s, on_s * draw(rng, 1.4, 2.2))])


def bell(rng: Rng) -> Samples:
    """A hammer that hits a gong again and again: modes that have nothing to do with each other."""
    duration_s, blows_hz = draw(rng, 3.0, 5.0), draw(rng, 8.0, 30.0)
    x = np.zeros(int(duration_s * RATE))
    modes = [(draw_octave(rng, 500.0, 6500.0), draw(rng, 0.2, 1.0), draw(rng, 0.1, 0.8)) for _ in range(7)]
    t = seconds(0.7)
    for at_s in np.arange(0.0, duration_s, 1.0 / blows_hz):
        blow = sum(
            (h * np.exp(-t / tau) * np.sin(2.0 * np.pi * hz * t + draw(rng, 0.0, 6.28)) for hz, h, tau in modes),
            np.zeros(t.size),
        )
        add(x, float(at_s), blow, draw(rng, 0.7, 1.0))
        add(x, float(at_s), burst(rng, 0.003, 500.0, 7500.0), draw(rng, 0.0, 0.4))
    if rng.uniform() < 0.4:
        on_s = draw(rng, 0.5, 2.0)
        x *= gate(duration_s, [(a, a + on_s) for a in np.arange(0.0, duration_s, 1.5 * on_s)])
    return x


def buzzer(rng: Rng) -> Samples:
    """A contact that buzzes: many partials of a low pitch, heard through a resonance, on and off."""
    duration_s = draw(rng, 3.0, 5.0)
    base_hz = draw(rng, 80.0, 500.0)
    x = harmonics(steady(duration_s, base_hz), draw(rng, 0.0, 0.6), 40, rng)
    on_s, off_s = draw(rng, 0.15, 1.2), draw(rng, 0.1, 0.8)
    return x * gate(duration_s, [(a, a + on_s) for a in np.arange(0.0, duration_s, on_s + off_s)])


ALARMS: dict[str, tuple[float, Callable[[Rng], Samples]]] = {
    "standard": (2.5, standard),
    "beeper": (2.5, beeper),
    "siren": (3.0, siren),
    "two_tones": (1.5, two_tones),
    "car": (1.0, car),
    "bell": (1.0, bell),
    "buzzer": (0.5, buzzer),
}


def alarm_there(rng: Rng) -> Floats:
    """Any of them, from some place; sometimes two at once, sometimes cut short."""
    shares = np.array([share for share, _ in ALARMS.values()])
    kinds = [make for _, make in ALARMS.values()]
    x = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))](rng)
    if rng.uniform() < 0.15:
        other = kinds[int(rng.integers(len(kinds)))](rng)[: x.size]
        x[: other.size] += draw(rng, 0.1, 0.7) * other * np.abs(x).max() / np.abs(other).max()
    if rng.uniform() < 0.3:
        x = x[: int(draw(rng, 1.2, 3.0) * RATE)]
    if rng.uniform() < 0.25:  # it passes, or turns
        t = seconds(x.size / RATE + 0.1)[: x.size]
        x = x * 10.0 ** (-draw(rng, 0.0, 0.5) * np.sin(draw(rng, 0.3, 2.0) * t + draw(rng, 0.0, 6.28)))
    return heard_there(x, rng)


def ringtone(rng: Rng) -> Floats:
    """A telephone's tune, or a game's: notes as exact as an alarm's, but a melody."""
    x = np.zeros(int(5.0 * RATE))
    root, beat_s = draw_octave(rng, 300.0, 1800.0), draw(rng, 0.08, 0.35)
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16])
    tune = [
        (float(rng.choice(scale)), float(rng.choice([1.0, 1.0, 2.0, 3.0]))) for _ in range(int(rng.integers(6, 14)))
    ]
    at_s, decay = 0.2, draw(rng, 0.0, 4.0)
    while at_s < 4.6:
        for note, beats in tune:
            length_s = beats * beat_s
            t = seconds(length_s)
            tone = sounder(np.full(t.size, root * 2.0 ** (note / 12.0)), rng) * np.exp(-decay * t / length_s)
            add(x, at_s, tone * np.minimum(1.0, (length_s - t) / 0.01), draw(rng, 0.7, 1.0))
            at_s += length_s
            if at_s > 4.6:
                break
    return heard_there(x, rng)


def dialling(rng: Rng) -> Floats:
    """Keys of a telephone, a till or a card terminal: short tones, now this one, now that."""
    rows, columns = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)
    x, at_s, one = np.zeros(int(5.0 * RATE)), 0.3, draw_octave(rng, 800.0, 3500.0)
    keys = rng.uniform() < 0.6
    while at_s < 4.6:
        length_s = draw(rng, 0.05, 0.25)
        t = seconds(length_s)
        pitches = (float(rng.choice(rows)), float(rng.choice(columns))) if keys else (one,)
        add(x, at_s, sum((np.sin(2.0 * np.pi * hz * t) for hz in pitches), np.zeros(t.size)), 1.0)
        at_s += length_s + draw(rng, 0.1, 1.2)
    return heard_there(x, rng)


def creature(rng: Rng) -> Floats:
    """What crows, cries, chirps or howls: a pitch that rises and falls, never twice the same, in one breath."""
    x, at_s = np.zeros(int(5.0 * RATE)), draw(rng, 0.1, 0.8)
    middle_hz = draw_octave(rng, 300.0, 4000.0)
    usual_s, pause_s, fall = draw_octave(rng, 0.06, 1.5), draw_octave(rng, 0.1, 1.2), draw(rng, 0.2, 1.8)
    while at_s < 4.7:
        t = seconds(usual_s * draw(rng, 0.6, 1.5))
        u = t / t[-1]
        bend = draw(rng, -0.5, 0.5) * u + draw(rng, 0.0, 0.7) * np.sin(np.pi * u ** draw(rng, 0.5, 2.0))
        shake = np.cumsum(rng.standard_normal(t.size)) / np.sqrt(RATE) * draw(rng, 0.02, 0.2)
        pitch = middle_hz * draw(rng, 0.85, 1.2) * 2.0 ** (bend + shake)
        voice = harmonics(np.minimum(pitch, 6500.0), fall, 16, rng) + draw(rng, 0.0, 0.4) * rng.standard_normal(t.size)
        add(x, at_s, voice * np.sin(np.pi * u) ** draw(rng, 0.2, 1.0), draw(rng, 0.4, 1.0))
        at_s += t[-1] + pause_s * draw(rng, 0.4, 2.0)
    return heard_there(x, rng)


def motor(rng: Rng) -> Floats:
    """A fan, a saw, a compressor: lines that go with its speed, which is never quite the same."""
    t = seconds(5.0)
    slow = np.interp(t, np.linspace(0.0, 5.0, 12), rng.standard_normal(12)) * draw_octave(rng, 0.001, 0.1)
    turns = draw_octave(rng, 20.0, 400.0) * np.exp(slow)
    x = harmonics(turns, draw(rng, 0.0, 1.2), 60, rng)
    x += draw(rng, 0.0, 1.0) * harmonics(turns * draw(rng, 4.0, 12.0), draw(rng, 0.5, 1.5), 6, rng)
    x += draw_octave(rng, 0.1, 3.0) * np.std(x) * rng.standard_normal(t.size)
    return heard_there(x, rng)


def whistle(rng: Rng) -> Floats:
    """Somebody whistles a tune, or wheels squeak: one pure line that glides from note to note."""
    t = seconds(5.0)
    count = int(rng.integers(6, 20))
    notes = draw_octave(rng, 600.0, 2500.0) * 2.0 ** (rng.integers(-7, 8, count) / 12.0)
    held = np.repeat(notes, int(np.ceil(t.size / count)))[: t.size]
    smooth = np.convolve(held, np.ones(800) / 800.0, "same")
    pitch = smooth * (1.0 + draw(rng, 0.0, 0.02) * np.sin(2.0 * np.pi * draw(rng, 4.0, 7.0) * t))
    loud = np.interp(t, np.linspace(0.0, 5.0, 40), rng.uniform(0.1, 1.0, 40))
    return heard_there(harmonics(pitch, draw(rng, 2.0, 3.0), 3, rng) * loud + 0.02 * rng.standard_normal(t.size), rng)


LIKE_ALARMS: dict[str, Callable[[Rng], Floats]] = {
    "ringtone": ringtone,
    "dialling": dialling,
    "creature": creature,
    "motor": motor,
    "whistle": whistle,
}
