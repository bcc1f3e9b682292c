"""Who is found again: behind a companion, as a doubtful head, at the border of the view; and who is somebody else."""

import math

import pytest

from edge.messages import EventKind
from edge.settings import StoreSettings
from tests.scene.sightings import along, drawn, head, looks, run, unseen

RATES_FPS = (4.5, 15.0, 30.0)


def ids(walkers, fps=15.0, duration_s=16.0, settings: StoreSettings | None = None):
    updates = run(looks(fps, duration_s, *walkers, jitter_m=0.02), settings or drawn())
    return {track.id for update in updates for track in update.tracks}


def doubtful_from(walker, t_s, confidence):
    def doubted(now_s):
        found = walker(now_s)
        return found if found is None or now_s < t_s else head(found.x_m, found.y_m, found.z_m, confidence)

    return doubted


@pytest.mark.parametrize("fps", RATES_FPS)
def test_one_who_comes_out_of_hiding_as_a_doubtful_head_is_the_same(fps: float):
    child = unseen(doubtful_from(along((1.0, -2.9, 0.0), (9.0, 2.5, 0.0), z_m=1.1), 5.0, 0.45), (4.0, 5.5))
    assert len(ids([child], fps)) == 1


@pytest.mark.parametrize("fps", RATES_FPS)
def test_one_hidden_behind_a_companion_who_turns_back_is_found_where_they_went(fps: float):
    parent = along((1.0, -2.9, 0.0), (4.0, 0.0, 0.0), (7.0, -2.9, 0.0), z_m=1.75)
    child = unseen(along((1.0, -2.9, -0.45), (4.0, 0.0, -0.45), (7.0, -2.9, -0.45), z_m=1.1), (3.5, 6.5))
    assert len(ids([parent, child], fps, 9.0)) == 2


@pytest.mark.parametrize("fps", RATES_FPS)
@pytest.mark.parametrize("after_s", [0.4, 0.8, 1.5, 3.0])
def test_who_walks_in_where_another_has_just_walked_out_is_somebody_else(fps: float, after_s: float):
    out = along((1.0, -3.2, 0.2), (6.0, 3.2, 0.2))
    into = along((6.0 + after_s, 3.2, 0.1), (11.0 + after_s, -3.2, 0.1))
    assert len(ids([out, into], fps, 16.0)) == 2


def about(t_s):
    """Round and round a small circle, then a step out of the picture and back."""
    if t_s < 9.0:
        return head(2.3 + 0.5 * math.sin(t_s), 0.5 - 0.5 * math.cos(t_s))
    step = along((9.0, 2.51, 0.95), (10.0, 3.3, 0.9), (12.0, 3.3, 0.9), (13.5, 1.8, 0.9))
    return step(t_s)


def test_one_who_goes_about_here_and_steps_out_of_the_picture_for_a_moment_is_the_same():
    assert len(ids([about])) == 1


def test_nobody_is_remembered_at_a_door():
    line = {"id": "door", "from": [3.0, -1.0], "to": [3.0, 2.0], "in_direction": [-1.0, 0.0]}
    assert len(ids([about], settings=drawn(line=[line]))) == 2


def test_one_who_comes_back_as_another_height_is_somebody_else():
    def taller(t_s):
        found = about(t_s)
        return found if found is None or t_s < 11.0 else head(found.x_m, found.y_m, 1.85)

    assert len(ids([taller])) == 2


def test_stepping_out_and_back_is_told_as_leaving_and_entering():
    updates = run(looks(15.0, 16.0, about, jitter_m=0.02), drawn())
    kinds = [event.kind for update in updates for event in update.events]
    assert kinds.count(EventKind.EXIT) == 1
    assert kinds.count(EventKind.ENTER) == 1
