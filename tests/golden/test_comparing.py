"""The judge of golden sessions: strict about what happened, lenient about the last digits and about names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.golden.comparing import MEASURE, PLACE_M, TIME_S, differences, slides
from tests.golden.playing import LineCount, Record, Scores, SoundCount


def told(t: float, person: str | None, x: float = 0.0, **more: Any) -> Record:
    place = {"zone": "mat", "line": "door", "cell": [int(x // 0.2), 0, 8], "x": x, "y": 0.0, "z": 1.7}
    return {
        "t_start": t,
        "kind": "cross",
        "person": person,
        "direction": "in",
        "confidence": 0.9,
        "place": place,
    } | more


EXPECTED = [told(1.0, "ann"), told(5.0, "bob", 0.5), told(5.0, "ann", -0.5), told(9.0, None, count=5)]
SCORES = Scores(0.97, 0.93, 0.92, 0.82, 6, 5, 0, (LineCount("door", "in", 6, 6), LineCount("door", "out", 6, 5)))


def test_the_same_is_the_same() -> None:
    assert differences(EXPECTED, EXPECTED) == []


def test_other_names_used_alike_and_another_order_are_the_same() -> None:
    got = [told(1.0, "p"), told(5.0, "p", -0.5), told(5.0, "q", 0.5), told(9.0, None, count=5)]
    assert differences(EXPECTED, got) == []


def test_numbers_within_their_tolerances_are_the_same() -> None:
    got = [told(1.0 + 0.9 * TIME_S, "ann", 0.9 * PLACE_M), *EXPECTED[1:]]
    assert differences(EXPECTED, got) == []


@pytest.mark.parametrize(
    "first",
    [
        told(1.0 + 1.1 * TIME_S, "ann"),
        told(1.0, "ann", 1.1 * PLACE_M),
        told(1.0, "ann", direction="out"),
        told(1.0, "ann", kind="enter"),
        told(1.0, "ann", count=2),
        told(1.0, None),
        told(1.0, "ann", confidence=0.8),
    ],
    ids=["later", "elsewhere", "other way", "other kind", "other count", "nobody", "less sure"],
)
def test_what_is_another_is_both_missing_and_unexpected(first: Record) -> None:
    found = differences(EXPECTED, [first, *EXPECTED[1:]])
    assert [line.split(":")[0] for line in found] == ["missing", "unexpected"]


def taken(item: str, litres: float, **more: Any) -> Record:
    goods = {"item": item, "volume_l": litres, "size": [0.1, 0.1, 0.2], "picture": f"pictures/{item}.png"}
    return told(2.0, "ann", kind="item_taken", **goods) | more


def test_goods_may_have_another_name_and_nearly_the_same_size() -> None:
    assert differences([taken("tea", 2.0)], [taken("t2", 2.09, size=[0.12, 0.1, 0.16])]) == []
    assert len(differences([taken("tea", 2.0)], [taken("tea", 2.2)])) == 2
    assert len(differences([taken("tea", 2.0)], [taken("tea", 2.0, size=[0.1, 0.1, 0.3])])) == 2
    back = [taken("tea", 2.0), taken("tea", 2.0, t_start=6.0, kind="item_put")]
    assert len(differences(back, [back[0], back[1] | {"item": "other"}])) == 2, "it was the same thing"


def test_goods_may_not_slide_or_be_forgotten() -> None:
    good = replace(SCORES, goods_f1=0.95)
    assert slides(good, good) == slides(SCORES, good) == []
    assert slides(good, replace(SCORES, goods_f1=0.9)) == ["goods_f1 0.9, was 0.9500"]
    assert slides(good, SCORES) == ["goods_f1 None, was 0.9500"]
    assert replace(SCORES, goods_f1=0.9).held_up(good).goods_f1 == 0.95
    assert "goods_f1" not in SCORES.text()


def test_sounds_may_not_be_missed_or_made_up_where_they_were_not() -> None:
    heard = replace(SCORES, sounds=(SoundCount("bang", 2, 2, 1), SoundCount("scream", 1, 1, 1)))
    assert slides(heard, heard) == slides(SCORES, SCORES) == []
    assert slides(heard, replace(heard, sounds=(SoundCount("bang", 2, 2, 2), heard.sounds[1]))) == []
    fewer = replace(heard, sounds=(SoundCount("bang", 2, 1, 0), heard.sounds[1]))
    assert slides(heard, fewer) == ["bang: 0 found of 1 told, was 1 of 2"]
    more = replace(heard, sounds=(SoundCount("bang", 2, 3, 1), SoundCount("glass_break", 0, 1, 0)))
    assert slides(heard, more) == [
        "bang: 1 found of 3 told, was 1 of 2", "scream: not judged, was 1 of 1", "glass_break: told 1 times, was never",
    ]  # fmt: skip


def test_scores_of_a_session_without_cameras_are_read_as_they_were_written(tmp_path: Path) -> None:
    heard = Scores(None, None, None, None, 0, 0, 0, (), sounds=(SoundCount("bang", 2, 2, 1),))
    (tmp_path / "scores.json").write_text(heard.text())
    assert Scores.read(tmp_path / "scores.json") == heard.held_up(heard) == heard
    assert slides(heard, heard) == []


def test_one_name_for_two_people_is_found_out() -> None:
    got = [told(1.0, "p"), told(5.0, "p", 0.5), told(5.0, "p", -0.5), told(9.0, None, count=5)]
    assert len(differences(EXPECTED, got)) == 2


def test_what_is_told_twice_or_not_at_all_is_found_out() -> None:
    assert len(differences(EXPECTED, [*EXPECTED, EXPECTED[0]])) == 1
    assert len(differences(EXPECTED, EXPECTED[1:])) == 1
    assert differences([], []) == []


def test_small_steps_down_do_not_add_up() -> None:
    scores = SCORES
    for _ in range(5):
        scores = replace(scores, idf1=scores.idf1 - 0.5 * MEASURE, mota=scores.mota + 0.001).held_up(SCORES)
    assert scores.idf1 == SCORES.idf1
    assert scores.mota == pytest.approx(SCORES.mota + 0.005)


def test_scores_may_rise_and_hold_but_not_slide() -> None:
    assert slides(SCORES, SCORES) == []
    exact = replace(SCORES, f1=0.99, lines=(LineCount("door", "in", 6, 6), LineCount("door", "out", 6, 6)))
    assert slides(SCORES, exact) == []
    assert slides(SCORES, replace(SCORES, hota=SCORES.hota - 0.9 * MEASURE)) == []
    assert slides(SCORES, replace(SCORES, hota=SCORES.hota - 1.1 * MEASURE)) == ["hota 0.8167, was 0.8200"]
    assert slides(exact, SCORES) == ["f1 0.9700, was 0.9900", "line door out: counted 5 of 6, was 6"]
    assert slides(SCORES, replace(SCORES, inside=1)) == ["1 inside at the end, was 0"]
    assert slides(SCORES, replace(SCORES, lines=())) == [
        "line door in: not counted, was 6", "line door out: not counted, was 5",
    ]  # fmt: skip
