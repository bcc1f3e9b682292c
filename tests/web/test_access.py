"""The access log is bounded, and no flood or full disk makes it a nuisance."""

import sqlite3

import pytest

from edge.errors import EdgeError
from edge.web.access import MAX_PAGE, MAX_PER_KIND, PRUNE_EVERY, AccessLog, Deed


@pytest.fixture
def clock():
    return [1_000_000]


@pytest.fixture
def log(tmp_path, clock):
    opened = AccessLog(tmp_path / "access.sqlite", lambda: clock[0])
    yield opened
    opened.close()


def test_a_flood_of_one_kind_pushes_out_no_other(log):
    log.note("Mori", Deed.USER_REMOVED, "Ken")
    for number in range(MAX_PER_KIND + 2 * PRUNE_EVERY):
        log.note("", Deed.SIGN_IN_FAILED, f"nobody from {number}")
    with sqlite3.connect(log._path) as db:
        assert db.execute("SELECT count(*) FROM entries").fetchone()[0] <= MAX_PER_KIND + PRUNE_EVERY + 1
        assert db.execute("SELECT detail FROM entries WHERE what = 'user_removed'").fetchall() == [("Ken",)]
    assert len(log.entries(10**9)) == MAX_PAGE
    assert log.entries(1)[0].detail == f"nobody from {MAX_PER_KIND + 2 * PRUNE_EVERY - 1}"


def test_the_same_look_is_told_once_a_minute(log, clock):
    for _ in range(90):
        log.note("Mori", Deed.CAMERA, "till")
        log.note("Mori", Deed.CAMERA, "door")
        clock[0] += 1000
    assert [(e.detail, e.t_ms) for e in reversed(log.entries())] == [
        ("till", 1_000_000), ("door", 1_000_000), ("till", 1_060_000), ("door", 1_060_000),
    ]  # fmt: skip


def test_a_clock_that_was_set_back_hides_no_look(log, clock):
    log.note("Mori", Deed.CAMERA, "till")
    clock[0] -= 500_000
    log.note("Mori", Deed.CAMERA, "till")
    assert len(log.entries()) == 2


def test_long_and_odd_details_are_cut(log):
    log.note("Mori", Deed.REFUSED, "GET /" + "x" * 5000)
    log.note("Mori", Deed.REFUSED, "\ud800")
    assert [len(entry.detail) for entry in log.entries()] == [1, 200]


def test_a_disk_that_fails_costs_entries_and_not_access(log):
    log.note("Mori", Deed.SIGNED_IN)
    log._db.close()
    log.note("Mori", Deed.SIGNED_OUT)
    assert log.lost == 1
    with pytest.raises(EdgeError, match="cannot be read"):
        log.entries()


def test_a_file_that_is_none_is_named(tmp_path):
    (tmp_path / "access.sqlite").write_bytes(b"long enough to be taken for a database, and none" * 100)
    with pytest.raises(EdgeError, match=r"access log cannot be used.*move it away"):
        AccessLog(tmp_path / "access.sqlite")
    with pytest.raises(EdgeError, match="cannot be used"):
        AccessLog(tmp_path / "none" / "access.sqlite")
