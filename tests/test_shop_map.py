"""The grids of several cameras as one map from above."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.geometry import Cell
from edge.messages import GridSnapshot
from edge.shop_map import FREE, MAX_COLUMNS, MOVING, OCCUPIED, UNKNOWN, shop_map, still


def grid(origin, shape, cells=(), moving=()):
    log_odds = np.zeros(shape, np.float32)
    for index, value in cells:
        log_odds[index] = value
    tops = np.zeros(shape[:2], np.float32)
    for index in moving:
        tops[index] = 1.5
    return GridSnapshot(Cell(*origin), log_odds, tops)


def test_nothing_known_is_no_map():
    assert shop_map(()) is None
    assert shop_map((grid((0, 0, 0), (3, 3, 3)),)) is None


def test_columns_tell_unknown_free_and_their_highest_occupied_layer():
    one = grid(
        (-3, 4, -2), (4, 2, 12),
        [((0, 0, 5), -1.0), ((1, 0, 4), 2.0), ((1, 0, 9), 0.5), ((3, 1, 2), 1.0), ((3, 1, 3), -1.0)],
        moving=[(0, 0)],
    )  # fmt: skip
    view = shop_map((one,))
    assert (view.ix, view.iy, view.cell_m) == (-3, 4, 0.2)
    assert view.columns.tolist() == [
        [FREE | MOVING, OCCUPIED + 7, UNKNOWN, UNKNOWN],
        [UNKNOWN, UNKNOWN, UNKNOWN, OCCUPIED + 0],
    ]


def test_what_lies_below_the_floor_is_floor():
    assert shop_map((grid((0, 0, -2), (1, 1, 4), [((0, 0, 1), 3.0)]),)).columns.tolist() == [[FREE]]


def test_the_highest_layer_is_bounded():
    assert shop_map((grid((0, 0, 0), (1, 1, 90), [((0, 0, 89), 3.0)]),)).columns.tolist() == [[OCCUPIED + 60]]


def test_cameras_are_witnesses_whose_evidence_adds_up():
    sure = grid((0, 0, 0), (2, 1, 2), [((1, 0, 1), -2.0)])
    unsure = grid((1, 0, 1), (2, 1, 1), [((0, 0, 0), 0.5), ((1, 0, 0), 0.5)])
    view = shop_map((sure, unsure))
    assert (view.ix, view.columns.tolist()) == (1, [[FREE, OCCUPIED + 1]])


def test_evidence_that_cancels_out_is_not_unknown():
    view = shop_map((grid((0, 0, 0), (1, 1, 1), [((0, 0, 0), 1.0)]), grid((0, 0, 0), (1, 1, 1), [((0, 0, 0), -1.0)])))
    assert view.columns.tolist() == [[FREE]]


def test_a_camera_that_fell_silent_vouches_for_nothing_that_moves():
    one = grid((0, 0, 0), (1, 1, 1), [((0, 0, 0), -1.0)], moving=[(0, 0)])
    assert shop_map((one,)).columns.tolist() == [[FREE | MOVING]]
    assert shop_map((still(one),)).columns.tolist() == [[FREE]]


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.just(0)),
    st.integers(150, 450), st.integers(150, 450), st.integers(0, 2**31),
)  # fmt: skip
def test_a_large_floor_is_told_coarser_and_nothing_standing_is_lost(origin, nx, ny, seed):
    rng = np.random.default_rng(seed)
    log_odds = np.full((nx, ny, 1), -1.0, np.float32)
    where = (rng.integers(nx, size=20), rng.integers(ny, size=20))
    log_odds[where[0], where[1], 0] = 1.0
    view = shop_map((GridSnapshot(Cell(*origin), log_odds, np.zeros((nx, ny), np.float32)),))
    assert view.columns.size <= MAX_COLUMNS
    scale = round(view.cell_m / 0.2)
    for x, y in zip(*where, strict=True):
        assert view.columns[(origin[1] + y) // scale - view.iy, (origin[0] + x) // scale - view.ix] == OCCUPIED
    assert (view.columns != UNKNOWN).all()
