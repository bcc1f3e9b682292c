"""The nets of alarms and screams: their file, and what they do with features."""

from __future__ import annotations

import json

import numpy as np
import pytest

from edge.audio.sound_features import NAMES
from edge.audio.sound_net import FURTHEST, read_sound_nets, sound_nets

TABLE = {
    "names": ["tonal", "over"],
    "middle": [1.0, 2.0],
    "spread": [0.5, 1.0],
    "hidden": [[1.0, 0.0]],
    "hidden_bias": [0.5],
    "out": [2.0],
    "linear": [0.0, 3.0],
    "out_bias": -1.0,
}


def written(**changes: object) -> str:
    return json.dumps({"nets": {"alarm_sound": TABLE | changes}})


def values(tonal: float, over: float) -> np.ndarray:
    row = np.zeros((1, len(NAMES)), np.float32)
    row[0, NAMES.index("tonal")], row[0, NAMES.index("over")] = tonal, over
    return row


def test_a_net_adds_what_its_tables_say() -> None:
    net = read_sound_nets(written())["alarm_sound"]
    assert net.log_odds(values(1.5, 2.5))[0] == pytest.approx(2.0 * np.tanh(1.5) + 1.5 - 1.0)


def test_what_is_further_than_anything_seen_counts_no_more() -> None:
    net = read_sound_nets(written())["alarm_sound"]
    assert net.log_odds(values(1.0, 99.0)) == net.log_odds(values(1.0, 2.0 + FURTHEST))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        written(names=["tonal"]),
        written(names=["tonal", "colour"]),
        written(hidden=[[1.0]]),
        written(out=[float("nan")]),
        written(linear=None),
    ],
)
def test_a_damaged_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_sound_nets(text)


def test_our_own_nets_know_alarms_and_screams() -> None:
    assert set(sound_nets()) == {"alarm_sound", "scream"}
