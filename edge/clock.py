"""The only place, with the doors, where a clock is read."""

from __future__ import annotations

import time

NS_PER_S = 1_000_000_000


def utc_ns() -> int:
    """UTC now, nanoseconds since 1970-01-01."""
    return time.time_ns()


def monotonic_ns() -> int:
    """A clock that never goes back, in nanoseconds from an arbitrary start."""
    return time.monotonic_ns()


def seconds(t_ns: int) -> float:
    """Nanoseconds as seconds."""
    return t_ns / NS_PER_S


def nanoseconds(t_s: float) -> int:
    """Seconds as whole nanoseconds, rounded to the nearest."""
    return round(t_s * NS_PER_S)


def decimal_seconds(t_ns: int) -> str:
    """A time as text: seconds with six decimals, rounded to the microsecond, as sessions and results write it."""
    t_us = (abs(t_ns) + 500) // 1000
    return f"{'-' if t_ns < 0 and t_us else ''}{t_us // 1_000_000}.{t_us % 1_000_000:06d}"
