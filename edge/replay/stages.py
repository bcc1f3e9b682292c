"""How long each stage of a replay takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from edge.clock import monotonic_ns

KEPT = 100_000
"""Durations kept per stage; beyond it each new one replaces a kept one in turn, so memory stays bounded."""


@dataclass(frozen=True, slots=True)
class StageTime:
    """One stage over a whole replay."""

    name: str
    calls: int
    median_ms: float
    p99_ms: float
    total_s: float


class Stages:
    """Durations of named stages."""

    def __init__(self) -> None:
        self._durations_ns: dict[str, list[int]] = {}
        self._calls: dict[str, int] = {}
        self._totals_ns: dict[str, int] = {}

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Time what is done inside the ``with`` block."""
        began = monotonic_ns()
        try:
            yield
        finally:
            self._add(name, monotonic_ns() - began)

    def _add(self, name: str, duration_ns: int) -> None:
        kept = self._durations_ns.setdefault(name, [])
        calls = self._calls.get(name, 0)
        if len(kept) < KEPT:
            kept.append(duration_ns)
        else:
            kept[calls % KEPT] = duration_ns
        self._calls[name] = calls + 1
        self._totals_ns[name] = self._totals_ns.get(name, 0) + duration_ns

    def times(self) -> tuple[StageTime, ...]:
        """Every stage, in the order in which they first ran."""
        return tuple(self._time(name) for name in self._durations_ns)

    def _time(self, name: str) -> StageTime:
        milliseconds = np.array(self._durations_ns[name], dtype=np.float64) / 1e6
        median, p99 = (float(v) for v in np.percentile(milliseconds, [50, 99]))
        return StageTime(
            name, self._calls[name], round(median, 4), round(p99, 4), round(self._totals_ns[name] / 1e9, 4)
        )
