"""What is foreground, what is learnt, and for how long."""

import numpy as np
import pytest

from edge.depth.background import Background
from edge.depth.optics import look_through
from edge.settings import EyeSettings
from tests.depth.standins import Box, Film, camera, person, straight_down

MODEL = camera(straight_down())
OPTICS = look_through(MODEL)
SOMEBODY = person(0.2, 0.1, 1.7)
CRATE = (Box((-0.9, -0.6, 0.0), (-0.5, -0.2, 0.4)),)


def play(background: Background, film: Film, start_s: float, seconds: float, solids: tuple, fps: float) -> float:
    """Show a scene for a while; returns the share of foreground in the last frame."""
    share = 0.0
    for k in range(round(seconds * fps)):
        frame = film.frame(start_s + k / fps, solids)
        share = background.split(frame).found / (OPTICS.rows * OPTICS.columns)
        background.adapt(frame)
    return share


@pytest.mark.parametrize("fps", [5.0, 15.0, 30.0])
def test_noise_is_not_foreground_and_a_person_is(fps: float) -> None:
    film = Film(MODEL)
    background = Background(OPTICS, EyeSettings(), film.view(()))
    assert play(background, film, 0.0, 3.0, (), fps) < 0.001
    assert play(background, film, 3.0, 0.5, SOMEBODY, fps) > 0.012


@pytest.mark.parametrize("fps", [5.0, 15.0, 30.0])
def test_the_floor_behind_somebody_who_stood_there_at_the_start_is_learnt_within_a_second(fps: float) -> None:
    film = Film(MODEL)
    background = Background(OPTICS, EyeSettings(), None)
    background.learn(film.view(SOMEBODY), installed=False)
    assert play(background, film, 0.0, 1.0, (), fps) < 0.001
    assert play(background, film, 1.0, 0.5, SOMEBODY, fps) > 0.012, (
        "the floor is known now, so he is seen when he returns"
    )


def test_what_stands_still_is_absorbed_only_after_its_time() -> None:
    film = Film(MODEL)
    background = Background(OPTICS, EyeSettings(static_absorb_s=20.0), film.view(()))
    assert play(background, film, 0.0, 15.0, CRATE, 5.0) > 0.01
    assert play(background, film, 15.0, 10.0, CRATE, 5.0) < 0.001


def test_protected_pixels_are_not_absorbed() -> None:
    film = Film(MODEL)
    background = Background(OPTICS, EyeSettings(static_absorb_s=10.0), film.view(()))
    for k in range(200):
        frame = film.frame(k / 5, SOMEBODY)
        found = background.split(frame)
        background.protect(found.index[: found.found], 1800.0)
        background.adapt(frame)
    assert background.split(film.frame(40.0, SOMEBODY)).found > 0.012 * OPTICS.rows * OPTICS.columns


def test_pixels_in_doubt_stay_foreground_until_the_floor_shows() -> None:
    film = Film(MODEL)
    background = Background(OPTICS, EyeSettings(), None)
    view = film.view(SOMEBODY)
    background.learn(view, installed=False)
    lattice = view[:: OPTICS.stride, :: OPTICS.stride].reshape(-1)
    body = np.flatnonzero((lattice > 0) & (lattice < 2600)).astype(np.int32)
    background.doubt(body)
    before = play(background, film, 0.0, 2.0, SOMEBODY, 15.0)
    assert before > 0.012
    assert play(background, film, 2.0, 1.0, (), 15.0) < 0.001


def test_a_blinking_edge_is_learnt_as_background() -> None:
    film = Film(MODEL, holes=0.0)
    background = Background(OPTICS, EyeSettings(), film.view(()))
    share = 1.0
    for k in range(300):
        frame = film.frame(k / 15, CRATE if k % 5 == 0 else ())
        found = background.split(frame).found
        share = found / (OPTICS.rows * OPTICS.columns) if k % 5 == 0 else share
        background.adapt(frame)
    assert share < 0.002
    assert play(background, film, 20.0, 0.4, SOMEBODY, 15.0) > 0.012, "and a person over it is still seen"
