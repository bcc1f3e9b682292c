"""The static background of a camera, per lattice pixel: learnt while people walk, slowly adapted, never absorbing them.

For a fixed depth camera the background is the farthest surface that a pixel sees again and again.  So a farther surface
that persists for a fraction of a second replaces what was believed (somebody who stood there has left), and a nearer
one is foreground until it has stood still for minutes, or for much longer where it looks like a person.  Each pixel
learns its own noise (mean absolute deviation), so that one rule serves stereo and time-of-flight sensors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.depth import kernels
from edge.depth.optics import Optics
from edge.depth.turns import Turns
from edge.messages import DepthFrame
from edge.settings import EyeSettings

UNCOVER_S = 0.4
"""A farther surface seen this long is the true background."""
MEMORY_S = 20.0
"""Time constant of the running mean."""
TOLERANCE_DEVIATIONS = 4.5
LEAST_TOLERANCE_M = 0.04
LEAST_DEVIATION_M = 0.0005
NOISE_M = 0.002
NOISE_GROWTH_PER_M = 0.0016
"""Temporal noise before any has been measured: grows with the square of the distance, as for stereo.

Between a Kinect v2 (5 mm at 3.3 m), an Asus Xtion (15 mm at 3.25 m) and a RealSense D4xx (24 mm at 2.9 m).
"""
BLINK_S = 0.5
"""Something nearer that is gone again after this long has blinked."""
BLINKS = 4.0
"""A pixel with so many blinks within its memory is at the edge of something, or sees badly."""
MOST_TOLERANCE = 0.12
"""Tolerance never exceeds this share of the depth."""
MOST_STEP_S = 1.0
"""A longer gap between frames counts as this long."""
FIRST_TRUST_S = 0.5
"""The first view and the expected noise weigh as much as this long a look."""
PIXELS_PER_TURN = 16_000
ROUND_S = 0.15
"""The background is adapted by turns of rows, each pixel within this time."""
DOUBT_S = 30.0
"""What looked like a person in the first view, and has not moved since, is taken for furniture after this long."""
UNKNOWN_REACH_M = 6.5
"""Where a single first view has no return, nothing farther is foreground: far walls come and go in their own noise."""
MOST_UNITS = 65_535
UNKNOWN_ABSORB_S = 3.0
"""Where nothing was ever seen, a surface that stays this long is background."""


@dataclass(slots=True)
class Foreground:
    """The foreground of one frame: the first ``found`` entries of ``index`` are lattice indices."""

    index: NDArray[np.int32]
    found: int
    valid: int


class Background:
    """Per-pixel background of one camera.

    Parameters
    ----------
    optics
        The camera's lattice.
    settings
        How long standing things stay foreground.
    empty
        The view with nobody in it, uint16 (height, width) in depth units, if one was taken.
    """

    def __init__(self, optics: Optics, settings: EyeSettings, empty: NDArray[np.uint16] | None) -> None:
        shape = (optics.rows, optics.columns)
        self._optics = optics
        self._settings = settings
        self._planes = np.zeros((kernels.PLANES, *shape), np.float32)
        self._planes[kernels.ABSORB_S] = settings.static_absorb_s
        self._limit = np.full(shape, MOST_UNITS, np.uint16)
        self._found = Foreground(np.zeros(shape[0] * shape[1] + 1, np.int32), 0, 0)
        self._rule = _rule(optics.unit_m, settings)
        self._turns = Turns(max(1, round(shape[0] * shape[1] / PIXELS_PER_TURN)), ROUND_S)
        self.known = False
        if empty is not None:
            self.learn(empty, installed=True)

    def learn(self, depth: NDArray[np.uint16], *, installed: bool) -> None:
        """Take a view as the background: uint16 (height, width); pixels without a return stay unknown.

        In a view that was ``installed`` with nobody in it, such pixels look far away, through a door perhaps.
        """
        lattice = _without_pinholes(depth[:: self._optics.stride, :: self._optics.stride].astype(np.float32))
        planes = self._planes
        planes[kernels.MEAN] = lattice
        planes[kernels.SEEN_S] = FIRST_TRUST_S
        planes[kernels.DEVIATION] = self._rule[kernels.NOISE] + self._rule[kernels.NOISE_GROWTH] * lattice**2
        planes[kernels.ABSORB_S] = np.where(lattice > 0, self._settings.static_absorb_s, UNKNOWN_ABSORB_S)
        tolerance = np.maximum(
            TOLERANCE_DEVIATIONS * planes[kernels.DEVIATION], LEAST_TOLERANCE_M / self._optics.unit_m
        )
        reach = MOST_UNITS if installed else min(UNKNOWN_REACH_M / self._optics.unit_m, MOST_UNITS)
        self._limit[:] = np.where(lattice > 0, np.clip(lattice - tolerance, 0, MOST_UNITS), reach)
        self.known = True

    def view(self) -> NDArray[np.uint16]:
        """The background as a picture, uint16 (height, width) in depth units, 0 where none is known."""
        stride = self._optics.stride
        lattice = np.clip(self._planes[kernels.MEAN], 0, MOST_UNITS).astype(np.uint16)
        return np.repeat(np.repeat(lattice, stride, axis=0), stride, axis=1)

    def doubt(self, lattice_index: NDArray[np.int32]) -> None:
        """Somebody seems to stand at these pixels while learning begins: they stay foreground until he moves on."""
        mean = self._planes[kernels.MEAN].reshape(-1)
        mean[lattice_index] = -np.abs(mean[lattice_index])
        self._limit.reshape(-1)[lattice_index] = MOST_UNITS
        self._planes[kernels.ABSORB_S].reshape(-1)[lattice_index] = DOUBT_S

    def protect(self, lattice_index: NDArray[np.int32], seconds: float) -> None:
        """Foreground at these pixels stays foreground for ``seconds`` of standing still.

        Where no background is known yet it stays foreground as long as it is protected, and a little longer.
        """
        kernels.shield(self._planes.reshape(kernels.PLANES, -1), lattice_index, seconds, UNKNOWN_ABSORB_S)

    def split(self, frame: DepthFrame) -> Foreground:
        """The foreground of a frame against what is known so far."""
        self._found.found, self._found.valid = kernels.foreground(
            frame.depth, self._optics.stride, self._limit, self._found.index
        )
        return self._found

    def adapt(self, frame: DepthFrame) -> None:
        """Follow what this frame shows."""
        for turn in self._turns.due(frame.t_ns):
            if turn.elapsed_s > 0.0:
                kernels.adapt(
                    frame.depth, self._optics.stride, turn.part, self._turns.parts, min(turn.elapsed_s, MOST_STEP_S),
                    self._rule, self._planes, self._limit,
                )  # fmt: skip


def _rule(unit_m: float, settings: EyeSettings) -> NDArray[np.float32]:
    """The numbers that the compiled update follows, in depth units where they are lengths."""
    rule = np.zeros(kernels.RULES, np.float32)
    rule[kernels.UNCOVER_S] = UNCOVER_S
    rule[kernels.MEMORY_S] = MEMORY_S
    rule[kernels.TOLERANCE_K] = TOLERANCE_DEVIATIONS
    rule[kernels.LEAST_TOLERANCE] = LEAST_TOLERANCE_M / unit_m
    rule[kernels.LEAST_DEVIATION] = min(0.5, LEAST_DEVIATION_M / unit_m)
    rule[kernels.TOLERANCE_CAP] = MOST_TOLERANCE
    rule[kernels.USUAL_ABSORB_S] = settings.static_absorb_s
    rule[kernels.BLINK_S] = BLINK_S
    rule[kernels.BLINKS] = BLINKS
    rule[kernels.NOISE] = NOISE_M / unit_m
    rule[kernels.NOISE_GROWTH] = NOISE_GROWTH_PER_M * unit_m
    return rule


def _without_pinholes(lattice: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pixels without a return, but with five neighbours of eight, take the farthest of them."""
    padded = np.pad(lattice, 1)
    rows, columns = lattice.shape
    around = np.stack([padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)])
    pinhole = (lattice == 0) & ((around > 0).sum(axis=0) >= 5)
    return np.where(pinhole, around.max(axis=0), lattice)
