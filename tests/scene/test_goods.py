"""Goods through the whole shop: from hands and changes to events and alerts."""

from dataclasses import replace

import pytest

from edge.clock import seconds
from edge.messages import Alert, AlertState, EventKind, Level, LevelFill
from edge.settings import StoreSettings
from edge.shop import Shop, ShopStep
from tests.scene.grasps import ADVANCED, RECEDED, SHELF, SHELF_KEY, Film
from tests.scene.sightings import Walker, along, at, drawn, looks, merged, rows, run, square

OPEN, UPDATED, ENDED = AlertState.OPEN, AlertState.UPDATED, AlertState.ENDED
TAKEN, PUT = EventKind.ITEM_TAKEN, EventKind.ITEM_PUT
DOOR = {"id": "door", "from": [-3.0, -2.0], "to": [3.0, -2.0], "in_direction": [0.0, 1.0]}
TILL = square("till", "checkout", 1.5, -1.5, 3.0, 0.5)
SETTINGS = drawn(line=[DOOR], zone=[TILL], shelf=[SHELF])
NO_LINE = drawn(zone=[TILL, square("mat", "exit", -3.0, -3.2, 3.0, -1.8)], shelf=[SHELF])
VISIT = along((1.0, 0.0, -3.5), (5.0, 0.0, 1.5), (20.0, 0.0, 1.5), (24.0, 0.0, -3.5))
PAYING = along(
    (1.0, 0.0, -3.5), (5.0, 0.0, 1.5), (13.0, 0.0, 1.5), (16.0, 2.2, 0.0), (20.0, 2.2, 0.0), (24.0, 0.0, -3.5)
)
"""Both stand at the shelf from 5 s on, and are out of the door at about 22.8 s."""


def film(*walkers: Walker, fps: float = 15.0, duration_s: float = 30.0) -> Film:
    return Film(looks(fps, duration_s, *walkers, jitter_m=0.01))


def whole(told: Film, settings: StoreSettings = SETTINGS) -> list[ShopStep]:
    shop = Shop(settings, ["cam0"])
    return [*(step for look in told.looks for step in shop.step(look)), *shop.finish()]


def alerts(steps: list[ShopStep]) -> list[Alert]:
    return [alert for step in steps for alert in step.alerts]


@pytest.mark.parametrize("fps", [4.5, 15.0, 30.0])
@pytest.mark.parametrize("settings", [SETTINGS, NO_LINE], ids=["line", "zone"])
def test_who_leaves_with_goods_that_were_not_paid_is_one_red_alert_with_its_reasons_in_order(
    settings: StoreSettings, fps: float
):
    told = film(VISIT, fps=fps).take(8.0, 0.1, of=0.0).take(11.0, 0.3, 0.8, of=0.0)
    steps = whole(told, settings)
    opened, ended = alerts(steps)
    assert (opened.state, ended.state) == (OPEN, ENDED)
    assert opened.alert_id == ended.alert_id
    assert (opened.kind, opened.level, opened.count) == (EventKind.UNPAID_EXIT, Level.RED, 2)
    assert opened.person == next(iter(rows(step.update for step in steps)))
    assert 22.0 < seconds(opened.t_ns - at(0)) < 26.0
    assert [reason.kind for reason in opened.reasons] == ["item_taken", "item_taken", "unpaid_exit"]
    assert [reason.picture for reason in opened.reasons] == ["pic1", "pic2", None]
    assert [seconds(reason.t_ns - at(0)) for reason in opened.reasons[:2]] == pytest.approx([8.0, 11.0], abs=0.2)
    assert opened.reasons[0].place is not None
    assert opened.reasons[0].place.shelf == "A"
    assert opened.reasons[-1].text == "Somebody left with 2 items, about 1.3 litres, and was not at a checkout."


def test_who_paid_put_it_back_took_nothing_or_hardly_did_is_not_told_of():
    honest = {
        "paid": film(PAYING).take(8.0, 0.1, of=0.0).take(11.0, 0.3, of=0.0),
        "put back": film(VISIT).take(8.0, 0.1, of=0.0).put(11.0, 0.6, of=0.0),
        "put back by a hand not seen": film(VISIT).take(8.0, 0.1, of=0.0).change(ADVANCED, 14.0, 0.1),
        "looked": film(VISIT).hand(8.0, 0.1, of=0.0).hand(9.0, 0.2, of=0.0),
        "moved": film(VISIT).take(8.0, 0.1, of=0.0).put(8.8, 0.5, of=0.0),
        "brought something": film(VISIT).put(8.0, 0.1, of=0.0),
        "nobody's hand": film(VISIT).take(8.0, 0.1),
        "hardly theirs": film(VISIT).hand(8.0, 0.1, of=0.0, confidence=0.5).change(RECEDED, 8.0, 0.1),
    }
    assert {what: alerts(whole(told)) for what, told in honest.items()} == {what: [] for what in honest}


def test_goods_taken_after_paying_count_anew():
    again = along(
        (1.0, 2.2, -3.5), (3.0, 2.2, 0.0), (6.0, 2.2, 0.0), (9.0, 0.0, 1.5), (14.0, 0.0, 1.5), (18.0, 0.0, -3.5)
    )
    assert alerts(whole(film(again).take(11.0, 0.1, of=0.0)))


def test_of_two_who_leave_the_one_who_took_it_is_told_of():
    other = along((2.0, -1.5, -3.5), (6.0, -1.0, 1.5), (18.0, -1.0, 1.5), (22.0, -1.5, -3.5))
    steps = whole(film(VISIT, other).take(9.0, -0.6, of=0.0))
    opened = alerts(steps)[0]
    by_place = {name: track[len(track) // 2].x_m for name, track in rows(s.update for s in steps).items()}
    assert by_place[opened.person] == pytest.approx(0.0, abs=0.2)
    assert {alert.person for alert in alerts(steps)} == {opened.person}


def test_a_sweep_is_one_alert_that_is_yellow_and_then_red_and_ends():
    told = film(along((1.0, 0.0, -3.5), (5.0, 0.0, 1.5), (60.0, 0.0, 1.5)), duration_s=60.0)
    for k in range(11):
        told.take(8.0 + 1.5 * k, -0.5 + 0.1 * k, of=0.0)
    changes = alerts(whole(told))
    assert [change.state for change in changes] == [OPEN, *[UPDATED] * 6, ENDED]
    assert len({change.alert_id for change in changes}) == 1
    assert [change.level for change in changes] == [Level.YELLOW] * 5 + [Level.RED] * 3
    assert [change.count for change in changes] == [5, 6, 7, 8, 9, 10, 11, 11]
    assert seconds(changes[0].t_ns - at(0)) == pytest.approx(15.0, abs=0.1)
    assert seconds(changes[-1].t_ns - at(24.0)) == pytest.approx(20.0, abs=0.3)
    taken = [reason for reason in changes[-1].reasons if reason.kind == "item_taken"]
    assert len({reason.picture for reason in taken}) == len(taken) == 11


def test_one_who_stocks_shelves_is_not_told_of():
    told = film(along((1.0, 0.0, -3.5), (5.0, 0.0, 1.5), (34.0, 0.0, 1.5), (38.0, 0.0, -3.5)), duration_s=50.0)
    for k in range(12):
        told.put(8.0 + 2.0 * k, -0.6 + 0.1 * k, of=0.0)
    steps = whole(told)
    assert not alerts(steps)
    put = [event for step in steps for event in step.update.events if event.kind is PUT]
    assert len({event.item for event in put}) == 12


@pytest.mark.parametrize("end_s", [22.95, 23.6])
def test_a_session_that_ends_at_the_door_ends_its_alert(end_s: float):
    told = film(VISIT).take(8.0, 0.1, of=0.0)
    told.looks = [look for look in told.looks if look.t_ns < at(end_s)]
    changes = alerts(whole(told))
    assert [change.state for change in changes] == [OPEN, ENDED]
    assert len({change.alert_id for change in changes}) == 1


def test_things_in_a_zone_are_left_and_removed_and_no_goods():
    hall = square("hall", "aisle", -2.5, -1.0, 2.5, 1.0) | {"objects": True, "surface_m": 0.0}
    settings = drawn(zone=[hall, TILL], line=[DOOR], alerts={"object_left": {"after_s": 10.0}})
    walk = along((1.0, 0.0, -3.5), (4.0, 0.0, 0.0), (9.0, 0.0, 0.0), (12.0, 0.0, -3.5))
    told = film(walk, duration_s=40.0)
    told.hand(6.0, 0.3, of=0.0, y_m=0.2, z_m=0.2, volume="zone/hall")
    told.change(ADVANCED, 6.0, 0.3, 20.0, y_m=0.2, z_m=0.2, volume="zone/hall")
    told.hand(8.0, -0.5, of=0.0, y_m=0.0, z_m=0.2, volume="zone/hall")
    told.change(RECEDED, 8.0, -0.5, 4.0, y_m=0.0, z_m=0.2, volume="zone/hall")
    steps = whole(told, settings)
    opened = [alert for alert in alerts(steps) if alert.state is OPEN]
    assert [alert.kind for alert in opened] == [EventKind.OBJECT_REMOVED, EventKind.OBJECT_LEFT]
    assert all(alert.person is not None and alert.place.zone == "hall" for alert in opened)
    assert [[reason.picture for reason in alert.reasons] for alert in opened] == [["pic2", None], ["pic1", None]]
    kinds = [event.kind for step in steps for event in step.update.events if event.volume_l is not None]
    assert sorted(kinds) == [EventKind.OBJECT_LEFT, EventKind.OBJECT_REMOVED]
    shown = {event.picture.name for step in steps for act in step.update.acts for event in act.evidence}
    assert shown == {"pic1", "pic2"}


def test_what_is_put_down_in_a_zone_and_picked_up_again_is_not_told():
    hall = square("hall", "aisle", -2.5, -1.0, 2.5, 1.0) | {"objects": True}
    settings = drawn(zone=[hall], line=[DOOR], alerts={"object_left": {"after_s": 10.0}})
    told = film(along((1.0, 0.0, -3.5), (4.0, 0.0, 0.0), (26.0, 0.0, 0.0), (29.0, 0.0, -3.5)))
    told.change(ADVANCED, 6.0, 0.3, 20.0, y_m=0.2, z_m=0.2, volume="zone/hall")
    told.change(RECEDED, 24.0, 0.3, 20.0, y_m=0.2, z_m=0.2, volume="zone/hall")
    steps = whole(told, settings)
    assert not alerts(steps)
    assert not [event for step in steps for event in step.update.events if event.volume_l is not None]


def test_what_two_cameras_see_is_told_once_and_is_the_same_at_each_replay():
    a = film(VISIT).take(8.0, 0.1, of=0.0).put(12.0, 0.2, of=0.0).take(15.0, 0.1, of=0.0)
    b = film(VISIT).take(8.0, 0.15, 0.6, of=0.0).put(12.0, 0.2, of=0.0).take(15.0, 0.15, of=0.0)
    both = merged(a.looks, [replace(look, camera="b", t_ns=look.t_ns + 20_000_000) for look in b.looks])

    def told() -> list[tuple[str, int, str | None, str | None]]:
        updates = run(both, SETTINGS, ("cam0", "b"))
        goods = [event for update in updates for event in update.events if event.kind in (TAKEN, PUT)]
        return [(event.kind.value, event.t_start_ns, event.person, event.item) for event in goods]

    first = told()
    assert first == told()
    assert [kind for kind, *_ in first] == ["item_taken", "item_put", "item_taken"]
    assert first[0][3] == first[1][3] != first[2][3]
    assert len({person for _, _, person, _ in first}) == 1


def test_how_full_the_shelves_are_is_passed_on_the_newest_word_on_each_level():
    a, b = film().looks[:2], film().looks[:1]
    a[0] = replace(a[0], fills=(LevelFill(SHELF_KEY, 1, 0.5), LevelFill(SHELF_KEY, 0, 0.4)))
    b[0] = replace(b[0], camera="b", t_ns=b[0].t_ns + 1_000_000, fills=(LevelFill(SHELF_KEY, 1, 0.6),))
    first, *rest = run(merged(a, b), SETTINGS, ("cam0", "b"))
    assert first.fills == (LevelFill(SHELF_KEY, 0, 0.4), LevelFill(SHELF_KEY, 1, 0.6))
    assert all(update.fills == () for update in rest)
