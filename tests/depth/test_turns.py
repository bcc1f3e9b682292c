"""Every part is served within a round, at any frame rate."""

import pytest

from edge.depth.turns import Turns


@pytest.mark.parametrize("fps", [4.5, 10.0, 15.0, 30.0, 60.0])
def test_each_part_is_served_within_a_round(fps: float) -> None:
    turns = Turns(7, 0.2)
    last = dict.fromkeys(range(7), 0.0)
    for k in range(int(fps * 3)):
        t_s = 1.0 + k / fps
        for turn in turns.due(round(t_s * 1e9)):
            if k > 7:
                assert turn.elapsed_s == pytest.approx(t_s - last[turn.part], abs=1e-6)
                assert turn.elapsed_s <= max(0.2, 1 / fps) + 1 / fps
            last[turn.part] = t_s


def test_work_per_frame_falls_as_the_rate_rises() -> None:
    def parts_per_frame(fps: float) -> float:
        turns = Turns(8, 0.2)
        turns.due(0)
        return sum(len(turns.due(round(k / fps * 1e9))) for k in range(1, 101)) / 100

    assert parts_per_frame(30.0) < parts_per_frame(10.0) < parts_per_frame(5.0) == 8.0
