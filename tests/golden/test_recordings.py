"""Each bundled session gives what is kept in its ``expected`` folder, and scores that do not slide.

A change that is meant is written with ``python -m tests.golden.update``, which shows it first.
"""

from __future__ import annotations

import pytest

from tests.golden.comparing import differences, slides
from tests.golden.playing import ALERTS, EVENTS, NAMES, SCORES, Played, Scores, expected_folder, play, records

pytestmark = pytest.mark.xdist_group("golden")
AGAIN = "if this is meant: python -m tests.golden.update"


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def played(name: str, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(name, tmp_path_factory.mktemp(name))


@pytest.mark.parametrize("file", [EVENTS, ALERTS])
def test_what_is_told_is_what_was_expected(name: str, played: Played, file: str) -> None:
    expected = (expected_folder(name) / file).read_text(encoding="utf-8")
    found = differences(records(expected), records(played.files()[file]))
    assert not found, "\n".join([f"{name}/{file}, {AGAIN}", *found])


def test_scores_do_not_slide(name: str, played: Played) -> None:
    worse = slides(Scores.read(expected_folder(name) / SCORES), played.scores)
    assert not worse, "\n".join([f"{name}, {AGAIN} --lower", *worse])


def test_what_an_owner_sees_at_the_end_adds_up(name: str, played: Played) -> None:
    """All bundled sessions begin with an empty shop: nobody was there at the start."""
    shown = played.scores
    unseen_leavings = shown.entered - shown.left - shown.inside
    assert 0 <= shown.inside <= shown.entered
    assert 0 <= unseen_leavings <= sum(line.off for line in shown.lines)
