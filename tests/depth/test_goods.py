"""The eye that watches goods is the eye that finds heads: neither disturbs the other, and nothing is compiled late."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from edge.depth.pipeline import Eye
from edge.geometry import Pose
from edge.messages import ChangeKind, DepthObservation
from edge.settings import EyeSettings, WatchedVolume
from tests.depth.shelf_stage import (
    BOARD_M,
    SHELF,
    Act,
    Film,
    Reach,
    Told,
    body,
    box,
    eye_at,
    furniture,
    swaying,
    there,
    watch,
)

BOX = box(0.0, 0.12, BOARD_M, (0.14, 0.12, 0.20))
REACH = Reach(3.0, (0.0, 0.06, 1.08), (0.1, -0.35, 1.2), takes=BOX)
WIDE = eye_at(Pose.looking(0.0, -1.5, 2.6, 0.0, 48.0), (212, 120), 100.0)
AWAY = eye_at(Pose.looking(0.0, -1.3, 2.4, 180.0, 42.0))


def seen_by(volumes: tuple[WatchedVolume, ...], *acts: Act, seconds: float = 6.0) -> Told:
    return watch(acts, seconds, film=Film(WIDE, furniture()), volumes=volumes)


def of_people(seen: DepthObservation) -> tuple[object, ...]:
    """What an observation says of people and the room."""
    return seen.camera, seen.t_ns, seen.heads, seen.valid_fraction, seen.foreground_fraction


def test_an_eye_finds_the_same_heads_and_map_whether_it_watches_goods_or_not() -> None:
    acts = (REACH, swaying(body(-0.4, -0.8), 1.0, 5.0))
    watching, plain = seen_by((SHELF,), *acts), seen_by((), *acts)
    assert watching.changes
    assert watching.hands
    assert max(len(seen.heads) for seen in plain.seen) >= 2
    for with_goods, without in zip(watching.seen, plain.seen, strict=True):
        assert of_people(with_goods) == of_people(without)
        assert (with_goods.grid is None) == (without.grid is None)
        if with_goods.grid is not None and without.grid is not None:
            assert np.array_equal(with_goods.grid.log_odds, without.grid.log_odds)
            assert np.array_equal(with_goods.grid.foreground_top_m, without.grid.foreground_top_m)


def test_an_eye_without_volumes_says_nothing_of_goods() -> None:
    for seen in seen_by((), REACH).seen:
        assert (seen.hands, seen.changes, seen.sights) == ((), (), ())


def test_an_eye_that_looks_away_from_all_volumes_says_that_it_sees_none() -> None:
    told = watch([REACH], 4.0, film=Film(AWAY, furniture()))
    assert not told.hands
    assert not told.changes
    (sight,) = (sight for seen in told.seen for sight in seen.sights)
    assert (sight.volume, sight.in_picture, sight.seen) == (SHELF.key, 0.0, 0.0)


def test_how_much_of_a_shelf_is_seen_is_told_soon_and_about_once_a_minute() -> None:
    told = watch([], 130.0, fps=5.0)
    times = [seen.t_ns / 1e9 for seen in told.seen if seen.sights]
    assert times[0] <= 5.0
    assert 2 <= len(times) <= 4
    assert min(np.diff(times)) > 30.0
    for seen in told.seen:
        for sight in seen.sights:
            assert sight.volume == SHELF.key
            assert sight.in_picture == 1.0
            assert sight.seen == 1.0


def test_a_stand_that_is_put_before_a_shelf_hides_it_once_it_is_background() -> None:
    film = Film(eye_at(), furniture())
    eye = Eye(film.model, EyeSettings(static_absorb_s=10.0), volumes=[SHELF])
    stand = there(box(0.1, -0.4, 0.0, (0.9, 0.1, 1.6)), 2.0)
    sights = [sight for k in range(5 * 70) for sight in eye.step(film.frame([stand], k / 5)).sights]
    assert sights[0].seen == 1.0
    assert sights[-1].seen < 0.6
    assert sights[-1].in_picture == 1.0


def test_an_empty_view_of_the_room_changes_nothing_on_the_shelf() -> None:
    """It was taken before the goods were there: that is what they are not compared with."""
    film = Film(eye_at(), furniture())
    eye = Eye(film.model, EyeSettings(), film.frame([], 0.0).depth, [SHELF])
    changes = [c for k in range(1, 75) for c in eye.step(film.frame([there(BOX, end_s=3.0)], k / 15)).changes]
    assert [change.kind for change in changes] == [ChangeKind.RECEDED]


def test_warm_up_does_not_touch_what_an_eye_knows_of_a_shelf() -> None:
    def told(*, warmed: bool) -> list[object]:
        film = Film(eye_at(), furniture())
        eye = Eye(film.model, EyeSettings(), volumes=[SHELF])
        found: list[object] = []
        for k in range(1, 75):
            if warmed and k in (1, 40, 50):
                eye.warm_up()
            seen = eye.step(film.frame([REACH], k / 15))
            found += [seen.hands, [(c.kind, c.before_ns, c.after_ns, c.volume_l, c.size_m) for c in seen.changes]]
        return found

    assert told(warmed=True) == told(warmed=False)


def test_two_eyes_do_not_share_anything() -> None:
    """Two cameras of one shelf, a frame of each in turn; the other sees a box come where this one sees it go."""
    films = [Film(eye_at(), furniture(), seed) for seed in (1, 2)]
    eyes = [Eye(film.model, EyeSettings(), volumes=[SHELF]) for film in films]
    acts = [there(BOX, end_s=3.0), there(BOX, start_s=3.0)]
    kinds: list[list[ChangeKind]] = [[], []]
    for k in range(1, 75):
        for i in range(2):
            kinds[i] += [change.kind for change in eyes[i].step(films[i].frame([acts[i]], k / 15)).changes]
    assert kinds == [[ChangeKind.RECEDED], [ChangeKind.ADVANCED]]


COMPILED_LATE = """
from edge.depth import kernels, rays, reach_kernels, region_kernels, relief, shelf_kernels
from edge.depth.pipeline import Eye
from edge.settings import EyeSettings
from edge.simulator.solids import join
from tests.depth.shelf_stage import SHELF, Film, Reach, body, box, can, eye_at, furniture, swaying, there

def compiled():
    found = {}
    for module in (kernels, rays, reach_kernels, region_kernels, relief, shelf_kernels):
        for name, kernel in vars(module).items():
            if hasattr(kernel, "signatures"):
                found[module.__name__, name] = len(kernel.signatures)
    return found

film = Film(eye_at(size=(240, 180), focal_px=140.0), furniture())
eye = Eye(film.model, EyeSettings(), volumes=[SHELF])
eye.warm_up()
before = compiled()
thing, small = box(0.0, 0.12, 0.9, (0.14, 0.12, 0.20)), box(0.3, 0.1, 0.9, (0.03, 0.03, 0.06))
acts = [Reach(3.0, (0.0, 0.06, 1.08), (0.1, -0.35, 1.2), takes=thing), there(join([can(-0.3, 0.1)]), end_s=7.0),
        there(small, end_s=7.5), swaying(body(-0.5, -0.6), 2.0, 8.0)]
hands = changes = 0
for k in range(1, 15 * 18):
    seen = eye.step(film.frame(acts, k / 15))
    hands, changes = hands + sum(hand.head is not None for hand in seen.hands), changes + len(seen.changes)
assert hands and changes >= 2, (hands, changes)
late = {name for name, count in compiled().items() if count != before[name]}
assert not late, late
"""


def test_warm_up_compiles_every_kernel_that_goods_and_hands_need() -> None:
    """In a process of its own: no camera may stall when the first hand reaches into a shelf."""
    done = subprocess.run([sys.executable, "-c", COMPILED_LATE], capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr[-1500:]


def test_more_volumes_than_an_eye_can_watch_are_refused() -> None:
    with pytest.raises(ValueError, match="volumes"):
        Eye(eye_at(), EyeSettings(), volumes=[SHELF] * 300)
