"""What the shop understood, told to phones: alerts through the journal, the rest straight to MQTT."""

from __future__ import annotations

from collections import deque

import structlog

from edge.clock import NS_PER_S, monotonic_ns
from edge.delivery import wire
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.errors import DeliveryError
from edge.messages import Alert, AlertState, DepthObservation, GridSnapshot, Level, LevelFill, SceneEvent, SceneUpdate
from edge.recording.pictures import PictureFolder
from edge.shop import ShopStep
from edge.shop_map import shop_map, still

PEOPLE_NS = NS_PER_S // 5
MAP_NS = NS_PER_S // 2
SHELVES_NS = 10 * NS_PER_S
JOURNAL_RETRY_NS = NS_PER_S

log = structlog.get_logger(__name__)


class OpenAlerts:
    """The alerts that are open now, to say how much each person matters."""

    def __init__(self) -> None:
        self._open: dict[str, Alert] = {}

    def take(self, alert: Alert) -> None:
        """An alert changed."""
        if alert.state is AlertState.ENDED:
            self._open.pop(alert.alert_id, None)
        else:
            self._open[alert.alert_id] = alert

    def levels(self) -> dict[str, Level]:
        """The highest level of each person that an open alert names."""
        levels: dict[str, Level] = {}
        for alert in self._open.values():
            if alert.person is not None:
                before = levels.get(alert.person, alert.level)
                levels[alert.person] = max(before, alert.level, key=lambda level: level.rank)
        return levels


class Shelves:
    """How full the shelves are, told when that has changed, but not too often."""

    def __init__(self, mqtt: Mqtt) -> None:
        self._mqtt = mqtt
        self._fills: dict[tuple[str, int], LevelFill] = {}
        self._t_ns = 0
        self._told: bytes | None = None
        self._told_ns = -SHELVES_NS

    def take(self, update: SceneUpdate) -> None:
        """What is known now of some levels; of the others what was known before stays."""
        for fill in update.fills:
            self._fills[fill.volume, fill.level] = fill
            self._t_ns = update.t_ns

    def tick(self, now_ns: int) -> None:
        """Tell it if it is due at ``now_ns``, on the clock that only goes forward."""
        if not self._fills or now_ns - self._told_ns < SHELVES_NS:
            return
        said = wire.shelves(0, self._fills.values())  # without its time: a change of that alone is no news
        if said != self._told:
            self._told, self._told_ns = said, now_ns
            self._mqtt.publish_retained("shelves", wire.shelves(self._t_ns, self._fills.values()))


class Teller:
    """Paces and sends what is to be known.

    Parameters
    ----------
    pictures
        Where the pictures of what came or went are kept.
    """

    def __init__(self, journal: Journal, mqtt: Mqtt, pictures: PictureFolder) -> None:
        self._journal = journal
        self._mqtt = mqtt
        self._pictures = pictures
        self._shelves = Shelves(mqtt)
        self._open = OpenAlerts()
        self._unrecorded: deque[Alert] = deque()
        self._retry_ns = 0
        self._grids: dict[str, GridSnapshot] = {}
        self._map_due = False
        self._map_ns = self._people_ns = -NS_PER_S
        self._map_told: bytes | None = None
        self._map_t_ns = 0
        self.late = 0
        """Observations that came too late, so far."""

    def step(self, step: ShopStep) -> None:
        """The shop at one instant.  A picture is there before anybody hears of it."""
        evidence = (event for act in step.update.acts for event in act.evidence)
        for event in (*step.update.events, *evidence):
            if event.picture is not None:
                self._pictures.keep(event.picture)
        for alert in step.alerts:
            self._open.take(alert)
            self._unrecorded.append(alert)
        self._record()
        for event in step.update.events:
            self.event(event)
        self._counts(step.update)
        self._shelves.take(step.update)
        self.late = step.update.late
        self._people(step.update)

    def _counts(self, update: SceneUpdate) -> None:
        """A window is told in order when it closes, so that none is lost, and each change of a count at once."""
        if update.today is None:
            return
        if update.counts is not None:
            self._mqtt.publish("counts", wire.counts(update.counts, update.today, closed=True))
        if update.counts_so_far is not None:
            self._mqtt.publish("counts", wire.counts(update.counts_so_far, update.today, closed=False))

    def event(self, event: SceneEvent) -> None:
        """Something happened."""
        self._mqtt.publish("events", wire.event(event))

    def grid(self, observation: DepthObservation) -> None:
        """A camera's view of the shop, where the observation carries one."""
        if observation.grid is not None:
            self._grids[observation.camera] = observation.grid
            self._map_due, self._map_t_ns = True, observation.t_ns

    def silent(self, camera: str) -> None:
        """A camera was lost: what moved in its view is no longer known."""
        grid = self._grids.get(camera)
        if grid is not None:
            self._grids[camera] = still(grid)
            self._map_due = True

    def tick(self) -> None:
        """Do what is due: the map, the shelves, and alerts that the disk refused before."""
        now_ns = monotonic_ns()
        self._shelves.tick(now_ns)
        if self._unrecorded and now_ns >= self._retry_ns:
            self._record()
        if self._map_due and now_ns - self._map_ns >= MAP_NS:
            self._map_due, self._map_ns = False, now_ns
            self._map()

    def _record(self) -> None:
        """Nothing is told before it is on disk; a disk that fails is tried again, in order."""
        while self._unrecorded:
            try:
                self._journal.record(self._unrecorded[0])
            except DeliveryError as error:
                log.error("alert waits for the journal", waiting=len(self._unrecorded), error=str(error))
                self._retry_ns = monotonic_ns() + JOURNAL_RETRY_NS
                return
            self._unrecorded.popleft()
            self._mqtt.alerts_changed()

    def _people(self, update: SceneUpdate) -> None:
        now_ns = monotonic_ns()
        if now_ns - self._people_ns >= PEOPLE_NS:
            self._people_ns = now_ns
            self._mqtt.publish_live(
                "people", wire.people(update.t_ns, update.inside, update.tracks, self._open.levels())
            )

    def _map(self) -> None:
        view = shop_map(tuple(self._grids.values()))
        if view is None:
            return
        content = view.columns.tobytes() + f"{view.cell_m} {view.ix} {view.iy} {view.columns.shape}".encode()
        if content != self._map_told:
            self._map_told = content
            self._mqtt.publish_retained("map", wire.shop_map(self._map_t_ns, view))
