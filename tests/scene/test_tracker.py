"""Heads become people who keep who they are, and nothing else becomes one."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from edge.clock import seconds
from edge.messages import DepthObservation, SceneUpdate, Track, TrackState
from tests.scene.sightings import VIEW_M, Walker, along, at, drawn, head, look, looks, merged, rows, run, unseen

RATES_FPS = (4.5, 10.0, 15.0, 30.0)


def nearest(track: Sequence[Track], t_s: float) -> Track:
    return min(track, key=lambda row: abs(row.t_ns - at(t_s)))


def strays_m(track: Sequence[Track], walker: Walker) -> float:
    """Furthest that a track is from a walker, where the walker is in view."""
    return max(
        math.hypot(row.x_m - there.x_m, row.y_m - there.y_m)
        for row in track
        if (there := walker(seconds(row.t_ns - at(0)))) is not None
    )


def of(walker: Walker, updates: Sequence[SceneUpdate], reach_m: float = 0.25) -> list[str]:
    """Ids of the tracks that are this walker's for most of their time."""
    found = []
    for name, track in rows(updates).items():
        gaps = [
            math.hypot(row.x_m - there.x_m, row.y_m - there.y_m)
            for row in track
            if (there := walker(seconds(row.t_ns - at(0)))) is not None
        ]
        if gaps and float(np.median(gaps)) < reach_m:
            found.append(name)
    return found


# --------------------------------------------------------------------------------------------- identity


@pytest.mark.parametrize("fps", [10.0, 15.0, 30.0])
@pytest.mark.parametrize("apart_m", [0.3, 0.45, 0.6])
@pytest.mark.parametrize("angle_deg", [180.0, 90.0, 30.0])
def test_people_who_pass_each_other_closely_keep_who_they_are(fps: float, apart_m: float, angle_deg: float):
    turn = math.radians(angle_deg)
    ahead = np.array([math.cos(turn), math.sin(turn)])
    way = ahead - [1.0, 0.0]  # of one as the other sees it; both are at their nearest in the middle of the walk
    aside = np.array([-way[1], way[0]]) / np.hypot(*way) * apart_m / 2
    one = along((1.5, -3.6 - aside[0], -aside[1]), (7.5, 3.6 - aside[0], -aside[1]))
    other = along((1.5, *(-3.6 * ahead + aside)), (7.5, *(3.6 * ahead + aside)))
    updates = run(looks(fps, 9.0, one, other, jitter_m=0.02))
    tracks = rows(updates)
    assert len(tracks) == 2
    for walker in (one, other):
        (name,) = of(walker, updates)
        assert strays_m(tracks[name], walker) < 0.2
        assert seconds(tracks[name][-1].t_ns - tracks[name][0].t_ns) > 4.5


@pytest.mark.parametrize("fps", RATES_FPS)
def test_a_walker_who_is_hidden_for_a_moment_is_found_again_and_the_gap_is_filled(fps: float):
    walker = along((1.5, -3.6, 0.0), (8.7, 3.6, 0.0))
    updates = run(looks(fps, 10.0, unseen(walker, (4.8, 5.6))))
    ((_, track),) = rows(updates).items()
    assert strays_m(track, walker) < 0.25
    between = [row for row in track if at(4.85) < row.t_ns < at(5.55)]
    frames = [k / fps for k in range(math.ceil(10 * fps)) if 4.85 < k / fps < 5.55]
    assert [row.t_ns for row in between] == [at(t_s) for t_s in frames]
    assert {row.state for row in between} == {TrackState.COASTING}


def test_one_who_stands_hidden_for_longer_is_the_same_but_is_not_shown_meanwhile():
    walker = along((1.5, -3.6, 0.0), (5.1, 0.0, 0.0), (12.0, 0.0, 0.0), (15.6, 3.6, 0.0))
    updates = run(looks(15.0, 17.0, unseen(walker, (8.0, 9.7))))
    assert len(rows(updates)) == 1
    assert not any(update.tracks for update in updates if at(8.8) < update.t_ns < at(9.65))


def test_one_who_is_unseen_for_longer_than_the_coasting_time_is_somebody_new():
    walker = along((1.5, -3.6, 0.0), (5.1, 0.0, 0.0), (14.0, 0.0, 0.0))
    settings = drawn(scene={"coast_s": 2.0})
    assert len(rows(run(looks(15.0, 14.0, unseen(walker, (8.0, 9.8))), settings))) == 1
    assert len(rows(run(looks(15.0, 14.0, unseen(walker, (8.0, 10.4))), settings))) == 2


@pytest.mark.parametrize("fps", [10.0, 15.0, 30.0])
def test_two_heads_that_are_seen_as_one_for_a_moment_come_apart_as_the_same_two(fps: float):
    one, other = along((1.5, -3.4, -0.12), (7.5, 3.4, -0.12)), along((1.5, 3.4, 0.12), (7.5, -3.4, 0.12))

    def blurred(t_s: float):
        a, b = one(t_s), other(t_s)
        if a and b and math.hypot(a.x_m - b.x_m, a.y_m - b.y_m) < 0.4:
            return head((a.x_m + b.x_m) / 2, (a.y_m + b.y_m) / 2)
        return None

    apart = [
        lambda t_s: one(t_s) if blurred(t_s) is None else None,
        lambda t_s: other(t_s) if blurred(t_s) is None else None,
    ]
    updates = run(looks(fps, 9.0, *apart, blurred, jitter_m=0.015))
    tracks = rows(updates)
    assert len(tracks) == 2
    for walker in (one, other):
        (name,) = of(walker, updates)
        assert strays_m(tracks[name], walker) < 0.3


@pytest.mark.parametrize("aside_m", [0.35, 0.5])
def test_a_child_beside_an_adult_is_a_person_of_its_own(aside_m: float):
    adult = along((1.5, -3.6, 0.0), (4.5, 0.0, 0.0), (8.0, 0.0, 0.0), (11.0, 3.6, 0.0), z_m=1.75)
    child = along((1.5, -3.6, aside_m), (4.5, 0.0, aside_m), (8.0, 0.0, aside_m), (11.0, 3.6, aside_m), z_m=1.05)
    updates = run(looks(15.0, 12.0, adult, child, jitter_m=0.02))
    tracks = rows(updates)
    assert len(tracks) == 2
    heights = sorted(nearest(track, 6.0).z_m for track in tracks.values())
    assert heights == pytest.approx([1.05, 1.75], abs=0.03)


# ------------------------------------------------------------------------------------- what is not a person


def test_a_thing_that_looks_a_little_like_a_head_and_never_moves_is_nobody():
    rng = np.random.default_rng(5)
    told = [
        look(k / 15, *([head(1.0, 0.5, 1.2, float(rng.uniform(0.2, 0.45)))] if rng.random() < 0.6 else []))
        for k in range(15 * 60)
    ]
    assert rows(run(told)) == {}


@pytest.mark.parametrize("fps", RATES_FPS)
def test_heads_that_flicker_here_and_there_are_nobody(fps: float):
    rng = np.random.default_rng(6)
    told = []
    for k in range(int(fps * 60)):
        false = [head(*rng.uniform(-2.5, 2.5, 2).tolist(), 1.5, 0.5)] if rng.random() < 1.0 / fps else []
        told.append(look(k / fps, *false))
    assert sum(len(one.heads) for one in told) > 30
    assert rows(run(told)) == {}


def test_a_second_hill_beside_a_better_head_is_no_second_person():
    walker = along((1.5, -3.6, 0.0), (5.0, 0.0, 0.0), (12.0, 0.0, 0.0), (15.5, 3.6, 0.0))

    def bag(t_s: float):
        owner = walker(t_s)
        return head(owner.x_m + 0.15, owner.y_m + 0.08, 1.4, 0.6) if owner and 4.0 < t_s < 13.0 else None

    updates = run(looks(15.0, 17.0, walker, bag, jitter_m=0.015))
    assert len(rows(updates)) == 1


def test_a_hill_near_a_head_for_a_moment_is_no_second_person():
    walker = along((1.5, -3.6, 0.0), (5.0, 0.0, 0.0), (12.0, 0.0, 0.0), (15.5, 3.6, 0.0))
    elbow = along((7.0, 0.23, 0.0), (8.2, 0.23, 0.0), z_m=1.5, confidence=0.6)
    assert len(rows(run(looks(15.0, 17.0, walker, elbow)))) == 1


def test_a_doubtful_head_that_stands_still_must_be_seen_for_long_to_be_somebody():
    thing = along((3.0, 0.5, 0.5), (13.0, 0.5, 0.5), z_m=1.3, confidence=0.35)
    assert rows(run(looks(15.0, 20.0, thing, jitter_m=0.01))) == {}


def test_a_single_frame_is_nobody():
    assert rows(run([look(1.0), look(2.0, head(0.0, 0.0)), look(2.2), look(3.0)])) == {}


# ---------------------------------------------------------------------------------------- birth and death


def test_one_who_stands_there_from_the_first_frame_is_one_person_from_the_first_frame():
    updates = run(looks(15.0, 30.0, along((0.0, 0.4, 0.2), (40.0, 0.4, 0.2)), jitter_m=0.02))
    ((_, track),) = rows(updates).items()
    assert [row.t_ns for row in track] == [at(k / 15) for k in range(450)]
    assert len({row.t_ns for row in track}) == len(track)


@pytest.mark.parametrize("fps", RATES_FPS)
def test_confirmed_rows_make_a_track_complete_from_its_first_sighting(fps: float):
    walker = along((1.5, -3.6, 0.3), (8.7, 3.6, 0.3))
    updates = run(looks(fps, 10.0, walker))
    ((_, track),) = rows(updates).items()
    in_view = [at(k / fps) for k in range(math.ceil(10 * fps)) if walker(k / fps) is not None]
    assert [row.t_ns for row in track if row.state is TrackState.SEEN] == in_view
    assert all(row.born_ns == in_view[0] for row in track)
    assert any(update.confirmed for update in updates)
    for update in updates:
        assert all(row.t_ns < update.t_ns for row in update.confirmed)
        assert all(row.t_ns == update.t_ns for row in update.tracks)
        assert list(update.confirmed) == sorted(update.confirmed, key=lambda row: row.t_ns)


@pytest.mark.parametrize("fps", RATES_FPS)
def test_people_are_the_same_at_every_frame_rate(fps: float):
    walkers = [
        along((1.5, -3.6, -1.0), (8.7, 3.6, -1.0)),
        along((3.0, -1.0, 3.6), (6.0, -1.0, 0.6), (12.0, -1.0, 0.6), (15.0, -1.0, 3.6)),
        along((9.0, 3.6, 1.5), (16.2, -3.6, 1.5)),
    ]
    updates = run(looks(fps, 20.0, *walkers))
    tracks = sorted(rows(updates).values(), key=lambda track: track[0].t_ns)
    assert len(tracks) == 3
    for track, walker in zip(tracks, walkers, strict=True):
        in_view = [t_s for t_s in np.arange(0.0, 20.0, 0.01) if walker(float(t_s)) is not None]
        assert seconds(track[0].t_ns - at(in_view[0])) <= 1.0 / fps + 0.01
        assert abs(seconds(track[-1].t_ns - at(in_view[-1]))) <= 0.5
        shown = min(update.t_ns for update in updates for row in update.tracks if row.id == track[0].id)
        assert seconds(shown - track[0].t_ns) <= 0.6 + 1.0 / fps


def test_a_person_is_confirmed_after_a_duration():
    walker = along((2.0, -2.9, 0.0), (7.0, 2.9, 0.0))
    for confirm_s in (0.2, 0.5, 1.0):
        updates = run(looks(30.0, 8.0, walker), drawn(scene={"confirm_s": confirm_s}))
        shown = min(update.t_ns for update in updates if update.tracks)
        assert confirm_s - 1e-6 <= seconds(shown - at(2.0)) <= confirm_s + 0.15


def test_one_who_walks_out_of_view_is_gone_within_a_second():
    updates = run(looks(15.0, 12.0, along((1.5, -3.6, 0.0), (8.7, 3.6, 0.0))))
    last_seen = max(row.t_ns for update in updates for row in update.tracks if row.state is TrackState.SEEN)
    last_shown = max(update.t_ns for update in updates if update.tracks)
    assert seconds(last_shown - last_seen) <= 0.5


def test_tracks_carry_place_speed_and_state():
    updates = run(looks(15.0, 6.0, along((1.5, -3.0, 0.5), (7.5, 3.0, 0.5), z_m=1.62)))
    row = nearest(next(iter(rows(updates).values())), 4.5)
    assert (row.x_m, row.y_m, row.z_m) == pytest.approx((0.0, 0.5, 1.62), abs=0.05)
    assert (row.vx_mps, row.vy_mps) == pytest.approx((1.0, 0.0), abs=0.1)
    assert row.confidence == pytest.approx(0.9, abs=0.01)


# ------------------------------------------------------------------------------------------- several cameras


def strip(low_x_m: float, high_x_m: float, walker: Walker) -> Walker:
    """What a camera that covers a part of the floor sees of a walker."""

    def seen(t_s: float):
        there = walker(t_s)
        if there is None or not low_x_m <= there.x_m <= high_x_m:
            return None
        return head(there.x_m, there.y_m, there.z_m, at_border=min(there.x_m - low_x_m, high_x_m - there.x_m) < 0.2)

    return seen


def two_cameras(walkers: Sequence[Walker], left: float, right: float, duration_s: float) -> list[DepthObservation]:
    """One camera sees what lies left of ``left``, the other what lies right of ``right``."""
    return merged(
        looks(15.0, duration_s, *(strip(-VIEW_M, left, w) for w in walkers), camera="a", jitter_m=0.02),
        looks(
            15.0, duration_s, *(strip(right, VIEW_M, w) for w in walkers), camera="b", jitter_m=0.02, seed=2,
            offset_s=0.02,
        ),
    )  # fmt: skip


def test_two_cameras_that_see_the_same_person_tell_of_one():
    walker = along((1.5, -2.9, 0.3), (9.5, 2.9, 0.3))
    updates = run(two_cameras([walker], 1.0, -1.0, 10.0), sensors=("a", "b"))
    ((_, track),) = rows(updates).items()
    assert strays_m(track, walker) < 0.15
    assert max(len(update.tracks) for update in updates) == 1


def test_two_people_seen_by_two_cameras_are_two():
    walkers = [along((1.5, -2.9, 0.3), (9.5, 2.9, 0.3)), along((1.5, 2.9, -0.3), (9.5, -2.9, -0.3))]
    updates = run(two_cameras(walkers, 1.0, -1.0, 10.0), sensors=("a", "b"))
    assert len(rows(updates)) == 2
    for walker in walkers:
        assert len(of(walker, updates)) == 1


def test_a_person_is_handed_over_where_cameras_do_not_quite_meet():
    walker = along((1.5, -2.9, 0.3), (7.3, 2.9, 0.3))
    updates = run(two_cameras([walker], -0.2, 0.2, 9.0), sensors=("a", "b"))
    assert len(rows(updates)) == 1


# ----------------------------------------------------------------------------------------------- determinism


def test_ids_are_equal_at_each_replay_and_look_random():
    walkers = [along((1.5, -3.6, y), (7.5, 3.6, y)) for y in (-1.0, 0.0, 1.0)]
    once, again = (rows(run(looks(15.0, 9.0, *walkers, jitter_m=0.02))) for _ in range(2))
    assert once == again
    names = list(once)
    assert len(set(names)) == 3
    assert all(len(name) == 8 and name.isalnum() for name in names)
    assert len({name[0] for name in names} | {name[1] for name in names}) > 2
