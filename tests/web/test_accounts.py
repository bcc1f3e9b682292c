"""Accounts outlive a killed box, keep nothing that could be used, and keep an owner."""

import signal
import sqlite3
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.web.accounts import INVITE_CODE_MS, MAX_USERS, SETUP_CODE_MS, Accounts, AccountsError, RefusedChange
from edge.web.addresses import network_of
from edge.web.codes import ALPHABET, code_hash, new_code
from edge.web.names import MAX_NAME_CHARS, clean_name, name_key
from edge.web.passwords import MAX_WAITING, Passwords, TooBusy, weakness
from edge.web.rights import Role, User
from edge.web.sessions import ABSOLUTE_MS, IDLE_MS, csrf_token
from edge.web.tries import FREE, FREE_BY_ADDRESS, MAX_DELAY_S, MAX_KEYS, Tries
from tests.web.people import settle

DAY_MS = 86_400_000


class Clock:
    def __init__(self):
        self.now_ms = 1_800_000_000_000

    def __call__(self):
        return self.now_ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts(tmp_path, clock):
    opened = Accounts(tmp_path / "accounts.sqlite", clock)
    settle(opened, "Mori", Role.OWNER)
    yield opened
    opened.close()


def session_of(accounts, name):
    known = accounts.credentials(name)
    return accounts.sessions.open(known.user, known.kept)


# ---- killed at any moment

CREATE = """
import os, signal, sys
from pathlib import Path
from edge.web.accounts import Accounts
from edge.web.rights import Role
accounts = Accounts(Path(sys.argv[1]))
invitation = accounts.invite("Ken", Role.STAFF)
kept = "kept " + sys.argv[2]
if sys.argv[2] != "invited":
    accounts.redeem("Ken", invitation.code, kept)
token = None if sys.argv[2] != "session" else accounts.sessions.open(accounts.credentials("Ken").user, kept)
print(invitation.code, token, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("until", ["invited", "redeemed", "session"])
def test_what_was_said_stands_after_kill_9(tmp_path, until):
    path = tmp_path / "accounts.sqlite"
    killed = subprocess.run(
        [sys.executable, "-c", CREATE, str(path), until], capture_output=True, text=True, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    code, token = killed.stdout.split()
    accounts = Accounts(path)
    if until == "invited":
        assert accounts.redeem("Ken", code, "kept") == User("Ken", Role.STAFF)
    else:
        assert accounts.redeem("Ken", code, "other") is None, "a code that was used is void"
        assert accounts.credentials("Ken").kept == f"kept {until}"
    if until == "session":
        assert accounts.sessions.of_token(token).user == User("Ken", Role.STAFF)
    accounts.close()


def test_the_file_is_this_users_alone_also_when_it_was_not(tmp_path):
    path = tmp_path / "accounts.sqlite"
    path.touch(0o644)
    accounts = Accounts(path)
    accounts.new_setup_code()
    assert {p.stat().st_mode & 0o077 for p in tmp_path.iterdir()} == {0}
    assert len(list(tmp_path.iterdir())) == 3
    accounts.close()


def test_a_file_of_another_version_or_kind_is_named(tmp_path):
    (tmp_path / "a").write_bytes(b"no database at all, but long enough to be read as one" * 100)
    with pytest.raises(AccountsError, match="not a database"):
        Accounts(tmp_path / "a")
    with sqlite3.connect(tmp_path / "b") as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(AccountsError, match="format 99"):
        Accounts(tmp_path / "b")


# ---- codes


def test_a_setup_code_lives_a_day_and_a_new_one_replaces_it(tmp_path, clock):
    accounts = Accounts(tmp_path / "a", clock)
    assert accounts.needs_setup_code()
    first, second = accounts.new_setup_code(), accounts.new_setup_code()
    assert not accounts.check_code("Mori", first)
    clock.now_ms += SETUP_CODE_MS
    assert accounts.check_code("Mori", second)
    clock.now_ms += 1
    assert not accounts.check_code("Mori", second)
    assert accounts.needs_setup_code()
    accounts.close()


def test_a_setup_code_is_void_once_there_is_an_owner(tmp_path, clock):
    accounts = Accounts(tmp_path / "a", clock)
    code = accounts.new_setup_code()
    settle(accounts, "Mori", Role.OWNER)
    assert accounts.redeem("Mallory", code, "kept") is None
    assert not accounts.needs_setup_code()
    accounts.close()


def test_of_two_who_use_a_code_at_once_one_comes_in(accounts):
    invitation = accounts.invite("Ken", Role.STAFF)
    came_in = []
    threads = [
        threading.Thread(target=lambda i=i: came_in.append(accounts.redeem("Ken", invitation.code, f"kept {i}")))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came_in.count(None) == 7


def test_an_invitation_ends(accounts, clock):
    invitation = accounts.invite("Ken", Role.STAFF)
    assert invitation.expires_ms == clock.now_ms + INVITE_CODE_MS
    clock.now_ms = invitation.expires_ms + 1
    assert not accounts.check_code("Ken", invitation.code)


def test_a_disabled_person_cannot_come_in_with_a_code(accounts):
    invitation = accounts.invite("Ken", Role.STAFF)
    accounts.change("Ken", None, False)
    assert accounts.redeem("Ken", invitation.code, "kept") is None


def test_codes_are_easy_to_read_and_differ():
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert {c for code in codes for c in code} == set(ALPHABET) | {"-"}
    assert not set("IL1O0U") & set(ALPHABET)


@pytest.mark.parametrize("typed", ["k7qm2fhx9rtd", "K7QM 2FHX 9RTD", "Ｋ７ＱＭ－２ＦＨＸ－９ＲＴＤ", "K7QM–2FHX—9RTD"])
def test_a_code_is_the_same_however_it_is_typed(typed):
    assert code_hash(typed) == code_hash("K7QM-2FHX-9RTD")


# ---- people


def test_the_last_owner_stays_also_when_two_leave_at_once(accounts):
    settle(accounts, "Sato", Role.OWNER)
    refused = []

    def leave(name):
        try:
            accounts.remove(name)
        except RefusedChange as refusal:
            refused.append(refusal.code)

    threads = [threading.Thread(target=leave, args=(name,)) for name in ("Mori", "Sato")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_owner"]
    assert accounts.has_owner()


def test_an_owner_who_was_only_invited_does_not_count(accounts):
    accounts.invite("Sato", Role.OWNER)
    with pytest.raises(RefusedChange, match="no owner would be left"):
        accounts.remove("Mori")


def test_who_has_a_shell_can_reset_the_last_owner(accounts):
    token = session_of(accounts, "Mori")
    invitation = accounts.invite_again("MORI", last_owner_too=True)
    assert accounts.sessions.of_token(token) is None
    assert accounts.redeem("Mori", invitation.code, "new") == User("Mori", Role.OWNER)


def test_people_are_bounded(accounts):
    for number in range(MAX_USERS - 1):
        accounts.invite(f"user {number}", Role.VIEWER)
    with pytest.raises(RefusedChange, match="already"):
        accounts.invite("one more", Role.VIEWER)


def test_a_removed_person_leaves_no_session_or_code_to_the_next_of_that_name(accounts):
    settle(accounts, "Ken", Role.STAFF)
    token = session_of(accounts, "Ken")
    again = accounts.invite_again("Ken")
    accounts.remove("Ken")
    accounts.invite("Ken", Role.OWNER)
    assert accounts.sessions.of_token(token) is None
    assert accounts.redeem("Ken", again.code, "kept") is None


# ---- sessions


def test_a_session_ends_unused_or_too_old(accounts, clock):
    token = session_of(accounts, "Mori")
    clock.now_ms += IDLE_MS
    session = accounts.sessions.of_token(token)
    assert session is not None
    accounts.sessions.touch(session)
    clock.now_ms += IDLE_MS + 1
    assert accounts.sessions.of_token(token) is None
    token = session_of(accounts, "Mori")
    begun = clock.now_ms
    while clock.now_ms + IDLE_MS <= begun + ABSOLUTE_MS:
        clock.now_ms += IDLE_MS
        accounts.sessions.touch(accounts.sessions.of_token(token))
    clock.now_ms = begun + ABSOLUTE_MS + 1
    assert accounts.sessions.of_token(token) is None


def test_a_session_is_not_opened_with_a_password_that_was_replaced(accounts):
    known = accounts.credentials("Mori")
    assert accounts.set_password("Mori", known.kept, "new", b"")
    assert accounts.sessions.open(known.user, known.kept) is None
    assert not accounts.set_password("Mori", known.kept, "other", b"")


def test_each_session_has_its_own_token_for_pages(accounts):
    one, two = session_of(accounts, "Mori"), session_of(accounts, "Mori")
    assert len({csrf_token(one), csrf_token(two), one, two}) == 4


def test_another_process_is_noticed(accounts):
    before = accounts.changes()
    assert accounts.changes() == before
    other = Accounts(accounts.path)
    other.new_setup_code()
    other.close()
    assert accounts.changes() != before


RESET = """
import sys
from pathlib import Path
from edge.web.accounts import Accounts
accounts = Accounts(Path(sys.argv[1]))
if sys.argv[2] == "reset":
    accounts.invite_again("Mori", last_owner_too=True)
accounts.close()
"""


def test_what_another_process_changes_is_seen_also_after_one_that_only_looked(accounts):
    token = session_of(accounts, "Mori")
    for what in ("look", "look", "reset"):
        assert accounts.sessions.of_token(token) is not None
        subprocess.run([sys.executable, "-c", RESET, str(accounts.path), what], check=True, timeout=60)
    assert accounts.sessions.of_token(token) is None
    accounts.new_setup_code()
    other = sqlite3.connect(accounts.path)
    assert other.execute("SELECT count(*) FROM codes WHERE user_id = 0").fetchone() == (1,)
    assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    other.close()


# ---- names and passwords


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Mori", "Mori"), ("  Mori   Yuki ", "Mori Yuki"), ("Ｙｕｋｉ", "Yuki"), ("森　由紀", "森 由紀"),
        ("O'Neil-2", "O'Neil-2"),
        ("", None), ("   ", None), ("a\nb", None), ("a\x00b", None), ("a\u202eb", None), ("a/b", None), ("..", None),
        ("x" * 40, "x" * 40), ("x" * 41, None), ("ﷺ" * 10, None), ("\ud800", None), ("x" * 10_000_000, None),
    ],
)  # fmt: skip
def test_names(typed, name):
    assert clean_name(typed) == name


@given(st.text(max_size=60))
def test_a_name_that_is_taken_stays_as_it_is_and_fits_everywhere(text):
    name = clean_name(text)
    if name is not None:
        assert clean_name(name) == name
        assert name_key(name) == name_key(name_key(name))
        assert 1 <= len(name) <= MAX_NAME_CHARS
        assert name.isprintable()
        assert not set(name) & set("/\\")
        name.encode()


@given(st.text(min_size=1, max_size=40))
def test_names_that_differ_only_in_case_are_one(text):
    name = clean_name(text)
    if name is not None:
        assert name_key(name) == name_key(name.casefold())


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "at least"), ("x" * 201, "at most"), ("aaaaaaaaaa", "guessed"), ("12345678", "guessed"),
        ("qwertyui", "guessed"), ("password", "guessed"), ("87654321", "guessed"), ("Mori Yuki", "the name"),
        ("ＭＯＲＩ ｙｕｋｉ", "the name"),
    ],
)  # fmt: skip
def test_passwords_that_are_not_taken(password, word):
    assert word in weakness(password, "Mori Yuki")


@pytest.mark.parametrize("password", ["correct horse", "店番は今日も平和です", "x7!kQ2#p", "x" * 4 + "abc" + "y" * 190])
def test_passwords_that_are_taken(password):
    assert weakness(password, "Mori Yuki") is None


def test_a_password_is_kept_as_argon2id_and_fits_itself_alone():
    passwords = Passwords()
    kept = passwords.hashed("correct horse")
    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, "correct horse")
    assert not passwords.fits(kept, "Correct horse")
    assert not passwords.fits(None, "nobody has this password")
    assert not passwords.fits("no hash", "x")
    assert not passwords.fits(kept, "\ud800")


def test_who_comes_when_many_are_at_it_is_asked_to_come_again():
    passwords, told = Passwords(), []

    def hash_one():
        try:
            told.append(passwords.hashed("correct horse"))
        except TooBusy:
            told.append(None)

    threads = [threading.Thread(target=hash_one) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count(None) >= 1
    assert len(set(told)) > MAX_WAITING
    assert passwords.fits(passwords.hashed("x" * 9), "x" * 9), "afterwards there is room again"


# ---- tries


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.168.1.7", "192.168.1.7"), ("::ffff:192.168.1.7", "192.168.1.7"), ("unknown", "unknown"),
        ("2001:db8::a:b:c:d", "2001:db8::/64"), ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"), ("fe80::1%eth0", "fe80::/64"),
    ],
)  # fmt: skip
def test_a_machine_is_known_by_its_network(address, network):
    assert network_of(address) == network


def test_each_wrong_try_waits_longer_up_to_a_minute():
    now = [0]
    tries = Tries(lambda: now[0])
    assert [tries.begin("n", "a") for _ in range(FREE)] == [0] * FREE
    waits = []
    for _ in range(9):
        waits.append(tries.begin("n", "b"))
        now[0] += waits[-1] * 1_000_000_000
        assert tries.begin("n", "b") == 0
    assert waits == [1, 2, 4, 8, 16, 32, MAX_DELAY_S, MAX_DELAY_S, MAX_DELAY_S]
    assert tries.begin("other", "b") == 0
    tries.was_right("n", "b")
    assert tries.begin("n", "c") == 0


def test_many_names_from_one_address_wait_too():
    tries = Tries(lambda: 0)
    assert [tries.begin(f"n{i}", "a") for i in range(FREE_BY_ADDRESS)] == [0] * FREE_BY_ADDRESS
    assert tries.begin("another", "a") == 1
    tries.was_right("n0", "a")  # an account of one's own does not make the others' passwords cheaper
    assert tries.begin("another", "a") == 0
    assert tries.begin("yet another", "a") == 1


def test_tries_are_forgotten_and_bounded():
    now = [0]
    tries = Tries(lambda: now[0])
    for _ in range(FREE):
        tries.begin("n", "a")
    now[0] += 3601 * 1_000_000_000
    assert tries.begin("n", "a") == 0
    for i in range(3 * MAX_KEYS):
        tries.begin(f"n{i}", f"a{i}")
    assert len(tries) == 2 * MAX_KEYS
