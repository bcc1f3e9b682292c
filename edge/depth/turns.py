"""Sharing work over frames: parts of a picture take turns, so that each is served within a given time."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """A part whose turn it is, and how long ago it had its last one (0 at its first)."""

    part: int
    elapsed_s: float


class Turns:
    """Serves ``parts`` parts in a ring, all of them within ``round_s``; at low frame rates several with each frame."""

    def __init__(self, parts: int, round_s: float) -> None:
        self.parts = parts
        self._round_s = round_s
        self._next = 0
        self._served_ns: list[int | None] = [None] * parts
        self._last_ns: int | None = None

    def due(self, t_ns: int) -> tuple[Turn, ...]:
        """The parts to serve with a frame at ``t_ns``."""
        elapsed_s = self._round_s if self._last_ns is None else (t_ns - self._last_ns) / 1e9
        self._last_ns = t_ns
        # Time stamps are rounded: a hair more than a whole number of parts is that number.
        count = min(self.parts, max(1, math.ceil(self.parts * elapsed_s / self._round_s - 0.05)))
        return tuple(self._serve(t_ns) for _ in range(count))

    def _serve(self, t_ns: int) -> Turn:
        part = self._next
        self._next = (part + 1) % self.parts
        before_ns, self._served_ns[part] = self._served_ns[part], t_ns
        return Turn(part, 0.0 if before_ns is None else (t_ns - before_ns) / 1e9)
