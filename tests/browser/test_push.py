"""Alerts that ring while no page is open: the whole way with Firefox, and the buttons of a notification in Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from edge.clock import utc_ns
from edge.delivery.channels.push import Push
from edge.delivery.journal import Journal
from edge.delivery.notify import Notifier
from edge.delivery.wire import Topics
from edge.messages import EventKind, Level
from edge.recording.pictures import PictureFolder
from edge.settings import WebSettings
from edge.settings.channels import PushChannel
from edge.web.answers import answer_routes
from edge.web.app import STATIC, BoxParts, create_app
from edge.web.channels import channel_routes
from edge.web.server import WebServer
from tests.browser import shop_floor
from tests.browser.firefox import FIREFOX, Firefox, firefox, push_preferences
from tests.browser.push_service import PushService, push_service
from tests.delivery.phone import wait_for

pytestmark = pytest.mark.browser
TOPICS = Topics("store", "box")
ZONES = {zone.id: zone.kind.value for zone in shop_floor.STORE.zone}
SETTINGS = PushChannel(id="push", hosts=("127.0.0.1",), private_service=True)
SHOWN = """navigator.serviceWorker.getRegistration().then(async (known) =>
  (await known.getNotifications()).map((n) => [n.title, n.body, n.tag]))"""
SUBSCRIBE = """(async () => {
  const { key } = await (await fetch('/api/push/key')).json();
  const { csrf } = await (await fetch('/api/session')).json();
  const { pushManager } = await navigator.serviceWorker.ready;
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const body = JSON.stringify({ ...made.toJSON(), language: 'ja', levels: ['red'] });
  const headers = { 'content-type': 'application/json', 'x-miseban-csrf': csrf };
  return (await fetch('/api/push', { method: 'POST', headers, body })).status;
})()"""


class Box:
    """Journal, channel and page: all of the box that push needs."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "journal.sqlite")
        self.push = Push(SETTINGS, folder, "みせばん 本町店", TOPICS, ZONES)
        self.notifier = Notifier([(SETTINGS, self.push)], self.journal)
        self.notifier.start()
        web = WebSettings(port=0, sign_in=False)
        parts = BoxParts(
            shop_floor.STORE, TOPICS, self.journal, PictureFolder(folder / "pictures"), lambda: (), lambda: None
        )
        routes = (*channel_routes(self.notifier, self.push), *answer_routes(self.journal, lambda: None))
        self.web = WebServer(web, create_app(web, parts, STATIC, routes))
        self.web.start()

    def stop(self) -> None:
        self.web.stop()
        self.notifier.stop()
        self.journal.close()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@pytest.fixture
def page(service: PushService) -> Iterator[Firefox]:
    if FIREFOX is None:
        pytest.skip("no firefox-esr on PATH (apt-get install firefox-esr)")
    with firefox(push_preferences(service.port)) as opened:
        yield opened


def test_the_whole_way_from_an_alert_to_a_notification_in_firefox(
    box: Box, service: PushService, page: Firefox
) -> None:
    page.open(box.web.url)
    page.wait("navigator.serviceWorker.ready.then((ready) => ready.active !== null)")
    assert page.evaluate(SUBSCRIBE) == 201
    began_ns = utc_ns()
    box.journal.record(shop_floor.alert("a-1", began_ns, Level.RED, EventKind.INTRUSION))
    ((title, body, tag),) = page.wait(SHOWN)
    assert (title, tag) == ("至急 · 営業時間外に人がいる", "a-1")
    assert body == "通路\nみせばん 本町店"
    # The service saw a closed envelope, urgent and for a while; Firefox says that it could open it.
    ((_, headers, length),) = service.taken
    assert (headers["urgency"], headers["content-encoding"]) == ("high", "aes128gcm")
    assert int(headers["ttl"]) > 0
    assert 200 < length < 4096
    wait_for(lambda: len(service.confirmed) == 1)
    box.journal.record(shop_floor.alert("a-2", utc_ns(), Level.YELLOW, EventKind.CROWD))
    trial = box.notifier.test("push")
    assert trial is not None
    assert (trial.ok, trial.fault) == (True, None)
    tags = page.wait(f"{SHOWN}.then((shown) => shown.length > 1 && shown.map((one) => one[2]))")
    assert sorted(tags) == ["a-1", "test"]  # and not the yellow one, which this phone did not ask for
    service.forget_all()
    lost = box.notifier.test("push")
    assert lost is not None
    assert lost.fault == "push 'push': no phone is there any more. Switch notifications on again in the app."


class Worker:
    """The app's service worker in Chromium, to which DevTools deliver what a push service would."""

    def __init__(self, browser: Browser, box: Box) -> None:
        self.context = browser.new_context(locale="en-GB", permissions=["notifications"])
        self.page = self.context.new_page()
        self._devtools = self.context.new_cdp_session(self.page)
        self._registrations: list[str] = []
        self._devtools.on("ServiceWorker.workerRegistrationUpdated", self._note)
        self._devtools.send("ServiceWorker.enable")
        self.page.goto(box.web.url)
        self.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        wait_for(lambda: self.page.wait_for_timeout(50) or self._registrations)
        self._origin = box.web.url.rstrip("/")
        (self._worker,) = self.context.service_workers

    def _note(self, event: dict[str, list[dict[str, str]]]) -> None:
        self._registrations += [one["registrationId"] for one in event["registrations"]]

    def push(self, **more: object) -> None:
        spot = {"zone": "aisle", "zone_kind": "aisle", "shelf": None, "level": None, "line": None}
        body = {"v": 1, "alert_id": "a-1", "seq": 1, "t_ms": utc_ns() // 1_000_000, "level": "red", "place": spot}
        body |= {"kind": "intrusion", "state": "open", "count": 1, "escalation": 0, "silent": False}
        body |= {"name": "Shop", "topic": TOPICS.prefix} | more
        self.push_raw(json.dumps(body))

    def push_raw(self, data: str) -> None:
        told = {"origin": self._origin, "registrationId": self._registrations[-1], "data": data}
        self._devtools.send("ServiceWorker.deliverPushMessage", told)

    def shown(self) -> list[list[object]]:
        found: list[list[object]] = self._worker.evaluate(
            """async () => (await self.registration.getNotifications())
              .map((n) => [n.tag, n.title, n.silent, n.actions.map((a) => a.title)])"""
        )
        return found

    def see(self, tag: str) -> list[object]:
        def there() -> list[list[object]]:
            self.page.wait_for_timeout(50)  # lets DevTools' messages through
            return [one for one in self.shown() if one[0] == tag]

        return wait_for(there)[-1]

    def tap(self, tag: str, action: str = "") -> None:
        self._worker.evaluate(
            """async ([tag, action]) => {
              const [notification] = await self.registration.getNotifications({ tag });
              self.dispatchEvent(new NotificationEvent('notificationclick', { notification, action }));
            }""",
            [tag, action],
        )


@pytest.fixture
def worker(chromium: Browser, box: Box) -> Iterator[Worker]:
    made = Worker(chromium, box)
    yield made
    made.context.close()


def test_an_answer_on_the_notification_reaches_the_box(box: Box, worker: Worker) -> None:
    box.journal.record(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    worker.push()
    assert worker.see("a-1")[1:] == ["Urgent · Somebody is in the closed shop", True, ["Spoke to them", "Seen"]]
    worker.tap("a-1", "spoke")
    (stored,) = wait_for(lambda: [one for one in box.journal.since(0, 10) if one.ack is not None])
    assert stored.ack is not None
    assert stored.ack.action.value == "spoke"
    wait_for(lambda: worker.shown() == [])
    wait_for(lambda: worker.page.wait_for_timeout(50) or worker.page.evaluate(WAITING) == 0)


WAITING = """() => new Promise((resolve) => {
  const opened = indexedDB.open('miseban');
  opened.onsuccess = () => {
    const count = opened.result.transaction('acks').objectStore('acks').count();
    count.onsuccess = () => { opened.result.close(); resolve(count.result); };
  };
})"""


def test_an_answer_given_while_the_box_is_away_waits_on_the_phone_and_goes_with_the_next_push(
    box: Box, worker: Worker
) -> None:
    box.journal.record(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    worker.push()
    worker.see("a-1")
    worker.context.set_offline(True)
    worker.page.route("**/api/**", lambda route: route.abort())
    worker.context.route("**/api/**", lambda route: route.abort())
    worker.tap("a-1", "seen")
    wait_for(lambda: worker.page.wait_for_timeout(50) or worker.page.evaluate(WAITING) == 1)
    assert all(one.ack is None for one in box.journal.since(0, 10))
    worker.context.unroute("**/api/**")
    worker.context.set_offline(False)
    worker.push(alert_id="a-2", seq=2)
    stored = wait_for(
        lambda: worker.page.wait_for_timeout(50) or [one for one in box.journal.since(0, 10) if one.ack is not None]
    )
    assert stored[0].ack.action.value == "seen"
    wait_for(lambda: worker.page.wait_for_timeout(50) or worker.page.evaluate(WAITING) == 0)


def test_an_alert_rings_once_on_a_phone_however_often_it_is_pushed(worker: Worker) -> None:
    worker.push()
    worker.see("a-1")
    worker._worker.evaluate("async () => (await self.registration.getNotifications()).forEach((n) => n.close())")
    worker.push()
    worker.push(alert_id="a-2")
    worker.see("a-2")
    assert [one[0] for one in worker.shown()] == ["a-2"]
    worker.push(escalation=1)
    worker.see("a-1")


def test_what_cannot_be_read_is_shown_all_the_same(worker: Worker) -> None:
    worker.push_raw("{")
    assert worker.see("unreadable")[1] == "Something new"


def test_a_tap_shows_the_alerts_in_the_page_that_is_open(worker: Worker) -> None:
    worker.push()
    worker.see("a-1")
    worker.tap("a-1")
    worker.page.wait_for_url("**/#/alerts/a-1")
