"""As few alerts as say everything: what comes again is one, what is snoozed rings nobody, a flood is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge.alerts.carrier import Carrier, Spot, where
from edge.alerts.flooding import MINUTE_NS, Flapping, Rate
from edge.alerts.naming import alert_id
from edge.alerts.snoozing import Snoozing
from edge.clock import NS_PER_S, nanoseconds
from edge.messages import Alert, AlertState, EventKind, Reason, Sent, Snooze
from edge.settings import StoreSettings

FLAPPING: Final = frozenset({EventKind.CAMERA_LOST, EventKind.MICROPHONE_LOST})
"""Kinds that come and go while something is loose."""
_Flood = tuple[EventKind | None, bool]
"""Alerts of one kind, or of all; hushed ones apart."""


class Restraint:
    """Between what happens and what is told stands a carrier: one alert for one or many episodes.

    1. An episode whose sensor comes and goes joins the alert that is open for that.
    2. One that begins at the spot of an alert that ended a moment ago, and asks for no more than that one did, joins
       that: the alert is open again.  Only what has left the box keeps others from ringing.
    3. One that comes when too many have come already joins the alert that counts them; while there is one, this comes
       before 2.
    4. Any other is an alert by itself.
    5. An alert that a snooze means is hushed; when the snooze is over and the alert is not, it rings.
    6. A sensor's alert stays open until the sensor has worked for a while, and a flood's until a minute without.
    7. What is new of an alert of many episodes is told now and then; that it asks for more, or rings again, at once.

    No episode is lost: at each moment the episodes of all alerts add up to those that began.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings.alerts.restraint
        self._pace_ns = nanoseconds(self._settings.pace_s)
        self._snoozing = Snoozing()
        self._of: dict[str, Carrier] = {}
        """By the names of episodes that go on."""
        self._alive: dict[str, Carrier] = {}
        """All that are open, wait to be told or cool down, by their names."""
        self._cooling: dict[Spot, Carrier] = {}
        self._held: dict[tuple[EventKind, str | None], Carrier] = {}
        self._flapping: dict[tuple[EventKind, str | None], Flapping] = {}
        self._rates: dict[_Flood, Rate] = {}
        self._floods: dict[_Flood, Carrier] = {}
        self._last_of_flood: dict[_Flood, int] = {}
        self._waiting: dict[str, Carrier] = {}
        """Have something new, in the order in which it came."""
        self._tidied_ns = 0

    def sent(self, sent: Sent) -> None:
        """An alert has left the box: from now on it may stand for what happens again."""
        carrier = self._alive.get(sent.alert_id)
        if carrier is not None and carrier.sent_ns is None and not carrier.hushed:
            carrier.sent_ns = sent.t_ns

    def snooze(self, snoozes: Sequence[Snooze]) -> None:
        """These are all the snoozes now; they hold from the next step on."""
        self._snoozing.replace(snoozes)

    def step(self, t_ns: int, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
        """Take what changed at ``t_ns``, be it nothing; return what is to be told."""
        turned = self._snoozing.turned(t_ns)
        for alert in alerts:
            self._take(alert, t_ns)
        if turned:
            self._hush(t_ns)
        self._let_go(t_ns)
        told = self._tell(t_ns, self._pace_ns)
        self._tidy(t_ns)
        return told

    def finish(self, t_ns: int, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
        """Nothing more will happen: all that waits is told, all that is open ends."""
        for alert in alerts:
            self._take(alert, t_ns)
        for carrier in (*self._held.values(), *self._floods.values()):
            self._release(carrier, t_ns)
        self._held.clear()
        self._floods.clear()
        return self._tell(t_ns, 0)

    # ---- which alert an episode belongs to

    def _take(self, episode: Alert, t_ns: int) -> None:
        carrier = self._of.get(episode.alert_id)
        if carrier is None:
            carrier = self._of[episode.alert_id] = self._carrier(episode, t_ns)
        carrier.take(episode)
        if not carrier.summary:
            carrier.hush(hushed=self._snoozing.hushes(carrier.now, t_ns))
        self._waiting[carrier.alert_id] = carrier
        if episode.state is AlertState.ENDED:
            del self._of[episode.alert_id]
            self._hold(carrier, episode, t_ns)
            if carrier.over:
                self._over(carrier, t_ns)

    def _carrier(self, episode: Alert, t_ns: int) -> Carrier:
        key = episode.kind, where(episode)
        if episode.kind in FLAPPING:
            self._flapping.setdefault(key, Flapping(self._settings)).lost(t_ns)
        if (held := self._held.get(key)) is not None:
            return held
        hushed = self._snoozing.hushes(episode, t_ns)
        cooling = self._cooling.get(Spot(*key, hushed))
        if cooling is not None and not (
            episode.level.rank <= cooling.now.level.rank and cooling.cools(t_ns, self._settings)
        ):
            cooling = None
        if cooling is not None and (episode.kind, hushed) not in self._floods:
            return cooling
        carrier = self._flood(episode, t_ns, hushed=hushed) or cooling or Carrier(episode, hushed=hushed)
        self._alive[carrier.alert_id] = carrier
        return carrier

    def _flood(self, episode: Alert, t_ns: int, *, hushed: bool) -> Carrier | None:
        """The alert that only counts, where this is one too many."""
        limits = {episode.kind: self._settings.flood_per_minute, None: self._settings.flood_all_per_minute}
        for kind, per_minute in limits.items():
            flood: _Flood = kind, hushed
            if self._rates.setdefault(flood, Rate(per_minute)).is_too_much(episode.level, t_ns):
                self._last_of_flood[flood] = t_ns
                return self._floods.get(flood) or self._begin_flood(flood, episode, t_ns)
        return None

    def _begin_flood(self, flood: _Flood, episode: Alert, t_ns: int) -> Carrier:
        kind, hushed = flood[0] or EventKind.FLOOD, flood[1]
        carrier = self._cooling.get(Spot(kind, "flood", hushed))
        rises = carrier is not None and episode.level.rank > carrier.now.level.rank
        if carrier is None or rises or not carrier.cools(t_ns, self._settings):
            text = "More alerts come than anybody can look at: from here on they are counted."
            counted = Alert(
                alert_id(f"flood/{kind.value}/{hushed}", t_ns, None),
                t_ns,
                episode.level,
                AlertState.OPEN,
                kind,
                None,
                None,
                episode.count,
                (Reason("flood", t_ns, None, 1.0, text),),
                episode.volume_l,
            )
            carrier = Carrier(counted, hushed=hushed, summary=True)
        carrier.held = True
        self._floods[flood] = carrier
        return carrier

    # ---- what time does to them

    def _hold(self, carrier: Carrier, episode: Alert, t_ns: int) -> None:
        """A sensor that comes and goes is not believed to be back."""
        key = episode.kind, where(episode)
        flapping = self._flapping.get(key)
        if key in self._held or flapping is None or carrier.summary or carrier.going:
            return
        if flapping.is_unreliable(t_ns):
            carrier.held = True
            self._held[key] = carrier

    def _let_go(self, t_ns: int) -> None:
        for key, carrier in list(self._held.items()):
            if not carrier.going and self._flapping[key].is_reliable(t_ns):
                del self._held[key]
                self._release(carrier, t_ns)
        for flood, carrier in list(self._floods.items()):
            if not carrier.going and t_ns - self._last_of_flood[flood] >= MINUTE_NS:
                del self._floods[flood]
                self._release(carrier, t_ns)

    def _release(self, carrier: Carrier, t_ns: int) -> None:
        carrier.held = False
        self._waiting[carrier.alert_id] = carrier
        if carrier.over:
            self._over(carrier, t_ns)

    def _over(self, carrier: Carrier, t_ns: int) -> None:
        """It ended; from its first end on it cools down, however often it is open again."""
        if carrier.ended_ns is None:
            carrier.ended_ns = t_ns
        now = carrier.now
        spot = Spot(now.kind, "flood" if carrier.summary else where(now), carrier.hushed)
        other = self._cooling.get(spot)
        if other is None or other.ended_ns is None or other.ended_ns <= carrier.ended_ns:
            self._cooling[spot] = carrier

    def _hush(self, t_ns: int) -> None:
        """Other snoozes hold now: who is open is judged again."""
        for carrier in self._alive.values():
            if carrier.over:
                continue
            hushed = self._snoozing.hushes(carrier.now, t_ns)
            if carrier.summary and carrier.hushed:  # it tells no place: what hushed its episodes may still hold
                hushed = self._snoozing.may_hush(carrier.now.kind, t_ns)
            carrier.hush(hushed=hushed)
            self._waiting[carrier.alert_id] = carrier

    # ---- what is told

    def _tell(self, t_ns: int, pace_ns: int) -> tuple[Alert, ...]:
        told: list[Alert] = []
        for name, carrier in list(self._waiting.items()):
            if carrier.due(t_ns, pace_ns):
                told += carrier.tell(t_ns)
                del self._waiting[name]
        return tuple(told)

    def _tidy(self, t_ns: int) -> None:
        """Forget what can matter no more, once a second."""
        if t_ns - self._tidied_ns < NS_PER_S:
            return
        self._tidied_ns = t_ns
        for spot, carrier in list(self._cooling.items()):
            unsent = carrier.sent_ns is None and not carrier.hushed
            if carrier.over and not unsent and not carrier.cools(t_ns, self._settings):
                del self._cooling[spot]
        cooling = {carrier.alert_id for carrier in self._cooling.values()}
        for name, carrier in list(self._alive.items()):
            if carrier.over and name not in cooling and name not in self._waiting:
                del self._alive[name]
        for key, flapping in list(self._flapping.items()):
            if key not in self._held and flapping.is_forgotten(t_ns):
                del self._flapping[key]
