"""The main process: sensors are looked after, the shop is stepped, phones are told.

::

    eye and ear processes --observations--> inbox -> Shop -> Teller -> journal -> MQTT -> phones
                                                                       journal -> channels
                                                                web server: app, API, MQTT proxy
"""

from __future__ import annotations

import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from itertools import chain
from types import FrameType

import structlog

from edge import logs
from edge.clock import NS_PER_S, monotonic_ns, nanoseconds, utc_ns
from edge.daemon.ear_process import EarSpec
from edge.daemon.eye_process import EyeSpec
from edge.daemon.front_door import FrontDoor, Greeter
from edge.daemon.instance import InstanceLock
from edge.daemon.plugged import plug
from edge.daemon.sensor import Inbox, Sensor
from edge.daemon.staff import Heard, Staff
from edge.daemon.teller import Teller
from edge.delivery import wire
from edge.delivery.broker import Broker
from edge.delivery.channels.make import extra_topics, make_channels
from edge.delivery.history import History
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.delivery.wire import Topics
from edge.errors import DeliveryError, EdgeError
from edge.geometry import Pose
from edge.messages import AudioObservation, CameraModel, Health, SensorCondition, VolumeSight
from edge.recording.pictures import PictureFolder
from edge.settings import DeviceSettings, StoreSettings
from edge.shop import Shop, ShopStep
from edge.shop_day import DayBook
from edge.shop_watch import watch_health
from edge.web.access import Deed
from edge.web.answers import answer_routes
from edge.web.app import BoxParts
from edge.web.box_page import BoxView, box_routes
from edge.web.channels import channel_routes
from edge.web.day import day_routes
from edge.web.pins import pin_routes
from edge.web.rights import User
from edge.web.snoozes import snooze_routes

MAX_INBOX = 256
TICK_S = 0.05
CHECK_NS = NS_PER_S // 5
HEALTH_NS = 2 * NS_PER_S
SILENCE_NS = NS_PER_S
"""When no camera has spoken for this long, event time goes on without them, this far behind the clock."""
PRUNE_NS = 3600 * NS_PER_S
PAGE_NS = 60 * NS_PER_S
"""So often what was counted goes into the book of days: as much of it a kill can cost."""

log = structlog.get_logger(__name__)


def run(
    device: DeviceSettings,
    store: StoreSettings | None,
    *,
    announce: Callable[[str], None],
    greet: Greeter | None = None,
    quiet: bool = False,
) -> None:
    """Run the box until SIGTERM, SIGINT, or its terminal is closed; blocks.

    Parameters
    ----------
    store
        What the installer drew.  ``None`` takes the ``store.toml`` of the session that is played, its opening hours
        turned so that the shop is open now if it was when it was recorded.
    announce
        Called once with the address to open, when the page answers.
    greet
        Called with what somebody needs to become the first owner, while there is none.  Only for a terminal with a
        person before it: what it tells must not end in a log.
    quiet
        Whether the log tells only what went wrong, for a person who watches the terminal.

    Raises
    ------
    EdgeError
        When it cannot start: no sensor, a session that cannot be read, a port or data folder in use.
    """
    logs.configure(json_lines=not sys.stderr.isatty(), quiet=quiet)
    daemon = Daemon(device, store)

    def end(number: int, _: FrameType | None) -> None:
        log.info("ending", signal=signal.Signals(number).name)
        daemon.stop()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(signal.SIGHUP, end)
    daemon.run(announce, greet)


class Daemon:
    """All parts of the box, from their start to their end.

    Raises
    ------
    EdgeError
        When there is nothing to run, or it cannot be run here.
    """

    def __init__(self, device: DeviceSettings, store: StoreSettings | None) -> None:
        self._stop = threading.Event()
        self._inbox: Inbox = queue.Queue(MAX_INBOX)
        plugged = plug(device, store, self._inbox, utc_ns())
        self._store = plugged.store
        self._cameras, self._sensors = plugged.cameras, plugged.sensors
        self._lock = InstanceLock(device.data_dir)
        topics = Topics(device.site, device.device)
        try:
            extra = extra_topics(device)
            self._broker = Broker(device.broker, topics, device.data_dir / "broker", more=extra)
            heard = Heard()
            self._journal = Journal(device.data_dir / "journal.sqlite", heard.tell)
            self._pictures = PictureFolder(device.data_dir / "pictures")
            parts = BoxParts(self._store, topics, self._journal, self._pictures, self.cameras, self._broker.address)
            self._history = History(device.data_dir / "history.sqlite", self._date)
            self._channels = make_channels(device, self._store, self._journal, self._broker.address, heard.tell)
            view = BoxView(device, self._store, self._health_now, self._look, self._looked, monotonic_ns())
            more = (
                *answer_routes(self._journal, lambda: self._mqtt.alerts_changed()),
                *day_routes(self._history, self._journal, lambda: self._date(utc_ns())),
                *box_routes(view),
                *snooze_routes(self._store, self._journal),
                *pin_routes(self._journal, self._pictures, lambda: self._mqtt.alerts_changed()),
                *channel_routes(self._channels.notifier, self._channels.push),
            )
            self._door = FrontDoor(device, parts, more)
            if self._channels.push is not None:
                self._channels.push.members = self._door.members
        except EdgeError:
            self._lock.release()
            raise
        self._mqtt = Mqtt(topics, self._journal, self._broker.address)
        self._teller = Teller(self._journal, self._mqtt, self._pictures)
        self._book = DayBook(self._store)
        self._shop = Shop(self._store, [camera.id for camera, _ in self._cameras])
        self._staff = Staff(self._store.alerts.escalation, heard, self._shop, self._journal, self._mqtt)
        self._sights: dict[str, tuple[VolumeSight, ...]] = {}
        self._checked_ns = self._health_ns = self._advanced_ns = 0
        self._seen_ns = self._pruned_ns = self._page_ns = monotonic_ns()

    def cameras(self) -> tuple[CameraModel, ...]:
        """The cameras, with the poses that are known by now."""
        return tuple(sensor.camera or camera for camera, sensor in self._cameras)

    def _looked(self, user: User, camera: str) -> None:
        self._door.access.note(user.name, Deed.CAMERA, camera)

    def stop(self) -> None:
        """Ask :meth:`run` to end; may be called from a signal handler or another thread."""
        self._stop.set()

    def run(self, announce: Callable[[str], None], greet: Greeter | None = None) -> None:
        """Start everything, go on until :meth:`stop`, and end everything within five seconds."""
        try:
            self._start(greet)
            announce(self._door.url)
            while not self._stop.is_set():
                self._take_next()
                self._tick()
        finally:
            self._end()

    def _start(self, greet: Greeter | None) -> None:
        left = self._journal.end_open(utc_ns())
        if left:
            log.warning("alerts of an earlier run were still open; ended", count=len(left))
        self._staff.resume()
        self._pictures.spare(self._journal.pinned_pictures())
        self._prune()
        self._broker.start()
        self._mqtt.start()
        self._mqtt.alerts_changed()
        self._channels.notifier.start()
        for sensor in self._sensors:
            sensor.start()
        self._door.open(greet)

    def _take_next(self) -> None:
        try:
            observation = self._inbox.get(timeout=TICK_S)
        except queue.Empty:
            return
        if isinstance(observation, AudioObservation):
            self._shop.hear(observation)
            return
        self._seen_ns = monotonic_ns()
        self._tell(self._shop.step(observation))
        self._teller.grid(observation)
        if observation.sights:
            self._sights[observation.camera] = observation.sights

    def _tick(self) -> None:
        now_ns = monotonic_ns()
        self._teller.tick()
        self._staff.tick()
        self._door.tick()
        if now_ns - self._seen_ns > SILENCE_NS and now_ns - self._advanced_ns > SILENCE_NS // 2:
            self._advanced_ns = now_ns
            self._tell(self._shop.advance(utc_ns() - SILENCE_NS - nanoseconds(self._store.scene.lateness_s)))
        if now_ns - self._checked_ns > CHECK_NS:
            self._checked_ns = now_ns
            self._check_sensors()
        if now_ns - self._health_ns > HEALTH_NS:
            self._health_ns = now_ns
            self._mqtt.publish_retained("health", self._health_now())
        if now_ns - self._page_ns > PAGE_NS:
            self._page_ns = now_ns
            self._write_page()
        if now_ns - self._pruned_ns > PRUNE_NS:
            self._pruned_ns = now_ns
            self._prune()

    def _check_sensors(self) -> None:
        for sensor in self._sensors:
            if sensor.check() and sensor.kind == "camera":
                self._teller.silent(sensor.id)
        poses = {camera.id: camera.pose for camera in self.cameras()}
        self._shop.report(
            utc_ns(),
            [_condition(one, poses.get(one.id)) for one in self._sensors if not one.over],
        )

    def _tell(self, steps: Iterable[ShopStep]) -> None:
        for step in self._staff.judged(steps):
            self._teller.step(step)
            self._book.step(step.update)

    def _write_page(self) -> None:
        """What was gained goes into the book of days; a disk that fails costs this page, and nothing else."""
        try:
            self._history.add(self._book.page(utc_ns(), self._shop.floor_use()))
            self._history.read(self._journal)
        except DeliveryError as error:
            log.error("a page of the book of days is lost", error=str(error))

    def _date(self, t_ns: int) -> str:
        return self._store.local_time(t_ns).date().isoformat()

    def _look(self, camera: str) -> bytes | None:
        sensor = next((sensor for one, sensor in self._cameras if one.id == camera), None)
        return None if sensor is None else sensor.look()

    def _health_now(self) -> bytes:
        return wire.health(self._health())

    def _health(self) -> Health:
        return Health(
            utc_ns(),
            self._broker.kind,
            self._teller.late,
            tuple(sensor.health() for sensor in self._sensors),
            watch_health(self._store, chain.from_iterable(self._sights.values())),
            self._channels.notifier.health(),
        )

    def _prune(self) -> None:
        keep_h = self._store.alerts.retention.keep_h
        self._pictures.prune(utc_ns(), keep_h)
        try:
            self._history.read(self._journal)  # what is forgotten now is still counted
            self._journal.prune(utc_ns(), keep_h=keep_h)
            self._history.prune(self._date(utc_ns()))
        except DeliveryError as error:
            log.error("journal could not be pruned", error=str(error))

    def _end(self) -> None:
        for sensor in self._sensors:
            sensor.ask_to_stop()
        for sensor in self._sensors:
            sensor.stop()
        while not self._inbox.empty():
            self._take_next()
        self._tell(self._shop.finish())
        self._write_page()
        self._door.close(1.5)
        self._channels.notifier.stop(1.0)
        self._mqtt.stop()
        self._broker.stop()
        self._journal.close()
        self._history.close()
        self._lock.release()


def _condition(sensor: Sensor[EyeSpec] | Sensor[EarSpec], pose: Pose | None) -> SensorCondition:
    position_m = pose.position_m if sensor.kind == "camera" and pose is not None else None
    return SensorCondition(sensor.id, sensor.kind, sensor.state, position_m)
