"""Web Push without a browser: what is sent can be read by the phone alone, and goes to push services alone."""

import base64
import json
import socket
import stat
import threading
import time
from dataclasses import replace

import pytest

from edge.clock import utc_ns
from edge.delivery import notices
from edge.delivery.channels import push as push_module
from edge.delivery.channels import push_service, subscriptions
from edge.delivery.channels.push import Member, Push
from edge.delivery.channels.push_service import endpoint_fault, key_fault
from edge.delivery.channels.subscriptions import MOST_OF_ONE
from edge.delivery.notices import Notice, Spot
from edge.delivery.notify import ChannelFault
from edge.delivery.wire import Topics
from edge.messages import Level
from edge.settings.channels import PushChannel
from tests.delivery.phone import wait_for
from tests.delivery.push_phone import PushPhone

LOCAL = PushChannel(id="push", hosts=("127.0.0.1",), private_service=True)
ANYWHERE = PushChannel(id="push")


def notice(level=Level.RED, **more):
    spot = Spot("aisle", "A", 1, None)
    return replace(Notice("alert-1", 7, utc_ns(), level, "open", "intrusion", spot, 2), **more)


@pytest.fixture
def phone():
    made = PushPhone()
    yield made
    made.close()


def make(folder, settings=LOCAL):
    return Push(settings, folder, "みせばん 本店", Topics("store", "box"), {"aisle": "aisle"})


@pytest.fixture
def push(tmp_path):
    channel = make(tmp_path)
    yield channel
    channel.close()


def test_a_notice_arrives_encrypted_signed_and_whole(push, phone):
    push.subscribe(phone.subscription())
    assert push.deliver(notice()) == "taken by the push service for 1 phone"
    (got,) = phone.got
    assert got.vapid
    place = {"zone": "aisle", "zone_kind": "aisle", "shelf": "A", "level": 1, "line": None}
    told = {"name": "みせばん 本店", "topic": "miseban/v1/store/box"}
    told |= {"v": 1, "alert_id": "alert-1", "seq": 7, "level": "red", "kind": "intrusion", "place": place, "count": 2}
    told |= {"state": "open", "escalation": 0, "silent": False}
    assert {key: value for key, value in got.json.items() if key != "t_ms"} == told
    assert 14_300 < int(got.headers["ttl"]) <= 14_400
    assert got.headers["urgency"] == "high"
    assert got.headers["content-encoding"] == "aes128gcm"
    assert len(got.headers["topic"]) == 32  # RFC 8030: at most 32 characters of base64url
    claims = json.loads(base64.urlsafe_b64decode(got.headers["authorization"].split(".")[1] + "==="))
    assert claims["aud"] == phone.endpoint.removesuffix("/push/1")
    assert 0 < claims["exp"] - utc_ns() / 1e9 <= 24 * 3600


def test_urgency_follows_the_level_and_a_waiting_notice_is_replaced_by_a_newer_one(push, phone):
    push.subscribe(phone.subscription(levels=("red", "yellow", "white")))
    for level in (Level.RED, Level.YELLOW, Level.WHITE):
        push.deliver(notice(level, seq=level.rank))
    push.deliver(notice(seq=9, alert_id="another"))
    assert [got.headers["urgency"] for got in phone.got] == ["high", "normal", "low", "high"]
    topics = [got.headers["topic"] for got in phone.got]
    assert len(set(topics[:3])) == 1
    assert topics[3] != topics[0]


def test_a_phone_hears_only_of_its_levels_and_of_a_test(push, phone):
    push.subscribe(phone.subscription(levels=("red",)))
    assert push.deliver(notice(Level.YELLOW)) is None
    assert phone.got == []
    push.deliver(notices.trial(utc_ns()))
    assert [got.json["kind"] for got in phone.got] == ["test"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_phone_that_is_gone_is_forgotten(push, phone, status):
    push.subscribe(phone.subscription())
    phone.status = status
    with pytest.raises(ChannelFault, match="no phone is there any more"):
        push.deliver(notice())
    assert push.deliver(notice()) is None
    assert len(phone.asked) == 1


def test_a_phone_whose_service_fails_is_owed_its_notice_and_holds_up_nobody(tmp_path, phone, monkeypatch):
    monkeypatch.setattr(subscriptions, "FIRST_RETRY_NS", 100_000_000)
    monkeypatch.setattr(push_module, "TEND_NS", 0)
    push, bad = make(tmp_path), PushPhone()
    bad.status = 500
    push.subscribe(phone.subscription())
    push.subscribe(bad.subscription())
    assert push.deliver(notice(seq=1)) == "taken by the push service for 1 phone; 1 more are tried again"
    push.deliver(notice(seq=2))
    push.tend()
    assert len(bad.asked) == 2  # not due yet
    push.close()
    push, bad.status = make(tmp_path), 201  # what is owed survives the box
    wait_for(lambda: push.tend() or bad.got)
    assert [got.json["seq"] for got in bad.got] == [2]  # of one alert only the newest
    push.tend()
    time.sleep(0.3)
    push.tend()
    assert (len(phone.got), len(bad.got)) == (2, 1)
    push.close()
    bad.close()


def test_a_newer_notice_pays_what_was_owed_of_the_same_alert(push, phone, monkeypatch):
    monkeypatch.setattr(subscriptions, "FIRST_RETRY_NS", 0)
    other = PushPhone()
    push.subscribe(phone.subscription())
    push.subscribe(other.subscription())
    other.status = 503
    push.deliver(notice(seq=1))
    other.status = 201
    push.deliver(notice(seq=2))
    push.tend()
    assert [got.json["seq"] for got in other.got] == [2]
    other.close()


def test_a_test_is_true_about_each_phone(push, phone):
    bad = PushPhone()
    bad.status = 500
    push.subscribe(phone.subscription())
    push.subscribe(bad.subscription())
    with pytest.raises(ChannelFault, match=r"1 of 2 phones not told: 127.0.0.1 answers with status 500"):
        push.deliver(notices.trial(utc_ns()))
    bad.close()


def test_while_nobody_can_be_reached_the_channel_fails(push, phone):
    push.subscribe(phone.subscription())
    phone.close()
    for _ in range(2):
        with pytest.raises(ChannelFault, match=r"127.0.0.1 cannot be reached"):
            push.deliver(notice(seq=7, t_ns=1))


def test_a_service_that_hangs_holds_up_neither_the_other_phones_nor_the_end_of_the_box(push, phone, monkeypatch):
    monkeypatch.setattr(push_service, "TIMEOUT_S", (1.0, 1.0))
    silent = socket.create_server(("127.0.0.1", 0))
    push.subscribe(phone.subscription())
    for number in range(12):
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}/push/{number}"
        push.subscribe(replace(phone.subscription(), endpoint=endpoint))
    seen = []
    told = threading.Thread(target=lambda: seen.append(push.deliver(notice())))
    told.start()
    wait_for(lambda: phone.got, timeout_s=5)
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "push")
    told.join(20)
    assert seen == ["taken by the push service for 1 phone; 12 more are tried again"]
    silent.close()


def test_a_redirect_is_not_followed(push, phone):
    inside = PushPhone()
    phone.status, phone.location = 307, inside.endpoint
    push.subscribe(phone.subscription())
    with pytest.raises(ChannelFault, match="status 307"):
        push.deliver(notice())
    assert inside.asked == []
    inside.close()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x", "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/", "https://fcm.googleapis.com.evil.example/", "https://127.0.0.1/x",
        "https://[::1]/", "https://localhost/", "https://push.apple.com/", "https://evilpush.apple.com/", "file:///etc/passwd",
        "https://fcm.googleapis.com\\@evil.example/", "https://fcm.googleapis.com:x/", "", "https://" + "a" * 2000,
        "https://fcm.googleapis.com/\n", "gopher://fcm.googleapis.com/", "https://fcm.googleapis.com /",
    ],
)  # fmt: skip
def test_what_is_no_push_service_is_refused(endpoint):
    assert endpoint_fault(endpoint, ANYWHERE)


@pytest.mark.parametrize(
    "endpoint",
    ["https://fcm.googleapis.com/fcm/send/a", "https://updates.push.services.mozilla.com/wpush/v2/b",
     "https://web.push.apple.com/c", "https://wns2-par02p.notify.windows.com/w/?token=d"],
)  # fmt: skip
def test_push_services_are_known(endpoint):
    assert endpoint_fault(endpoint, ANYWHERE) is None


def test_a_known_name_that_leads_inside_is_not_asked(tmp_path, monkeypatch, phone):
    push = make(tmp_path, PushChannel(id="push"))
    asked = []
    monkeypatch.setattr(push_service.requests, "post", lambda *a, **k: asked.append(a))
    found = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.5", 443))]
    monkeypatch.setattr(push_service.socket, "getaddrinfo", lambda *a, **k: found)
    push.subscribe(replace(phone.subscription(), endpoint="https://fcm.googleapis.com/fcm/send/a"))
    with pytest.raises(ChannelFault, match="leads into a private network"):
        push.deliver(notice())
    assert asked == []
    push.close()


def test_keys_that_are_none_are_refused(push, phone):
    assert key_fault(phone.p256dh, phone.auth) is None
    for p256dh, auth in [("", phone.auth), (phone.p256dh, "AAAA"), ("B" * 87, phone.auth), ("é", phone.auth)]:
        assert key_fault(p256dh, auth)
    with pytest.raises(ChannelFault):
        push.subscribe(replace(phone.subscription(), p256dh="x"))


def test_key_and_phones_survive_and_are_private(tmp_path, phone):
    first = make(tmp_path)
    first.subscribe(phone.subscription())
    key = first.public_key
    first.close()
    for name in ("push-key.pem", "push.sqlite"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    second = make(tmp_path)
    assert second.public_key == key
    assert second.deliver(notice()).startswith("taken")
    second.close()


def test_phones_belong_to_their_user_and_go_with_the_account(push, phone):
    mine = push.subscribe(phone.subscription("Mori"))
    push.subscribe(phone.subscription("Sato", path="/push/2"))
    assert not push.unsubscribe(mine, "Sato")
    push.members = lambda: {"Mori": Member(0, True), "Sato": Member(0, False)}
    assert push.deliver(notice()) == "taken by the push service for 1 phone"  # Sato may not come in now
    push.members = lambda: {"Mori": Member(0, True), "Sato": Member(0, True)}
    assert push.deliver(notice()) == "taken by the push service for 2 phones"
    push.members = lambda: {"Mori": Member(0, True), "Sato": Member(utc_ns(), True)}
    assert push.deliver(notice()) == "taken by the push service for 1 phone"  # another Sato
    push.members = lambda: {"Sato": Member(0, True)}
    assert push.deliver(notice()) is None
    push.members = lambda: {"Mori": Member(0, True), "Sato": Member(0, True)}
    assert push.deliver(notice()) is None  # what is gone is gone
    assert not push.unsubscribe(mine, "Mori")


def test_of_one_persons_many_phones_the_oldest_give_way(push, phone):
    for number in range(MOST_OF_ONE + 3):
        push.subscribe(phone.subscription(path=f"/push/{number}"))
    push.deliver(notice())
    assert sorted(phone.asked) == sorted(f"/push/{number}" for number in range(3, MOST_OF_ONE + 3))


def test_the_phones_address_stays_out_of_words(push, phone):
    secret = phone.subscription(path="/push/secret-token")
    assert "secret" not in repr(secret)
    push.subscribe(secret)
    phone.status = 403
    with pytest.raises(ChannelFault) as fault:
        push.deliver(notice())
    assert "secret" not in str(fault.value)
