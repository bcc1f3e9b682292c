"""A bundled session played through the box, and what is kept of it as expected."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from edge.messages import DayCounts
from edge.recording.folder import open_session
from edge.replay.replay import ReplayStep, run
from edge.replay.score import score

RECORDINGS = Path(__file__).parents[2] / "recordings"
NAMES = tuple(sorted(path.parent.name for path in RECORDINGS.glob("*/session.json")))

EVENTS, ALERTS, SCORES = "events.jsonl", "alerts.jsonl", "scores.json"
MEASURES = ("f1", "mota", "idf1", "hota")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LineCount:
    """People who passed a line one way: really, and as counted."""

    line: str
    direction: str
    true: int
    counted: int

    @property
    def off(self) -> int:
        return abs(self.counted - self.true)


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a session was understood, and what an owner was shown at its end."""

    f1: float
    mota: float
    idf1: float
    hota: float
    entered: int
    left: int
    inside: int
    lines: tuple[LineCount, ...]
    goods_f1: float | None = None
    """Of goods taken and put, where the session's truth has any."""

    def held_up(self, before: Scores) -> Scores:
        """The same with each measure at the best it has been: small steps down do not add up to a slide."""
        goods = max((f1 for f1 in (self.goods_f1, before.goods_f1) if f1 is not None), default=None)
        best = {measure: max(getattr(self, measure), getattr(before, measure)) for measure in MEASURES}
        return replace(self, **best, goods_f1=goods)

    def text(self) -> str:
        """``scores.json``."""
        return json.dumps({key: value for key, value in asdict(self).items() if value is not None}, indent=1) + "\n"

    @classmethod
    def read(cls, path: Path) -> Scores:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return cls(**fields | {"lines": tuple(LineCount(**line) for line in fields["lines"])})


@dataclass(frozen=True, slots=True)
class Played:
    """One session's results."""

    events: str
    alerts: str
    scores: Scores

    def files(self) -> dict[str, str]:
        """What is kept, by file name."""
        return {EVENTS: self.events, ALERTS: self.alerts, SCORES: self.scores.text()}


def expected_folder(name: str) -> Path:
    return RECORDINGS / name / "expected"


def records(text: str) -> list[Record]:
    return [json.loads(line) for line in text.splitlines()]


def play(name: str, out: Path) -> Played:
    """Replay a bundled session as fast as it goes, and judge it."""
    session = open_session(RECORDINGS / name)
    today: list[DayCounts] = []
    inside: list[int] = []

    def take(step: ReplayStep) -> None:
        for instant in step.shop:
            inside.append(instant.update.inside)
            if instant.update.today is not None:
                today.append(instant.update.today)

    run(session, out, on_step=take)
    judged = score(session, out)
    (heads,) = judged.heads
    assert heads.identity is not None
    measures = (heads.f1, heads.identity.mota, heads.identity.idf1, heads.identity.hota)
    return Played(
        events=(out / EVENTS).read_text(encoding="utf-8"),
        alerts=(out / ALERTS).read_text(encoding="utf-8"),
        scores=Scores(
            *(round(measure, 4) for measure in measures),
            today[-1].entered,
            today[-1].left,
            inside[-1],
            tuple(LineCount(line.line, line.direction, line.true, line.counted) for line in judged.lines),
            round(judged.items[0].f1, 4) if judged.items and judged.items[0].f1 is not None else None,
        ),
    )
