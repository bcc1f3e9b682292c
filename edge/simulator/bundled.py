"""The sessions in ``recordings/``: small, and made again by :func:`write_bundled` and :func:`write_sounds`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge.recording.writer import SessionWriter
from edge.simulator.noise import StereoCamera
from edge.simulator.simulation import Simulated, simulate
from edge.simulator.sound import ShopSound, Sounding, shop_sound

CAMERA = StereoCamera(
    native_width_px=640,
    baseline_m=0.075,
    noise_px=0.015,
    pattern_px=0.03,
    correlation_px=6.0,
    steps_per_px=8.0,
    far_holes=0.02,
)
"""Structured light with eighths of a pixel: its pictures pack small."""

SIZE = (320, 180)
FPS = 10.0


@dataclass(frozen=True, slots=True)
class Bundled:
    """What makes one bundled session."""

    scenario: str
    seed: int
    duration_s: float
    description: str


BUNDLED: dict[str, Bundled] = {
    "shop-day": Bundled("shop_day", 4, 42.0, "Shoppers browse and pay, a family pushes a cart; empty at both ends."),
    "shop-night": Bundled("night", 3, 22.0, "Somebody walks through the shop at half past two at night."),
    "crowd-at-till": Bundled("crowd", 2, 30.0, "Eight people gather at the till, and go."),
}
"""Every bundled session by its folder's name."""


def write_bundled(name: str, out: Path) -> Simulated:
    """Write one of the bundled sessions to an empty folder.

    Raises
    ------
    KeyError
        If there is none of that name.
    SessionError
        If the folder is not empty or cannot be written.
    """
    it = BUNDLED[name]
    return simulate(
        it.scenario,
        it.seed,
        out,
        size=SIZE,
        fps=FPS,
        noise=CAMERA,
        duration_s=it.duration_s,
        compression=9,
        name=name,
        description=f"Simulated. {it.description}",
    )


SOUNDS = "shop-sounds"
SOUNDS_S, SOUNDS_SEED = 38.0, 7
SOUNDS_PLAN = (
    Sounding("chime", 2.0, -38.0),
    Sounding("beep", 5.0, -32.0),
    Sounding("beep", 6.3, -32.0),
    Sounding("beep", 8.2, -32.0),
    Sounding("clink", 10.5, -34.0),
    Sounding("glass_break", 14.0, -16.0),
    Sounding("alarm_sound", 21.0, -22.0),
    Sounding("bang", 35.0, -10.0),
)
"""From an ordinary evening to what must not be missed, and what is loud besides."""
SOUNDS_STORE = """[store]
name = "Corner shop"
timezone = "Asia/Tokyo"

[[microphone]]
id = "till"
position = [1.2, 0.6, 2.3]
"""


def write_sounds(out: Path) -> ShopSound:
    """Write the bundled session that has a microphone and no camera to an empty folder.

    Raises
    ------
    SessionError
        If the folder is not empty or cannot be written.
    """
    sound = shop_sound(SOUNDS_PLAN, SOUNDS_S, SOUNDS_SEED)
    description = "Made by arithmetic. A till, a door, a pane that breaks, a smoke alarm, something heavy that falls."
    with SessionWriter(out, name=SOUNDS, description=description, licence="Apache-2.0") as writer:
        writer.write_sound("till", sound.samples)
        writer.write_store(SOUNDS_STORE)
        rows = [(f"{one.t_start_s:.2f}", f"{one.t_end_s:.2f}", one.kind.value) for one in sound.truth]
        writer.write_truth("sounds.csv", ("t_start", "t_end", "kind"), rows)
    return sound
