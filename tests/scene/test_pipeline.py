"""The scene as a whole: order, silence, the end, and the same answer each time."""

import itertools

import pytest

from edge.clock import nanoseconds, seconds
from edge.messages import EventKind, SceneUpdate
from edge.scene.pipeline import Scene
from tests.scene.sightings import along, at, drawn, events, look, looks, merged, run, square

SETTINGS = drawn(
    zone=[square("cakes", "aisle", -1.0, -1.0, 1.0, 1.0)],
    line=[{"id": "door", "from": [-1.5, -2.0], "to": [1.5, -2.0], "in_direction": [0.0, 1.0]}],
    scene={"counts_window_s": 10.0, "dwell_s": 2.0},
)
WALKERS = (
    along((2.0, 0.3, -3.5), (6.0, 0.3, 0.0), (14.0, 0.3, 0.0), (18.0, 0.3, -3.5)),
    along((4.0, -0.5, -3.5), (9.0, -0.5, 3.5)),
    along((8.0, 0.9, 3.5), (14.0, 0.9, -3.5)),
)


def test_updates_are_in_order_of_time_and_one_for_each_frame_with_the_end_after_them():
    session = looks(15.0, 20.0, *WALKERS, jitter_m=0.02)
    updates = run(session, SETTINGS)
    assert [update.t_ns for update in updates[:-1]] == [one.t_ns for one in session]
    assert updates[-1].t_ns == session[-1].t_ns
    assert updates[-1].tracks == ()


def test_an_update_is_due_with_its_observation_when_there_is_one_camera():
    scene = Scene(SETTINGS, ["cam0"])
    for one in looks(15.0, 3.0, *WALKERS):
        (update,) = scene.step(one)
        assert update.t_ns == one.t_ns


def test_events_of_an_update_are_in_the_order_in_which_they_ended_and_none_is_of_the_future():
    for update in run(looks(15.0, 20.0, *WALKERS, jitter_m=0.02), SETTINGS):
        ends = [event.t_end_ns for event in update.events]
        assert ends == sorted(ends)
        assert all(end <= update.t_ns for end in ends)


def test_a_session_tells_every_kind_of_thing_once():
    updates = run(looks(15.0, 20.0, *WALKERS, jitter_m=0.02), SETTINGS)
    assert len(events(updates, EventKind.ENTER)) == 2
    assert len(events(updates, EventKind.EXIT)) == 2
    assert len(events(updates, EventKind.CROSS)) == 4
    assert len(events(updates, EventKind.DWELL)) == 1
    assert next(update.counts.t_end_ns for update in updates if update.counts) == at(10)


def test_time_that_passes_in_silence_ends_what_is_over():
    scene = Scene(SETTINGS, ["cam0"])
    for one in looks(15.0, 10.0, WALKERS[0]):
        scene.step(one)
    told: list[SceneUpdate] = []
    for k in range(12):
        told.extend(scene.advance(at(10.0 + k)))
    assert [update.t_ns for update in told] == [at(10.0 + k) for k in range(12)]
    assert not told[-1].tracks
    (stay,) = events(told, EventKind.DWELL)
    assert seconds(at(10.0) - stay.t_end_ns) < 0.1
    assert [update.t_ns for update in told if update.counts] == [at(10.0), at(20.0)]


def test_silence_before_anything_was_seen_and_time_that_goes_back_change_nothing():
    scene = Scene(SETTINGS, ["cam0"])
    assert scene.advance(at(5.0)) == ()
    assert scene.finish() == ()
    scene = Scene(SETTINGS, ["cam0"])
    scene.step(look(10.0))
    assert scene.advance(at(9.0)) == ()


def test_what_comes_too_late_is_counted_in_the_updates_and_changes_nothing_else():
    session = looks(15.0, 6.0, *WALKERS)
    late = [*session[:60], look(1.0), *session[60:], look(2.0)]
    plain, told = run(session, SETTINGS), run(late, SETTINGS)
    assert [(update.tracks, update.events) for update in told] == [(update.tracks, update.events) for update in plain]
    assert [update.late for update in told] == [0] * 60 + [1] * 30 + [2]


def test_a_lost_camera_does_not_hold_up_the_others():
    scene = Scene(SETTINGS, ["a", "b"])
    for one in looks(15.0, 3.0, *WALKERS, camera="b"):
        scene.step(one)
    delays = []
    for one in looks(15.0, 10.0, *WALKERS, camera="a"):
        delays.extend(seconds(one.t_ns - update.t_ns) for update in scene.step(one))
    assert max(delays) <= SETTINGS.scene.lateness_s + 0.1
    assert delays[-1] == 0.0


@pytest.mark.parametrize("delay_s", [0.02, 0.1, 0.2])
def test_how_late_a_camera_arrives_within_the_lateness_changes_nothing(delay_s: float):
    a = looks(15.0, 10.0, *WALKERS, camera="a", jitter_m=0.02)
    b = looks(10.0, 10.0, *WALKERS, camera="b", jitter_m=0.02, seed=2, offset_s=0.01)
    arrived = sorted([(one.t_ns, one) for one in a] + [(one.t_ns + nanoseconds(delay_s), one) for one in b],
                     key=lambda pair: (pair[0], pair[1].camera))  # fmt: skip
    assert run([one for _, one in arrived], SETTINGS, ("a", "b")) == run(merged(a, b), SETTINGS, ("a", "b"))


def test_the_same_session_gives_the_same_answer_to_the_last_bit():
    session = looks(15.0, 20.0, *WALKERS, jitter_m=0.03)
    first, second = run(session, SETTINGS), run(session, SETTINGS)
    assert repr(first) == repr(second)


def test_shops_do_not_know_of_each_other():
    session = looks(15.0, 10.0, *WALKERS, jitter_m=0.03)
    alone = run(session, SETTINGS)
    scenes = [Scene(SETTINGS, ["cam0"]) for _ in range(2)]
    told: list[list[SceneUpdate]] = [[], []]
    for one, k in itertools.product(session, range(2)):
        told[k].extend(scenes[k].step(one))
    for k in range(2):
        assert [*told[k], *scenes[k].finish()] == alone
