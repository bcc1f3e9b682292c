"""From frames to windows of some seconds in which nothing but the machine and its room is heard.

::

    frame -> block of a second -> is it foreign (voices, sudden loudness, silence, broken samples)?
          -> every few seconds the last ten blocks -> a window of those that are not, if they are enough
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.audio.machine_features import (
    BLOCK,
    QUIET_DBFS,
    BlockSums,
    WindowFeatures,
    added,
    block_sums,
    level_dbfs,
    window_features,
)
from edge.messages.hearing import FRAME, FRAME_NS, RATE_HZ

BLOCK_NS = BLOCK * 1_000_000_000 // RATE_HZ
WINDOW_BLOCKS = 10
"""Ten seconds hold several strokes of a slow pump and level out the noise of a spectrum."""
ENOUGH_BLOCKS = 6
"""A window counts if so many of its blocks do."""
SPEECH = 0.5
SPEECH_SHARE = 0.15
"""A block in which so much of the time is likely speech is left out: one syllable colours a second."""
JUMP_DB = 9.0
"""A block so far above the usual level is something else than the machine, unless it stays."""
USUAL_BLOCKS = 60
"""The usual level is the median of so many blocks, so that a compressor that starts is taken up in half a minute."""
BROKEN_SHARE = 0.02
"""A block with more samples than this that are not numbers says nothing."""
CONTIGUOUS_NS = FRAME_NS // 2
"""A frame that comes this far from where it should follows a gap: nothing is joined across it."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some seconds of a machine."""

    t_start_ns: int
    t_end_ns: int
    first_block: int
    """Blocks are counted; those across a gap differ by a whole window, so that windows that share none are known."""
    level_dbfs: float
    features: WindowFeatures


@dataclass(frozen=True, slots=True)
class _Block:
    t_ns: int
    level_dbfs: float
    sums: BlockSums | None


class MachineWindows:
    """Cuts one microphone's frames into overlapping windows."""

    def __init__(self, hop_blocks: int) -> None:
        self._hop = hop_blocks
        self._blocks: deque[_Block] = deque(maxlen=WINDOW_BLOCKS)
        self._levels: deque[float] = deque(maxlen=USUAL_BLOCKS)
        self._samples = np.zeros(BLOCK, np.float32)
        self._filled, self._speech = 0, 0
        self._until = WINDOW_BLOCKS
        self._block_ns = 0
        self._next_ns: int | None = None
        self._count = 0

    def step(self, frame: NDArray[np.float32], t_ns: int, speech_probability: float) -> Window | None:
        """Take 10 ms; return the window that ends with them, if one does and it counts."""
        if self._next_ns is not None and abs(t_ns - self._next_ns) > CONTIGUOUS_NS:
            self._restart()
        if self._filled == 0:
            self._block_ns = t_ns
        self._next_ns = t_ns + FRAME_NS
        self._samples[self._filled : self._filled + FRAME] = frame
        self._filled += FRAME
        self._speech += FRAME * (speech_probability >= SPEECH)
        if self._filled < BLOCK:
            return None
        block = self._finish_block()
        self._blocks.append(block)
        self._count += 1
        if block.sums is not None:
            self._levels.append(block.level_dbfs)
        self._until -= 1
        if self._until > 0:
            return None
        self._until = self._hop
        return self._window()

    def _restart(self) -> None:
        self._blocks.clear()
        self._until = WINDOW_BLOCKS
        self._filled, self._speech = 0, 0
        self._count += WINDOW_BLOCKS

    def _finish_block(self) -> _Block:
        broken = ~np.isfinite(self._samples)
        sound = np.clip(np.where(broken, 0.0, self._samples), -1.0, 1.0).astype(np.float32)
        foreign = self._speech > SPEECH_SHARE * BLOCK or broken.mean() > BROKEN_SHARE
        self._filled, self._speech = 0, 0
        level = level_dbfs(float(np.var(sound, dtype=np.float64)))
        return _Block(self._block_ns, level, None if foreign or level < QUIET_DBFS else block_sums(sound))

    def _window(self) -> Window | None:
        """The last blocks together, unless too much else was heard."""
        loud_dbfs = float(np.median(self._levels)) + JUMP_DB if self._levels else 0.0
        counted = [block.sums for block in self._blocks if block.sums is not None and block.level_dbfs <= loud_dbfs]
        if len(counted) < ENOUGH_BLOCKS:
            return None
        sums = added(counted)
        return Window(
            t_start_ns=self._blocks[0].t_ns,
            t_end_ns=self._blocks[-1].t_ns + BLOCK_NS,
            first_block=self._count - WINDOW_BLOCKS,
            level_dbfs=level_dbfs(sums.power / sums.blocks),
            features=window_features(sums),
        )
