"""Which alerts ring nobody for a while, because somebody asked for that."""

from __future__ import annotations

from collections.abc import Sequence

from edge.messages import Alert, EventKind, Snooze
from edge.settings import longest_snooze_ns


class Snoozing:
    """The snoozes that are known, and whether they hush an alert.

    A snooze returns by itself.  However long it was asked for, it hushes alerts about safety for half an hour at most:
    whoever silences a noisy zone for the day does not mean the burglar.
    """

    def __init__(self) -> None:
        self._snoozes: tuple[Snooze, ...] = ()
        self._active: frozenset[tuple[str, bool]] = frozenset()

    def replace(self, snoozes: Sequence[Snooze]) -> None:
        """These are all that there are now."""
        self._snoozes = tuple(snoozes)

    def turned(self, t_ns: int) -> bool:
        """Whether another set of them holds at ``t_ns`` than when this was asked last."""
        active = frozenset(
            (snooze.snooze_id, safety)
            for snooze in self._snoozes
            for safety, kind in ((False, None), (True, EventKind.INTRUSION))
            if _holds(snooze, kind, t_ns)
        )
        before, self._active = self._active, active
        return active != before

    def hushes(self, alert: Alert, t_ns: int) -> bool:
        """Whether an alert rings nobody at ``t_ns``."""
        return any(_holds(snooze, alert.kind, t_ns) and _means(snooze, alert) for snooze in self._snoozes)

    def may_hush(self, kind: EventKind, t_ns: int) -> bool:
        """Whether any alert of a kind may ring nobody at ``t_ns``, wherever it is."""
        return any(
            _holds(snooze, kind, t_ns) and (snooze.kind in (None, kind) or kind is EventKind.FLOOD)
            for snooze in self._snoozes
        )


def _holds(snooze: Snooze, kind: EventKind | None, t_ns: int) -> bool:
    return t_ns < min(snooze.until_ns, snooze.at_ns + longest_snooze_ns(kind))


def _means(snooze: Snooze, alert: Alert) -> bool:
    zone = None if alert.place is None else alert.place.zone
    return snooze.kind in (None, alert.kind) and snooze.zone in (None, zone) and snooze.sensor in (None, alert.sensor)
