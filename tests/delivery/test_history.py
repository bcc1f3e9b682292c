"""The book of days: adds up over restarts, and follows the journal as a phone does."""

import stat
from datetime import UTC, datetime

import pytest

from edge.clock import NS_PER_S
from edge.delivery.history import KEPT_DAYS, MOST_CELLS, History
from edge.delivery.journal import Journal
from edge.errors import DeliveryError
from edge.messages import Ack, AckAction, Alert, AlertState, CellPart, DayPart, EventKind, HourPart, Level

NOON_NS = int(datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()) * NS_PER_S


def date_of(t_ns):
    return datetime.fromtimestamp(t_ns / NS_PER_S, UTC).date().isoformat()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.sqlite"


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def alert(alert_id, t_ns, level=Level.RED, state=AlertState.OPEN):
    return Alert(alert_id, t_ns, level, state, EventKind.INTRUSION, None, None, 1)


def answer(journal, alert_id, action, at_ns, ack_id):
    assert journal.acknowledge(Ack(ack_id, alert_id, action, "Sato", at_ns), at_ns)


def test_pages_add_up_and_survive_a_restart(path):
    for most in (3, 2):
        history = History(path, date_of)
        history.add(DayPart("2026-05-04", (HourPart("2026-05-04", 9, 5, 1, most),), (CellPart(-2, 7, 1.5),)))
        history.close()
    day = History(path, date_of).day("2026-05-04")
    assert day.hours == (HourPart("2026-05-04", 9, 10, 2, 3),)
    assert day.cells == (CellPart(-2, 7, 3.0),)


def test_nothing_is_known_of_another_day(path):
    history = History(path, date_of)
    history.add(DayPart("2026-05-04", (HourPart("2026-05-04", 9, 5, 1, 3),)))
    empty = history.day("2026-05-05")
    assert (empty.hours, empty.cells, empty.alerts.reds, empty.alerts.median_s) == ((), (), 0, None)
    assert history.dates() == ("2026-05-04",)


def test_alerts_count_once_with_their_last_answer(path, journal):
    history = History(path, date_of)
    journal.record(alert("a", NOON_NS, Level.YELLOW))
    history.read(journal)
    journal.record(alert("a", NOON_NS + NS_PER_S, Level.RED, AlertState.UPDATED))
    journal.record(alert("b", NOON_NS + 2 * NS_PER_S))
    journal.record(alert("c", NOON_NS + 3 * NS_PER_S, Level.WHITE))
    answer(journal, "b", AckAction.SEEN, NOON_NS + 10 * NS_PER_S, "1")
    answer(journal, "b", AckAction.SPOKE, NOON_NS + 32 * NS_PER_S, "2")
    answer(journal, "a", AckAction.SPOKE, NOON_NS + 10 * NS_PER_S, "3")
    for _ in range(2):  # what was read is not read again, and would count once if it were
        history.read(journal)
    history.close()
    alerts = History(path, date_of).day("2026-05-04").alerts
    assert dict(alerts.by_level) == {"white": 1, "yellow": 0, "red": 2}
    assert dict(alerts.by_answer) == {"spoke": 2, "staff": 0, "false": 0, "seen": 0, "none": 1}
    assert (alerts.reds, alerts.spoken, alerts.median_s) == (2, 2, 20.0)


def test_more_alerts_than_one_page_of_the_journal(path, journal):
    for k in range(620):
        journal.record(alert(f"a{k}", NOON_NS + k, Level.WHITE))
    history = History(path, date_of)
    history.read(journal)
    assert dict(history.day("2026-05-04").alerts.by_level)["white"] == 620


def test_what_is_too_old_or_too_much_is_left(path):
    history = History(path, date_of)
    history.add(DayPart("2025-01-01", (HourPart("2025-01-01", 9, 5, 1, 3),), (CellPart(0, 0, 1.0),)))
    history.add(DayPart("2026-05-04", (), tuple(CellPart(k, 0, 1.0) for k in range(MOST_CELLS + 5))))
    history.prune("2026-05-04")
    assert KEPT_DAYS < 480
    assert history.dates() == ()
    assert history.day("2025-01-01").cells == ()
    assert len(history.day("2026-05-04").cells) == MOST_CELLS


def test_only_the_box_may_read_it(path):
    History(path, date_of)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_book_says_so(path):
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(DeliveryError, match="book of days"):
        History(path, date_of)
