"""The sessions in ``recordings/``: small, and made again to the byte by :func:`write_bundled`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge.simulator.noise import StereoCamera
from edge.simulator.simulation import Simulated, simulate

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
