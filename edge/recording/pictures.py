"""Pictures of what came or went: a patch of depth before and after, drawn for people and kept for a while.

:func:`picture_png` draws one, the same bytes live and in replay; :class:`PictureFolder` keeps the newest on disk.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray

from edge.clock import NS_PER_S
from edge.messages import DepthPair

MAX_PICTURES = 2000
LEAST_FREE_BYTES = 32 * 2**20
"""The last room on a disk is not for pictures."""
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the name of a picture may be; anything else is no file name of ours."""
DRAWN_PX = 160
"""Small patches are enlarged by whole numbers toward this longest side, so that their pixels stay what they are."""
GAP_PX = 6
LEAST_RANGE_MM = 120.0
"""Colours span at least this much depth: a flat board is one colour, and not its noise."""
_NO_RETURN = (32, 27, 23)
_PAPER = (232, 236, 238)
_NEAR_TO_FAR = tuple(
    tuple(int(text[at : at + 2], 16) for at in (5, 3, 1))
    for text in ("#fdf3c4", "#f6c86b", "#e08a4f", "#b2536b", "#6f4480", "#36426b")
)
"""Blue, green, red: light and warm near by, dark and cool far away; it can be told apart without red or green too."""

log = structlog.get_logger(__name__)


def picture_png(pair: DepthPair) -> bytes:
    """A pair as one PNG: before on the left, after on the right, a pale strip between; no return is dark.

    Both halves have one scale from depth to colour, so that what came or went stands out.
    """
    both = np.stack((pair.before, pair.after))
    seen = both[both > 0]
    near, far = (float(mm) for mm in np.percentile(seen, (1.0, 99.0))) if seen.size else (0.0, 1.0)
    middle, half = (near + far) / 2, max(far - near, LEAST_RANGE_MM) / 2
    halves = [_drawn(patch, middle - half, middle + half) for patch in (pair.before, pair.after)]
    gap = np.full((halves[0].shape[0], GAP_PX, 3), _PAPER, np.uint8)
    ok, data = cv2.imencode(".png", np.concatenate((halves[0], gap, halves[1]), axis=1))
    if not ok:
        raise ValueError(f"no PNG can be made of {pair.before.shape}")
    return data.tobytes()


def depth_png(depth: NDArray[np.uint16], unit_m: float) -> bytes:
    """A whole frame as one PNG, in the same colours.

    Parameters
    ----------
    depth
        (height, width), 0 where there was no return.
    unit_m
        Metres of one step of depth.
    """
    seen = depth[depth > 0]
    near, far = (float(step) for step in np.percentile(seen, (1.0, 99.0))) if seen.size else (0.0, 1.0)
    ok, data = cv2.imencode(".png", _drawn(depth, near, max(far, near + LEAST_RANGE_MM / 1000.0 / unit_m)))
    if not ok:
        raise ValueError(f"no PNG can be made of {depth.shape}")
    return data.tobytes()


def _drawn(patch: NDArray[np.uint16], near_mm: float, far_mm: float) -> NDArray[np.uint8]:
    """One half, (height, width, 3) blue, green, red."""
    at = np.clip((patch - near_mm) / (far_mm - near_mm), 0.0, 1.0) * (len(_NEAR_TO_FAR) - 1)
    steps = range(len(_NEAR_TO_FAR))
    channels = [np.interp(at, steps, [colour[channel] for colour in _NEAR_TO_FAR]) for channel in range(3)]
    drawn = np.stack(channels, axis=2).round().astype(np.uint8)
    drawn[patch == 0] = _NO_RETURN
    times = max(1, DRAWN_PX // max(patch.shape))
    return drawn.repeat(times, axis=0).repeat(times, axis=1)


class PictureFolder:
    """The newest pictures of one box, as ``<name>.png`` that only its own user may read.

    A disk that fails costs pictures and nothing else: what could not be kept is counted, and said in the log.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failed = 0
        """Pictures that could not be kept, so far."""
        self._kept = self._found()
        self._spared: frozenset[str] = frozenset()

    def spare(self, names: frozenset[str]) -> None:
        """Keep pictures of these names however old they are and however many others come; of no others any more."""
        self._spared = names

    def keep(self, pair: DepthPair) -> bool:
        """Write a picture, whole or not at all; False where it could not be kept."""
        if pair.name in self._kept:
            return True
        if not NAME.fullmatch(pair.name):
            return self._fail(f"{pair.name[:40]!r} is no name for a picture")
        half_written = self.folder / f".{pair.name}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if shutil.disk_usage(self.folder).free < LEAST_FREE_BYTES:
                return self._fail("there is too little room on the disk")
            with open(half_written, "wb", opener=_for_us_alone) as file:
                file.write(picture_png(pair))
            half_written.replace(self._file(pair.name))
        except OSError as error:
            with suppress(OSError):  # the first error is the one to tell
                half_written.unlink(missing_ok=True)
            return self._fail(error.strerror or str(error))
        self._kept[pair.name] = None
        while len(self._kept) > MAX_PICTURES + len(self._spared):
            self._forget(next(name for name in self._kept if name not in self._spared))
        return True

    def prune(self, now_ns: int, keep_h: float = 72.0) -> None:
        """Remove what is older than ``keep_h`` at ``now_ns``, UTC, and not spared."""
        for name in tuple(self._kept):
            if name in self._spared:
                continue
            try:
                old = now_ns - self._file(name).stat().st_mtime_ns > keep_h * 3600 * NS_PER_S
            except OSError:  # somebody removed it, or the disk is gone: there is nothing here to keep
                old = True
            if old:
                self._forget(name)

    def read(self, name: str) -> bytes | None:
        """The PNG of that name; None where there is none.  Any text may be asked for, from any thread."""
        if not NAME.fullmatch(name):
            return None
        try:
            return self._file(name).read_bytes()
        except OSError:
            return None

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.png"

    def _forget(self, name: str) -> None:
        del self._kept[name]
        try:
            self._file(name).unlink(missing_ok=True)
        except OSError as error:
            self._fail(error.strerror or str(error))

    def _found(self) -> dict[str, None]:
        """Names of the pictures of earlier runs, oldest first; what a killed run left half written is removed."""
        try:
            for left in self.folder.glob(".*.part"):
                left.unlink()
            files = sorted((file.stat().st_mtime_ns, file.stem) for file in self.folder.glob("*.png"))
        except OSError as error:
            self._fail(error.strerror or str(error))
            return {}
        return {name: None for _, name in files if NAME.fullmatch(name)}

    def _fail(self, why: str) -> bool:
        self.failed += 1
        if self.failed == 1 or self.failed % 100 == 0:
            log.warning("picture not kept", folder=str(self.folder), why=why, failed=self.failed)
        return False


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
