"""The reasons of an alert, which add up."""

from __future__ import annotations

from edge.messages import Reason

MAX_REASONS = 20
"""An alert keeps its first reasons and its newest ones."""


def bounded(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """The first ten and the newest ten."""
    if len(reasons) <= MAX_REASONS:
        return reasons
    return (*reasons[: MAX_REASONS // 2], *reasons[-(MAX_REASONS - MAX_REASONS // 2) :])
