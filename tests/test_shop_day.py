"""What each hour and each patch of floor gained."""

from datetime import UTC, datetime

from edge.clock import NS_PER_S
from edge.messages import CellPart, FlowCounts, HourPart, SceneUpdate
from edge.scene.flow import CellFlow
from edge.settings import StoreSettings
from edge.shop_day import DayBook

TOKYO = StoreSettings.model_validate({"store": {"name": "shop", "timezone": "Asia/Tokyo"}})
EVE_NS = int(datetime(2026, 5, 3, 14, 59, 30, tzinfo=UTC).timestamp()) * NS_PER_S
"""Half a minute before midnight in Tokyo."""


def update(after_s, inside, counts=None):
    return SceneUpdate(EVE_NS + round(after_s * NS_PER_S), (), inside=inside, counts=counts)


def window(after_s, entered, left):
    start_ns = EVE_NS + round(after_s * NS_PER_S)
    return FlowCounts(start_ns, start_ns + 60 * NS_PER_S, entered, left, 0, (), ())


def test_a_window_counts_in_the_hour_in_which_it_began():
    book = DayBook(TOKYO)
    book.step(update(0, 4))
    book.step(update(40, 2, window(-20, 3, 1)))
    page = book.page(EVE_NS + 40 * NS_PER_S, ())
    assert page.hours == (HourPart("2026-05-03", 23, 3, 1, 4), HourPart("2026-05-04", 0, 0, 0, 2))
    assert page.date == "2026-05-04"


def test_each_page_has_only_what_is_new():
    book = DayBook(TOKYO)
    book.step(update(0, 1))
    first = book.page(EVE_NS, (CellFlow(1, 2, 3.0, 1), CellFlow(5, 5, 0.01, 1)))
    second = book.page(EVE_NS, (CellFlow(1, 2, 3.5, 2), CellFlow(5, 5, 0.06, 3)))
    assert first.cells == (CellPart(1, 2, 3.0),)
    assert second.cells == (CellPart(1, 2, 0.5), CellPart(5, 5, 0.06))
    assert second.hours == ()
