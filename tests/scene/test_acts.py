"""Acts that may need a person: since when, how many, and that each is told to its end."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest

from edge.clock import seconds
from edge.messages import Act, EventKind, SceneEvent, Track, TrackState
from edge.scene.acts import Acts
from edge.scene.tracker import People
from edge.scene.zones import ZoneMap
from edge.settings import StoreSettings
from tests.scene.sightings import at, drawn, square

RATES_FPS = (4.5, 15.0, 30.0)
HOURS = {"open": "09:00", "close": "21:00"}
TOKYO_CLOSES_S = 12 * 3600 - (22 * 3600 + 14 * 60) + 24 * 3600
"""21:00 in Tokyo is 12:00 UTC; the tests begin at 22:14 UTC of the day before."""
OPENS_AGAIN_S = TOKYO_CLOSES_S + 12 * 3600


def person(name: str, t_s: float, x_m: float = 0.0, y_m: float = 0.0, confidence: float = 0.9) -> Track:
    return Track(name, at(t_s), x_m, y_m, 1.7, 0.0, 0.0, TrackState.SEEN, at(0), confidence)


class Watch:
    """Steps the acts of a shop and keeps what they tell."""

    def __init__(self, settings: StoreSettings, fps: float = 10.0) -> None:
        self.acts = Acts(settings, ZoneMap(settings.zone))
        self.fps = fps
        self.going: list[tuple[float, Act]] = []
        self.over: list[SceneEvent] = []

    def between(self, begin_s: float, end_s: float, who: Callable[[float], Iterable[Track]]) -> "Watch":
        """Every frame from one time up to before another."""
        for k in range(round((end_s - begin_s) * self.fps)):
            t_s = begin_s + k / self.fps
            going, over = self.acts.step(People(at(t_s), tuple(who(t_s))))
            self.going.extend((t_s, act) for act in going)
            self.over.extend(over)
        return self

    def finish(self) -> "Watch":
        self.over.extend(self.acts.finish())
        return self


def nobody(t_s: float) -> list[Track]:
    return []


def crowd_of(n: int, x_m: float = 0.0) -> Callable[[float], list[Track]]:
    return lambda t_s: [person(f"p{k}", t_s, x_m, 0.1 * k) for k in range(n)]


# ------------------------------------------------------------------------------------------------ intrusion

CLOSED = drawn(hours=HOURS, alerts={"intrusion": {"after_s": 1.0, "end_after_s": 30.0}})
NIGHT_S = TOKYO_CLOSES_S + 3600.0


@pytest.mark.parametrize("fps", RATES_FPS)
def test_somebody_in_the_closed_shop_is_one_intrusion_from_first_to_last_sight(fps: float):
    watch = Watch(CLOSED, fps)
    watch.between(NIGHT_S, NIGHT_S + 10, lambda t_s: [person("thief", t_s, 1.0, 2.0)])
    watch.between(NIGHT_S + 10, NIGHT_S + 60, nobody)
    (over,) = watch.over
    assert over.kind is EventKind.INTRUSION
    assert over.t_start_ns == at(NIGHT_S)
    assert 0 <= seconds(at(NIGHT_S + 10) - over.t_end_ns) <= 1.0 / fps + 1e-6
    assert (over.person, over.count) == ("thief", 1)
    assert watch.going[0][0] - NIGHT_S == pytest.approx(1.0, abs=1.0 / fps + 1e-6)
    assert {act.t_start_ns for _, act in watch.going} == {at(NIGHT_S)}
    assert watch.going[-1][0] == pytest.approx(NIGHT_S + 40, abs=2.0 / fps)
    assert {act.count for t_s, act in watch.going if t_s > NIGHT_S + 10} == {0}


def test_a_thief_who_is_out_of_view_for_a_while_is_still_the_same_intrusion():
    watch = Watch(CLOSED).between(NIGHT_S, NIGHT_S + 5, lambda t_s: [person("a", t_s)])
    watch.between(NIGHT_S + 5, NIGHT_S + 30, nobody)
    watch.between(NIGHT_S + 30, NIGHT_S + 35, lambda t_s: [person("b", t_s)])
    watch.finish()
    assert len(watch.over) == 1
    assert watch.over[0].t_end_ns == at(NIGHT_S + 34.9)
    assert watch.going[-1][1].person == "b"


def test_thieves_long_apart_are_two_intrusions():
    watch = Watch(CLOSED)
    for begin_s in (NIGHT_S, NIGHT_S + 45):
        watch.between(begin_s, begin_s + 5, lambda t_s: [person("a", t_s)])
        watch.between(begin_s + 5, begin_s + 45, nobody)
    assert [over.t_start_ns for over in watch.over] == [at(NIGHT_S), at(NIGHT_S + 45)]


def test_one_who_is_seen_for_a_moment_only_is_no_intrusion():
    watch = Watch(CLOSED).between(NIGHT_S, NIGHT_S + 0.5, lambda t_s: [person("a", t_s)])
    watch.between(NIGHT_S + 0.5, NIGHT_S + 60, nobody).finish()
    assert watch.going == []
    assert watch.over == []


def test_how_many_there_are_is_told_now_and_the_most_afterwards():
    watch = Watch(CLOSED).between(NIGHT_S, NIGHT_S + 5, crowd_of(1)).between(NIGHT_S + 5, NIGHT_S + 10, crowd_of(3))
    watch.between(NIGHT_S + 10, NIGHT_S + 15, crowd_of(2)).finish()
    assert [act.count for t_s, act in watch.going if abs(t_s % 5 - 2) < 0.01] == [1, 3, 2]
    assert watch.over[0].count == 3


def test_rows_told_afterwards_tell_since_when():
    acts = Acts(CLOSED, ZoneMap(()))
    earlier = tuple(person("a", NIGHT_S + k / 10) for k in range(4))
    going, _ = acts.step(People(at(NIGHT_S + 0.4), (person("a", NIGHT_S + 0.4),), earlier))
    assert going == ()
    (act,), _ = acts.step(People(at(NIGHT_S + 2), (person("a", NIGHT_S + 2),)))
    (over,) = acts.finish()
    assert act.t_start_ns == at(NIGHT_S)
    assert over.t_start_ns == at(NIGHT_S)


def test_nobody_intrudes_while_the_shop_is_open_or_has_no_hours():
    noon_s = TOKYO_CLOSES_S - 6 * 3600
    for settings in (CLOSED, drawn()):
        watch = Watch(settings).between(noon_s, noon_s + 20, crowd_of(1)).finish()
        assert (watch.going, watch.over) == ([], [])


def test_an_intrusion_can_be_switched_off():
    settings = drawn(hours=HOURS, alerts={"intrusion": {"enabled": False}})
    watch = Watch(settings).between(NIGHT_S, NIGHT_S + 20, crowd_of(1)).finish()
    assert (watch.going, watch.over) == ([], [])


def test_the_intrusion_of_one_who_stays_past_closing_begins_at_closing_and_ends_at_opening():
    watch = Watch(CLOSED).between(TOKYO_CLOSES_S - 5, TOKYO_CLOSES_S + 10, crowd_of(1))
    assert watch.going[0][1].t_start_ns == at(TOKYO_CLOSES_S)
    assert seconds(at(watch.going[0][0]) - at(TOKYO_CLOSES_S)) == pytest.approx(1.0, abs=0.11)

    watch = Watch(CLOSED).between(OPENS_AGAIN_S - 5, OPENS_AGAIN_S + 60, crowd_of(1))
    (over,) = watch.over
    assert seconds(at(OPENS_AGAIN_S) - over.t_end_ns) == pytest.approx(0.1, abs=0.01)
    assert {act.count for t_s, act in watch.going if t_s >= OPENS_AGAIN_S} == {0}


def test_closing_is_noticed_to_the_minute():
    half_past_s = TOKYO_CLOSES_S - 1800
    settings = drawn(hours={"open": "09:00", "close": "20:30"})
    watch = Watch(settings, fps=1.0).between(half_past_s - 1200, half_past_s + 60, crowd_of(1))
    assert watch.going[0][1].t_start_ns == at(half_past_s)


def test_rows_from_before_closing_are_no_part_of_an_intrusion():
    acts = Acts(CLOSED, ZoneMap(()))
    earlier = tuple(person("a", TOKYO_CLOSES_S - 0.5 + k / 10) for k in range(6))
    acts.step(People(at(TOKYO_CLOSES_S + 0.1), (person("a", TOKYO_CLOSES_S + 0.1),), earlier))
    (act,), _ = acts.step(People(at(TOKYO_CLOSES_S + 2), (person("a", TOKYO_CLOSES_S + 2),)))
    assert act.t_start_ns == at(TOKYO_CLOSES_S)


# A minute before and a minute after each change, in the shop's own wall clock: hours over midnight, and other zones.
@pytest.mark.parametrize(
    ("timezone", "hours", "utc", "closed"),
    [
        ("Asia/Tokyo", ("22:00", "05:00"), (2023, 11, 15, 12, 59), True),
        ("Asia/Tokyo", ("22:00", "05:00"), (2023, 11, 15, 13, 1), False),
        ("Asia/Tokyo", ("22:00", "05:00"), (2023, 11, 15, 15, 1), False),
        ("Asia/Tokyo", ("22:00", "05:00"), (2023, 11, 15, 19, 59), False),
        ("Asia/Tokyo", ("22:00", "05:00"), (2023, 11, 15, 20, 1), True),
        ("Europe/Berlin", ("09:00", "20:00"), (2024, 1, 15, 18, 59), False),
        ("Europe/Berlin", ("09:00", "20:00"), (2024, 1, 15, 19, 1), True),
        ("Europe/Berlin", ("09:00", "20:00"), (2024, 7, 15, 17, 59), False),
        ("Europe/Berlin", ("09:00", "20:00"), (2024, 7, 15, 18, 1), True),
        ("America/New_York", ("08:00", "24:00"), (2024, 1, 16, 4, 59), False),
        ("America/New_York", ("08:00", "24:00"), (2024, 1, 16, 5, 1), True),
        ("Asia/Kathmandu", ("10:00", "18:00"), (2024, 1, 15, 4, 14), True),
        ("Asia/Kathmandu", ("10:00", "18:00"), (2024, 1, 15, 4, 16), False),
    ],
)
def test_closed_hours_are_those_of_the_shops_own_wall_clock(
    timezone: str, hours: tuple[str, str], utc: tuple[int, ...], closed: bool
):
    year, month, day, hour, minute = utc
    t_s = seconds(round(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 10**9 - at(0))
    settings = drawn(store={"timezone": timezone}, hours={"open": hours[0], "close": hours[1]})
    watch = Watch(settings).between(t_s, t_s + 5, crowd_of(1))
    assert bool(watch.going) is closed


# ---------------------------------------------------------------------------------------------------- crowd

CROWDED = drawn(alerts={"crowd": {"people": 4, "red_people": 6, "after_s": 10.0, "end_after_s": 10.0}})


@pytest.mark.parametrize("fps", RATES_FPS)
def test_a_crowd_that_holds_is_one_act_from_its_begin_to_its_end(fps: float):
    watch = Watch(CROWDED, fps).between(100, 110, crowd_of(2)).between(110, 140, crowd_of(4))
    watch.between(140, 170, crowd_of(3)).finish()
    assert watch.going[0][0] == pytest.approx(120.0, abs=1.0 / fps + 1e-6)
    assert {act.t_start_ns for _, act in watch.going} == {at(110)}
    assert watch.going[-1][0] == pytest.approx(150.0, abs=2.0 / fps)
    (over,) = watch.over
    assert (over.kind, over.t_start_ns, over.count) == (EventKind.CROWD, at(110), 4)
    assert 0 <= seconds(at(140) - over.t_end_ns) <= 1.0 / fps + 1e-6


def test_a_crowd_too_short_or_too_small_is_none():
    for n, lasts_s in ((4, 9.0), (3, 60.0)):
        watch = Watch(CROWDED).between(100, 110, nobody).between(110, 110 + lasts_s, crowd_of(n))
        watch.between(110 + lasts_s, 200, nobody).finish()
        assert (watch.going, watch.over) == ([], [])


def test_a_moments_miss_neither_delays_nor_ends_a_crowd():
    def flickering(t_s: float) -> list[Track]:
        return crowd_of(3 if t_s % 3 < 0.8 else 4)(t_s)

    watch = Watch(CROWDED).between(100, 112, nobody).between(112, 160, flickering)
    assert watch.going[0][0] == pytest.approx(122, abs=0.15)
    assert len({act.t_start_ns for _, act in watch.going}) == 1
    assert watch.over == []


def test_a_crowd_at_the_edge_of_the_number_is_one_episode():
    def wavering(t_s: float) -> list[Track]:
        return crowd_of(4 if int(t_s) % 8 < 4 else 3)(t_s)

    watch = Watch(CROWDED).between(100, 115, crowd_of(4)).between(115, 175, wavering)
    assert len({act.t_start_ns for _, act in watch.going}) == 1
    assert watch.over == []


def test_the_count_of_a_crowd_rises_only_when_the_rise_has_held():
    watch = Watch(CROWDED).between(100, 120, crowd_of(4)).between(120, 123, crowd_of(7)).between(123, 140, crowd_of(4))
    watch.between(140, 160, crowd_of(6))
    assert max(act.count for t_s, act in watch.going if t_s < 149) == 4
    assert max(act.count for _, act in watch.going) == 6
    assert min(t_s for t_s, act in watch.going if act.count == 6) == pytest.approx(150.0, abs=0.2)


def test_each_zone_has_a_crowd_of_its_own_and_neighbours_do_not_add_up():
    zones = [square("left", "aisle", -2, -2, -0.01, 2), square("right", "aisle", 0.01, -2, 2, 2)]
    settings = drawn(zone=zones, alerts={"crowd": {"people": 4, "red_people": 6}})
    mixed = Watch(settings).between(100, 130, lambda t_s: [*crowd_of(3, -1)(t_s), *crowd_of(3, 1)(t_s)]).finish()
    assert mixed.going == []
    both = Watch(settings).between(100, 130, lambda t_s: [*crowd_of(4, -1)(t_s), *crowd_of(5, 1)(t_s)]).finish()
    assert sorted((over.place.zone, over.count) for over in both.over if over.place) == [("left", 4), ("right", 5)]


def test_a_crowd_can_be_switched_off():
    watch = Watch(drawn(alerts={"crowd": {"enabled": False}})).between(100, 130, crowd_of(20)).finish()
    assert (watch.going, watch.over) == ([], [])


def test_what_goes_on_at_the_end_is_told_then_and_once():
    settings = drawn(hours=HOURS, alerts={"crowd": {"people": 4, "red_people": 6}})
    watch = Watch(settings).between(NIGHT_S, NIGHT_S + 20, crowd_of(4)).finish().finish()
    assert [over.kind for over in watch.over] == [EventKind.INTRUSION, EventKind.CROWD]
