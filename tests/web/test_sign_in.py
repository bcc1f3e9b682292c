"""Who asks is known, what they may do is theirs to do and no more, and no other page asks in their name."""

import json
import re
import statistics
import threading
import time
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.clock import utc_ns
from edge.messages import Alert, AlertState, EventKind, Level
from edge.web.bodies import MAX_BODY_BYTES
from edge.web.codes import MAX_TRIES
from edge.web.rights import RIGHTS, Right, Role
from edge.web.sessions import MAX_PER_USER
from edge.web.tries import FREE
from tests.web.conftest import Door
from tests.web.people import NAMES, PASSWORD, Person, settle_all

WEB = Path(__file__).parents[2] / "edge" / "web"
ACK = {"ack_id": "k1", "alert_id": "a", "action": "seen", "at_ms": 1}
RIGHT_OF = {
    ("GET", "/api/alerts"): Right.READ,
    ("GET", "/api/store"): Right.READ,
    ("GET", "/api/pictures/none"): Right.READ,
    ("POST", "/api/acks"): Right.ANSWER,
    ("GET", "/api/users"): Right.USERS,
    ("POST", "/api/users"): Right.USERS,
    ("PATCH", "/api/users/nobody"): Right.USERS,
    ("DELETE", "/api/users/nobody"): Right.USERS,
    ("GET", "/api/access"): Right.USERS,
    ("GET", "/api/openapi.json"): Right.READ,
}
WITHOUT_RIGHT = {"/api/session", "/api/password", "/api/setup"}
"""What somebody asks who has not shown yet who they are, or about themselves."""


def alert(alert_id):
    return Alert(alert_id, utc_ns(), Level.RED, AlertState.OPEN, EventKind.INTRUSION, None, None, 1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One box for tests that leave its accounts as they are."""
    static = tmp_path_factory.mktemp("static")
    (static / "index.html").write_text("<!doctype html><title>app</title>")
    opened = Door(tmp_path_factory.mktemp("box"), static)
    settle_all(opened.accounts)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def people(shared):
    return {role: shared.person(role) for role in Role}


# ---- rights


@pytest.mark.parametrize(("method", "path"), RIGHT_OF, ids=lambda part: part)
@pytest.mark.parametrize("role", [*Role, None])
def test_each_role_may_do_what_is_its_own_and_nothing_else(shared, people, role, method, path):
    who = shared.person() if role is None else people[role]
    answer = who.ask(method, path, {} if method in ("POST", "PATCH") else None)
    right = RIGHT_OF[method, path]
    if role is None:
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    elif right in RIGHTS[role]:
        assert answer.status_code not in (401, 403)
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "no_right")


def test_the_table_above_knows_every_route_of_the_page(shared):
    told = {(method, route.path) for route in shared.app.routes for method in getattr(route, "methods", None) or ()}
    asked = {
        (method, re.sub(r"\{\w+(:\w+)?\}", "x", path))
        for method, path in told
        if path.startswith("/api/") and path not in WITHOUT_RIGHT and method != "HEAD"
    }
    assert asked == {(method, re.sub(r"(none|nobody)$", "x", path)) for method, path in RIGHT_OF}


def test_no_route_of_any_module_is_open_to_all():
    source = "\n".join(module.read_text() for module in WEB.glob("*.py"))
    routes = dict(re.findall(r'Route\(\s*"(/api/[^"]*)",([^\n]*)', source))
    assert len(routes) > len(WITHOUT_RIGHT)
    assert {path for path, rest in routes.items() if "needs(Right." not in rest} == WITHOUT_RIGHT


def test_a_refused_right_is_in_the_access_log(door):
    viewer, owner = door.person(Role.VIEWER), door.person(Role.OWNER)
    viewer.get("/api/users")
    viewer.get("/api/users")
    entries = owner.get("/api/access").json()["entries"]
    refused = [e for e in entries if e["what"] == "refused"]
    assert [(e["user"], e["detail"]) for e in refused] == [("Viewer", "GET /api/users")]


# ---- sessions


def test_signing_in_says_who_one_is_and_signing_out_ends_it(door):
    one = door.person()
    assert one.get("/api/session").json() == {
        "v": 1, "state": "signed_out", "sign_in": True, "user": None, "rights": [], "csrf": one.csrf,
    }  # fmt: skip
    told = one.sign_in("由紀")
    assert told.json()["user"] == {"name": "由紀", "role": "staff"}
    assert told.json()["rights"] == ["answer", "read", "snooze"]
    assert one.get("/api/session").json() == told.json()
    cookie = told.headers["set-cookie"]
    assert cookie.startswith("miseban=")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age="))
    stolen = one.cookie
    assert one.ask("DELETE", "/api/session").json()["state"] == "signed_out"
    assert httpx.get(f"{door.server.url}api/alerts", headers={"cookie": stolen}).status_code == 401


@pytest.mark.parametrize("name", ["MORI", " mori ", "Ｍｏｒｉ"])
def test_a_name_is_known_however_it_is_written(door, name):
    assert door.person().sign_in(name).json()["user"]["name"] == "Mori"


def test_a_password_is_known_in_full_width_too(door):
    assert door.person().sign_in("Mori", "ｃｏｒｒｅｃｔ ｈｏｒｓｅ　店番").status_code == 200


def test_a_forged_cookie_is_nobody(door):
    for token in ("x", "x" * 43, "é" * 43, "x" * 5000):
        headers = {"cookie": f"miseban={token}".encode("latin-1")}
        assert httpx.get(f"{door.server.url}api/alerts", headers=headers).status_code == 401


def test_sessions_of_one_person_are_bounded_and_the_oldest_goes(door):
    first = door.person(Role.STAFF)
    user, kept = door.accounts.credentials("由紀").user, door.accounts.credentials("由紀").kept
    time.sleep(0.002)
    for _ in range(MAX_PER_USER):
        assert door.accounts.sessions.open(user, kept)
    assert first.get("/api/alerts").status_code == 401
    assert [a.sessions for a in door.accounts.users() if a.name == "由紀"] == [MAX_PER_USER]


def test_a_changed_password_ends_the_other_phones_and_not_this_one(door):
    here, there = door.person(Role.STAFF), door.person(Role.STAFF)
    assert here.post("/api/password", {"old": "wrong one", "new": "another phrase"}).status_code == 401
    assert here.post("/api/password", {"old": PASSWORD, "new": "short"}).json()["code"] == "weak_password"
    assert here.post("/api/password", {"old": PASSWORD, "new": "another phrase"}).status_code == 200
    assert here.get("/api/alerts").status_code == 200
    assert there.get("/api/alerts").status_code == 401
    assert there.sign_in("由紀").status_code == 401
    assert there.sign_in("由紀", "another phrase").status_code == 200


def test_a_revoked_users_open_page_is_told_to_sign_in(door):
    owner, staff = door.person(Role.OWNER), door.person(Role.STAFF)
    door.journal.record(alert("a"))
    assert owner.ask("PATCH", "/api/users/由紀", {"enabled": False}).json()["enabled"] is False
    assert staff.get("/api/alerts").status_code == 401
    assert staff.post("/api/acks", ACK).json()["code"] == "signed_out"
    assert door.journal.since(0, 9)[0].ack is None
    assert staff.get("/api/session").json()["state"] == "signed_out"
    assert door.person().sign_in("由紀").status_code == 401


def test_a_demoted_user_keeps_the_session_with_the_new_rights(door):
    owner, staff = door.person(Role.OWNER), door.person(Role.STAFF)
    assert owner.ask("PATCH", "/api/users/由紀", {"role": "viewer"}).status_code == 200
    assert staff.post("/api/acks", ACK).status_code == 403
    assert staff.get("/api/session").json()["rights"] == ["read"]


# ---- pages from elsewhere


@pytest.mark.parametrize(
    "headers",
    [
        {"x-miseban-csrf": ""},
        {"x-miseban-csrf": "x" * 43},
        {"x-miseban-csrf": "é".encode("latin-1")},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://[::1"},
        {"origin": "http://localhost:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_page_changes_nothing(shared, people, headers):
    before = shared.accounts.users()
    answer = people[Role.OWNER].post("/api/users", {"name": "Mallory", "role": "owner"}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["code"] in ("csrf", "origin")
    assert shared.accounts.users() == before


def test_one_sessions_token_is_no_use_to_another(shared, people):
    body = {"name": "Mallory", "role": "owner"}
    token = {"x-miseban-csrf": people[Role.VIEWER].csrf}
    assert people[Role.OWNER].post("/api/users", body, headers=token).json()["code"] == "csrf"
    strangers = {"x-miseban-csrf": shared.person().csrf}
    assert people[Role.OWNER].post("/api/users", body, headers=strangers).json()["code"] == "csrf"


def test_signing_in_takes_the_token_as_well(shared):
    one = shared.person()
    one.csrf = ""
    assert one.post("/api/session", {"name": "Mori", "password": PASSWORD}).json()["code"] == "csrf"


def test_a_page_that_stayed_open_while_the_box_was_started_again_can_sign_in(tmp_path, static):
    box = Door(tmp_path, static)
    settle_all(box.accounts)
    before = box.person().csrf
    box.close()
    again = Door(tmp_path, static)
    assert again.person().csrf == before
    assert len(before) == 43
    again.close()


def test_our_own_page_passes(shared, people):
    origin = {"origin": shared.server.url.rstrip("/"), "sec-fetch-site": "same-origin"}
    answer = people[Role.OWNER].ask("PATCH", "/api/users/由紀", {"enabled": True}, headers=origin)
    assert answer.status_code == 200


def test_a_form_of_another_page_cannot_even_spell_it(shared, people):
    text = {"content-type": "text/plain", "x-miseban-csrf": people[Role.OWNER].csrf}
    answer = people[Role.OWNER].client.post("/api/users", content=b'{"name":"x","role":"owner"}', headers=text)
    assert answer.status_code == 415


# ---- bodies


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "JSON"), (b"{", "JSON"), (b"\xff\xfe", "JSON"), (b"[" * 60_000, "JSON"), (b"[]", "object"),
        (b'{"name":1,"password":"x"}', "name"), (b'{"name":"a"}', "password"), (b'{"name":null,"password":""}', "name"),
        (b'{"name":"\\ud800","password":"x"}', ""), (json.dumps({"name": "a" * 1001, "password": ""}).encode(), "name"),
    ],
)  # fmt: skip
def test_what_is_no_sign_in_is_a_plain_400(door, body, word):
    one = door.person()
    headers = {"x-miseban-csrf": one.csrf, "content-type": "application/json"}
    answer = one.client.post("/api/session", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_body")
    assert word in answer.json()["error"]


def test_what_was_sent_is_not_repeated(door):
    answer = door.person().post("/api/session", {"name": "a", "password": ["hunter2hunter2"]})
    assert answer.status_code == 400
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_bound_is_refused(shared, chunked):
    one = shared.person()
    headers = {"x-miseban-csrf": one.csrf, "content-type": "application/json"}
    big = b'"' + b"x" * MAX_BODY_BYTES + b'"'
    content = (big[i : i + 8192] for i in range(0, len(big), 8192)) if chunked else big
    answer = one.client.post("/api/session", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
SENT = st.fixed_dictionaries(
    {},
    optional={
        key: JSON | st.sampled_from(["owner", "seen", "Mori"])
        for key in ("name", "role", "enabled", "invite", "old", "new", "ack_id", "alert_id", "action", "at_ms")
    },
)


@settings(max_examples=80, deadline=None)
@given(body=SENT | JSON, path=st.sampled_from(["/api/users", "/api/users/x", "/api/password", "/api/acks"]))
def test_no_json_breaks_anything_or_makes_somebody_an_owner(shared, people, body, path):
    method = "PATCH" if path == "/api/users/x" else "POST"
    for role in (Role.VIEWER, Role.INSTALLER):
        answer = people[role].ask(method, path, body)
        assert 400 <= answer.status_code < 500
    assert people[Role.STAFF].ask("POST", "/api/acks", body).status_code in (400, 404)
    assert {a.name for a in shared.accounts.users() if a.role is Role.OWNER} == {"Mori"}


# ---- too many tries


def test_wrong_passwords_make_the_next_try_wait(door):
    one = door.person()
    for _ in range(FREE):
        assert one.sign_in("Mori", "wrong password").status_code == 401
    refused = one.sign_in("Mori")
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "too_many", "1")
    time.sleep(1.05)
    assert one.sign_in("Mori").status_code == 200
    assert one.sign_in("Mori").status_code == 200  # a right one makes up for the wrong ones


def test_many_tries_at_once_gain_nothing(door):
    answers = []

    def attempt():
        answers.append(door.person().sign_in("Mori", "wrong password").status_code)

    threads = [threading.Thread(target=attempt) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(401) <= FREE
    assert set(answers) == {401, 429}


def test_other_phones_are_served_while_many_sign_in(door):
    reader = door.person(Role.VIEWER)
    stop = threading.Event()

    def attempt():
        while not stop.is_set():
            door.person().sign_in("Installer")  # a person has so many phones at most: not the reader

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    took = []
    for _ in range(40):
        began = time.monotonic()
        assert reader.get("/api/alerts").status_code == 200
        took.append(time.monotonic() - began)
    stop.set()
    for thread in threads:
        thread.join()
    assert statistics.median(took) < 0.15, took


def test_an_unknown_name_takes_as_long_as_a_wrong_password(door):
    took = {"Mori": [], "nobody": []}
    for _ in range(FREE - 1):
        for name, times in took.items():
            door.person()
            one = door.person()
            began = time.process_time()
            one.sign_in(name, "wrong password")
            times.append(time.process_time() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.5 < known / unknown < 2.0, took


# ---- coming in for the first time


def test_a_setup_code_makes_one_owner_and_is_then_void(tmp_path, static):
    box = Door(tmp_path, static)
    one = box.person()
    assert one.get("/api/session").json()["state"] == "setup"
    code = box.accounts.new_setup_code()
    body = {"code": code.lower().replace("-", " "), "name": "Mori", "password": PASSWORD}
    assert one.post("/api/setup", body | {"code": "AAAA-AAAA-AAAA"}).json()["code"] == "wrong_code"
    assert one.post("/api/setup", body | {"password": "1234"}).json()["code"] == "weak_password"
    assert one.post("/api/setup", body | {"name": "a/b"}).json()["code"] == "bad_name"
    told = one.post("/api/setup", body)
    assert (told.status_code, told.json()["user"]) == (200, {"name": "Mori", "role": "owner"})
    one.csrf = told.json()["csrf"]
    assert one.get("/api/users").status_code == 200
    assert box.person().post("/api/setup", body | {"name": "Mallory"}).json()["code"] == "wrong_code"
    assert box.person().get("/api/session").json()["state"] == "signed_out"
    box.close()


def test_an_invitation_is_for_its_name_and_for_once(door):
    owner = door.person(Role.OWNER)
    invited = owner.post("/api/users", {"name": "Ｋｅｎ", "role": "staff"})
    assert (invited.status_code, invited.json()["name"], invited.json()["role"]) == (201, "Ken", "staff")
    body = {"code": invited.json()["code"], "name": "ken", "password": "my own words"}
    assert door.person().post("/api/setup", body | {"name": "Kenji"}).json()["code"] == "wrong_code"
    told = door.person().post("/api/setup", body)
    assert told.json()["user"] == {"name": "Ken", "role": "staff"}
    assert door.person().post("/api/setup", body).json()["code"] == "wrong_code"
    listed = {u["name"]: u for u in owner.get("/api/users").json()["users"]}
    assert (listed["Ken"]["invited"], listed["Ken"]["sessions"], listed["Mori"]["role"]) == (False, 1, "owner")


def test_a_new_invitation_makes_the_old_password_void(door):
    owner, staff = door.person(Role.OWNER), door.person(Role.STAFF)
    again = owner.ask("PATCH", "/api/users/由紀", {"invite": True})
    assert again.status_code == 200
    assert staff.get("/api/alerts").status_code == 401
    assert staff.sign_in("由紀").status_code == 401
    staff = door.person()
    answer = staff.post("/api/setup", {"code": again.json()["code"], "name": "由紀", "password": "new words here"})
    assert answer.status_code == 200


def test_a_code_does_not_outlive_many_wrong_ones(door):
    invitation = door.accounts.invite("Ken", Role.STAFF)
    for _ in range(MAX_TRIES):
        assert not door.accounts.check_code("Ken", "AAAA-AAAA-AAAA")
    assert not door.accounts.check_code("Ken", invitation.code)


@pytest.mark.parametrize(
    ("method", "body"),
    [("DELETE", None), ("PATCH", {"enabled": False}), ("PATCH", {"role": "staff"}), ("PATCH", {"invite": True})],
)
def test_the_last_owner_stays(door, method, body):
    owner = door.person(Role.OWNER)
    answer = owner.ask(method, "/api/users/Mori", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert owner.get("/api/users").status_code == 200
    owner.ask("PATCH", "/api/users/由紀", {"role": "owner"})
    assert owner.ask(method, "/api/users/Mori", body).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "mori", "role": "staff"}, 409, "taken"),
        ({"name": " ", "role": "staff"}, 400, "bad_name"),
        ({"name": "..", "role": "staff"}, 400, "bad_name"),
        ({"name": "a\u200bb", "role": "staff"}, 400, "bad_name"),
        ({"name": "x" * 41, "role": "staff"}, 400, "bad_name"),
        ({"name": "Ken", "role": "root"}, 400, "bad_body"),
    ],
)
def test_who_cannot_be_invited(shared, people, body, status, code):
    answer = people[Role.OWNER].post("/api/users", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nobody_of_that_name_is_a_404(shared, people):
    assert people[Role.OWNER].ask("DELETE", "/api/users/nobody").json()["code"] == "no_user"


# ---- answers


def test_an_answer_is_in_the_name_of_who_signed_in_and_counts_once(door):
    door.journal.record(alert("a"))
    staff = door.person(Role.STAFF)
    assert staff.post("/api/acks", ACK | {"by": "Mallory"}).json()["stored"] is True
    assert staff.post("/api/acks", ACK).json()["stored"] is False
    assert door.person(Role.OWNER).post("/api/acks", ACK | {"action": "false"}).json()["stored"] is False
    stored = door.journal.since(0, 9)[-1]
    assert (stored.ack.by, stored.ack.action) == ("由紀", "seen")
    assert door.told == [1]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"alert_id": "none"}, 404, "no_alert"),
        ({"action": "shout"}, 400, "bad_body"),
        ({"alert_id": "a/b"}, 400, "bad_body"),
        ({"ack_id": ""}, 400, "bad_body"),
        ({"at_ms": -1}, 400, "bad_body"),
        ({"at_ms": 2**60}, 400, "bad_body"),
        ({"at_ms": "1"}, 400, "bad_body"),
    ],
)
def test_what_is_no_answer_is_refused(shared, people, change, status, code):
    answer = people[Role.STAFF].post("/api/acks", ACK | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_journal_that_cannot_be_written_asks_to_try_again(door):
    staff = door.person(Role.STAFF)
    door.journal.close()
    answer = staff.post("/api/acks", ACK)
    assert (answer.status_code, answer.json()["code"]) == (503, "try_again")


# ---- what is written down


def test_who_did_what_is_written_down(door):
    door.journal.record(alert("a"))
    owner = door.person(Role.OWNER)
    door.person().sign_in("由紀", "wrong password")
    door.person().sign_in("my password by mistake", "x")
    staff = door.person(Role.STAFF)
    staff.post("/api/acks", ACK)
    owner.post("/api/users", {"name": "Ken", "role": "staff"})
    owner.ask("PATCH", "/api/users/Ken", {"enabled": False})
    owner.ask("DELETE", "/api/users/Ken")
    staff.ask("DELETE", "/api/session")
    told = [(e["user"], e["what"], e["detail"]) for e in reversed(owner.get("/api/access").json()["entries"])]
    assert told == [
        ("Mori", "signed_in", "from 127.0.0.1"),
        ("", "sign_in_failed", "由紀 from 127.0.0.1"),
        ("", "sign_in_failed", "nobody from 127.0.0.1"),
        ("由紀", "signed_in", "from 127.0.0.1"),
        ("由紀", "answered", "seen to a"),
        ("Mori", "user_invited", "Ken as staff"),
        ("Mori", "user_changed", "Ken: staff, disabled"),
        ("Mori", "user_removed", "Ken"),
        ("由紀", "signed_out", ""),
    ]


def test_no_secret_is_in_any_file_or_log(tmp_path, static, capfd):
    box = Door(tmp_path, static)
    code = box.accounts.new_setup_code()
    owner = box.person()
    owner.post("/api/setup", {"code": code, "name": "Mori", "password": PASSWORD})
    token = owner.client.cookies["miseban"]
    invited = box.person().as_role(Role.OWNER).post("/api/users", {"name": "Ken", "role": "staff"}).json()["code"]
    box.person().sign_in("Mori", "a wrong password")
    box.close()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    written += "".join(capfd.readouterr()).encode()
    for secret in (code, code.replace("-", ""), PASSWORD, token, invited, "a wrong password"):
        assert secret.encode() not in written
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("acc*")} == {0}


def test_where_nobody_signs_in_the_page_says_so(box):
    one = Person(f"http://localhost:{box.port}/")
    told = one.get("/api/session").json()
    assert (told["state"], told["sign_in"], told["user"]) == ("signed_in", False, None)
    assert set(told["rights"]) == set(Right)
    assert one.post("/api/session", {"name": "x", "password": "y"}).json()["code"] == "sign_in_off"
    assert one.get("/api/users").json()["code"] == "sign_in_off"
    one.csrf = ""
    assert one.post("/api/session", {}).json()["code"] == "csrf"


def test_names_of_roles_are_all_there():
    assert set(NAMES) == set(Role)
