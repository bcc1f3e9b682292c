"""The sound of a shop that is made by arithmetic: what its truth says is there, and what is bundled of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.errors import SessionError
from edge.messages import RATE_HZ, EventKind
from edge.recording.folder import open_session
from edge.replay.hearing_tables import read_true_sounds
from edge.simulator.bundled import SOUNDS, SOUNDS_PLAN, SOUNDS_S, write_sounds
from edge.simulator.sound import Sounding, shop_sound

BUNDLED = Path(__file__).parents[2] / "recordings" / SOUNDS


def level_dbfs(samples: np.ndarray) -> float:
    return float(10.0 * np.log10(np.mean((samples / 32768.0) ** 2)))


def loudest_dbfs(samples: np.ndarray) -> float:
    return max(level_dbfs(frame) for frame in samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(float))


def test_the_same_seed_is_the_same_sound_and_another_is_another():
    plan = (Sounding("glass_break", 0.5, -20.0),)
    first, again, other = (shop_sound(plan, 3.0, seed).samples for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_empty_plan_is_a_shop_in_which_nothing_happens():
    quiet = shop_sound((), 5.0, 1)
    assert quiet.truth == ()
    assert len(quiet.samples) == 5 * RATE_HZ
    assert -50.0 < level_dbfs(quiet.samples.astype(float)) < -42.0


@pytest.mark.parametrize("kind", ["glass_break", "alarm_sound", "bang"])
def test_a_danger_is_as_loud_as_planned_and_where_the_truth_says(kind: str):
    made = shop_sound((Sounding(kind, 2.0, -20.0),), 18.0, 5)
    [truth] = made.truth
    assert (truth.kind, truth.t_start_s) == (EventKind(kind), 2.0)
    assert 2.1 < truth.t_end_s < 14.0
    assert loudest_dbfs(made.samples) == pytest.approx(-20.0, abs=1.0)
    before, within = made.samples[: 2 * RATE_HZ], made.samples[2 * RATE_HZ : round(truth.t_end_s * RATE_HZ)]
    assert loudest_dbfs(within) > loudest_dbfs(before) + 15.0


@pytest.mark.parametrize("what", ["beep", "clink", "chime"])
def test_what_every_shop_has_is_heard_and_is_no_event(what: str):
    made = shop_sound((Sounding(what, 1.0, -25.0),), 3.0, 5)
    assert made.truth == ()
    assert loudest_dbfs(made.samples) == pytest.approx(-25.0, abs=1.5)


def test_the_bundled_session_is_what_the_plan_makes(tmp_path: Path):
    write_sounds(tmp_path / "made")
    made, bundled = (
        np.concatenate([chunk.samples for chunk in open_session(path).microphones[0].chunks()])
        for path in (tmp_path / "made", BUNDLED)
    )
    # Another processor may round otherwise.
    assert np.abs(made - bundled).max() < 3.0 / 32768.0
    assert len(bundled) == round(SOUNDS_S * RATE_HZ)
    truth = read_true_sounds(BUNDLED / "truth")
    assert truth == read_true_sounds(tmp_path / "made" / "truth")
    assert [sound.t_start_us for sound in truth] == [
        round(one.at_s * 1e6) for one in SOUNDS_PLAN if one.what in ("glass_break", "alarm_sound", "bang")
    ]


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path):
    (tmp_path / "mine").write_text("")
    with pytest.raises(SessionError, match="not empty"):
        write_sounds(tmp_path)
