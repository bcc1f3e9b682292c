"""What is said of a shelf or zone that cannot be watched, and of what can."""

import pytest

from edge.messages import VolumeSight
from edge.settings import StoreSettings
from edge.shop_watch import watch_health

STORE = StoreSettings.model_validate(
    {
        "shelf": [
            {"id": "A", "min": (0, 0, 0), "max": (1, 0.5, 1.8), "facing": (0, 1)},
            {"id": "thin", "min": (3, 0, 0), "max": (4, 0, 1.8), "facing": (0, 1)},
            {"id": "over", "min": (0.5, 0, 0), "max": (1.5, 0.5, 1.8), "facing": (0, 1)},
            {"id": "hall", "min": (6, 0, 0), "max": (7, 0.5, 1.8), "facing": (0, 1)},
        ],
        "zone": [
            {"id": "hall", "kind": "aisle", "polygon": [(0, 1), (4, 1), (4, 3), (0, 3)], "objects": True},
            {"id": "back", "kind": "staff_only", "polygon": [(5, 1), (8, 1), (8, 3), (5, 3)]},
        ],
    }
)


def told(*sights):
    return {(w.shelf, w.zone): (w.seen, w.fault) for w in watch_health(STORE, [VolumeSight(*s) for s in sights])}


def test_everything_drawn_is_told_and_nothing_else():
    assert set(told()) == {("A", None), ("thin", None), ("over", None), ("hall", None), (None, "hall")}


def test_what_is_drawn_wrong_needs_no_camera_to_say_so_and_the_rest_goes_on():
    health = told(("shelf/A", 1.0, 0.9))
    assert health["A", None] == (0.9, None)
    assert "no size along y" in health["thin", None][1]
    assert "overlaps shelf 'A'" in health["over", None][1]
    assert health["hall", None] == (None, None), "no camera has looked yet"


@pytest.mark.parametrize(
    ("in_picture", "seen", "words"),
    [
        (0.0, 0.0, "outside every camera's view"),
        (0.19, 0.19, "outside every camera's view"),
        (0.9, 0.0, "inside or behind something solid"),
        (0.9, 0.004, "inside or behind something solid"),
        (0.9, 0.12, "only 12 % of it can be seen"),
        (0.2, 0.2, None),
        (1.0, 0.8, None),
    ],
)
def test_why_it_cannot_be_seen_and_what_to_do(in_picture, seen, words):
    share, fault = told(("zone/hall", in_picture, seen))[None, "hall"]
    assert share == seen
    assert fault is None if words is None else words in fault
    assert fault is None or len(fault.split("; ")) == 2, "the remedy follows the semicolon"


def test_the_camera_with_the_best_view_counts():
    door, till = ("shelf/A", 0.1, 0.05), ("shelf/A", 0.9, 0.6)
    assert told(door, till)["A", None] == told(till, door)["A", None] == (0.6, None)


def test_a_shelf_and_a_zone_of_one_name_are_two_things():
    health = told(("shelf/hall", 0.9, 0.9), ("zone/hall", 0.0, 0.0))
    assert health["hall", None][1] is None
    assert health[None, "hall"][1] is not None
