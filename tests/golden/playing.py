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
class SoundCount:
    """Sounds of one kind: really, told, and told when they began."""

    kind: str
    true: int
    told: int
    found: int


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a session was understood, and what an owner was shown at its end."""

    f1: float | None
    """None where nobody is to be seen, as the next three."""
    mota: float | None
    idf1: float | None
    hota: float | None
    entered: int
    left: int
    inside: int
    lines: tuple[LineCount, ...]
    goods_f1: float | None = None
    """Of goods taken and put, where the session's truth has any."""
    sounds: tuple[SoundCount, ...] = ()
    """Where the session's truth has any."""

    def held_up(self, before: Scores) -> Scores:
        """The same with each measure at the best it has been: small steps down do not add up to a slide."""
        names = (*MEASURES, "goods_f1")
        both = {name: (getattr(self, name), getattr(before, name)) for name in names}
        return replace(self, **{n: max((x for x in two if x is not None), default=None) for n, two in both.items()})

    def text(self) -> str:
        """``scores.json``."""
        known = {key: value for key, value in asdict(self).items() if value not in (None, ())}
        return json.dumps(known, indent=1) + "\n"

    @classmethod
    def read(cls, path: Path) -> Scores:
        fields = dict.fromkeys(MEASURES) | json.loads(path.read_text(encoding="utf-8"))
        lines = tuple(LineCount(**line) for line in fields.get("lines", ()))
        sounds = tuple(SoundCount(**sound) for sound in fields.get("sounds", ()))
        return cls(**fields | {"lines": lines, "sounds": sounds})


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
    measures: list[float | None] = [None] * len(MEASURES)
    if session.cameras:
        (heads,) = judged.heads
        assert heads.identity is not None
        found = (heads.f1, heads.identity.mota, heads.identity.idf1, heads.identity.hota)
        measures = [round(measure, 4) for measure in found]
    return Played(
        events=(out / EVENTS).read_text(encoding="utf-8"),
        alerts=(out / ALERTS).read_text(encoding="utf-8"),
        scores=Scores(
            *measures,
            today[-1].entered if today else 0,
            today[-1].left if today else 0,
            inside[-1],
            tuple(LineCount(line.line, line.direction, line.true, line.counted) for line in judged.lines),
            round(judged.items[0].f1, 4) if judged.items and judged.items[0].f1 is not None else None,
            tuple(SoundCount(sound.kind, sound.true, sound.told, sound.found) for sound in judged.sounds),
        ),
    )
