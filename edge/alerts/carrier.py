"""One alert as the staff know it, and the episodes that it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.alerts.reasons import bounded
from edge.messages import Alert, AlertState, EventKind, Hush, Level, Reason
from edge.settings import RestraintSettings


@dataclass(frozen=True, slots=True)
class Spot:
    """What happens at one spot is one thing to the staff, so long as they hear of it at all."""

    kind: EventKind
    where: str | None
    hushed: bool


def where(alert: Alert) -> str | None:
    """The sensor, the shelf or the zone, whichever says most; None for the shop as a whole."""
    if alert.sensor is not None:
        return f"sensor/{alert.sensor}"
    place = alert.place
    if place is None:
        return None
    if place.shelf is not None:
        return f"shelf/{place.shelf}"
    return None if place.zone is None else f"zone/{place.zone}"


class Carrier:
    """Carries one or many episodes under the name of the first.

    An alert of one episode is told as that episode is.  Of more, its level is the highest that any of them had, its
    people or goods are the most, its place is that of the newest, and its reasons are those of all.

    Parameters
    ----------
    first
        The episode that opened it; of a summary, what is said of it when it opens.
    summary
        Whether it only counts: it has no place and names nobody, and ``first`` is no episode.
    """

    def __init__(self, first: Alert, *, hushed: bool, summary: bool = False) -> None:
        self.now = replace(first, hush=Hush.SNOOZED if hushed else None)
        self.summary = summary
        self.held = False
        """Stays open, though nothing goes on."""
        self.ended_ns: int | None = None
        """When it was first over."""
        self.sent_ns: int | None = None
        """When it first left the box and could ring."""
        self.told: Alert | None = None
        self._counted = 0
        self._going: dict[str, frozenset[Reason]] = {}

    @property
    def alert_id(self) -> str:
        """The name that the staff know it by."""
        return self.now.alert_id

    @property
    def going(self) -> bool:
        """Whether any of its episodes goes on."""
        return bool(self._going)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return not (self._going or self.held)

    @property
    def hushed(self) -> bool:
        """Whether it rings nobody."""
        return self.now.hush is not None

    def hush(self, *, hushed: bool) -> None:
        """Whether it rings nobody from now on."""
        if hushed != self.hushed:
            self.now = replace(self.now, hush=Hush.SNOOZED if hushed else None)

    def take(self, episode: Alert) -> None:
        """An episode begins, rises or ends."""
        shown = self._going.get(episode.alert_id)
        self._counted += shown is None
        self._going[episode.alert_id] = frozenset(episode.reasons)
        if self._counted == 1 and not self.summary:
            self.now = replace(episode, alert_id=self.alert_id, hush=self.now.hush)
        elif shown is None or episode.state is not AlertState.ENDED:
            self._add(episode, tuple(reason for reason in episode.reasons if reason not in (shown or ())))
        if episode.state is AlertState.ENDED:
            del self._going[episode.alert_id]

    def _add(self, episode: Alert, more: tuple[Reason, ...]) -> None:
        before = self.now
        count, volume_l = max(
            (before.count, before.volume_l),
            (episode.count, episode.volume_l),
            key=lambda most: (most[0], most[1] or 0.0),
        )
        self.now = replace(
            before,
            level=max(before.level, episode.level, key=lambda level: level.rank),
            place=None if self.summary else episode.place,
            person=None if self.summary else episode.person,
            count=count,
            reasons=bounded((*before.reasons, *more)),
            volume_l=volume_l,
            episodes=max(1, self._counted),
        )

    def cools(self, t_ns: int, settings: RestraintSettings) -> bool:
        """Whether what happens again at its spot belongs to it: not before it has left the box, where it may ring."""
        if self.ended_ns is None:
            return False
        since_ns = self.ended_ns
        if not self.hushed:
            if self.sent_ns is None:
                return False
            since_ns = max(since_ns, self.sent_ns)
        return t_ns <= since_ns + settings.cool_down_ns(red=self.now.level is Level.RED)

    def due(self, t_ns: int, pace_ns: int) -> bool:
        """Whether what is new may be told: at once of a single episode, of many not too often unless it matters."""
        told = self.told
        if told is None or (self._counted == 1 and not self.summary):
            return True
        if self.now.level is not told.level or self.now.hush is not told.hush:
            return True
        return t_ns - told.t_ns >= pace_ns

    def tell(self, t_ns: int) -> tuple[Alert, ...]:
        """What is new, if anything is."""
        changes: tuple[Alert, ...] = ()
        if self.told is None:
            changes = (replace(self.now, t_ns=t_ns, state=AlertState.OPEN),)
            if self.over:
                changes += (replace(self.now, t_ns=t_ns, state=AlertState.ENDED),)
        elif self._is_new(self.told):
            changes = (replace(self.now, t_ns=t_ns, state=AlertState.ENDED if self.over else AlertState.UPDATED),)
        if changes:
            self.told = changes[-1]
        return changes

    def _is_new(self, told: Alert) -> bool:
        if (told.state is AlertState.ENDED) != self.over:
            return True
        return replace(self.now, t_ns=told.t_ns, state=told.state) != told
