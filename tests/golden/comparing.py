"""Whether results are what was expected, as far as two machines can agree.

Numbers may differ by the tolerances below: another processor rounds otherwise, and what is decided at a threshold may
be decided a frame later.  Names of people, alerts, goods and pictures are made from measured numbers, so they need
only be used alike: one name here is one name there.  Everything else is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.golden.playing import MEASURES, Record, Scores

TIME_S = 0.16
"""A frame and a half."""
PLACE_M = 0.05
VOLUME_L = 0.1
SHARE = 0.05
"""Of confidence and weight."""
LEVEL_DB = 0.5
MEASURE = 0.003
"""A measure may be this much lower on another machine; more is a slide."""

TOLERANCES = {
    "t": TIME_S, "t_start": TIME_S, "t_end": TIME_S, "x": PLACE_M, "y": PLACE_M, "z": PLACE_M,
    "level_dbfs": LEVEL_DB, "snr_db": LEVEL_DB,
    "confidence": SHARE, "weight": SHARE, "cell": 1.0, "volume_l": VOLUME_L, "size": PLACE_M,
}  # fmt: skip
NAMES = ("person", "alert_id", "item", "picture")


@dataclass(slots=True)
class Renaming:
    """Which name of one side is which of the other."""

    there: dict[str, str] = field(default_factory=dict)
    here: dict[str, str] = field(default_factory=dict)

    def allows(self, expected: str, got: str) -> bool:
        return self.there.get(expected, got) == got and self.here.get(got, expected) == expected

    def learn(self, expected: Record, got: Record) -> None:
        for key in NAMES:
            if expected.get(key) is not None:
                self.there[expected[key]], self.here[got[key]] = got[key], expected[key]


def differences(expected: Sequence[Record], got: Sequence[Record]) -> list[str]:
    """What is missing and what was not expected, in words; nothing when all is as expected.

    Records are paired whatever their order, as the order of two that happen together may change.
    """
    names, left, missing = Renaming(), list(got), []
    for record in expected:
        alike = [other for other in left if _agree("", record, other, names)]
        if not alike:
            missing.append(record)
            continue
        nearest = min(alike, key=lambda other: _apart(record, other))
        names.learn(record, nearest)
        left.remove(nearest)
    return [f"missing: {_brief(record)}" for record in missing] + [f"unexpected: {_brief(record)}" for record in left]


def slides(expected: Scores, got: Scores) -> list[str]:
    """Where the scores are worse than they were, in words."""
    worse = [
        f"{measure} {getattr(got, measure):.4f}, was {getattr(expected, measure):.4f}"
        for measure in MEASURES
        if getattr(expected, measure) is not None and getattr(got, measure) < getattr(expected, measure) - MEASURE
    ]
    if expected.goods_f1 is not None and (got.goods_f1 or 0.0) < expected.goods_f1 - MEASURE:
        worse.append(f"goods_f1 {got.goods_f1}, was {expected.goods_f1:.4f}")
    counted = {(line.line, line.direction): line for line in got.lines}
    for line in expected.lines:
        now = counted.get((line.line, line.direction))
        if now is None or now.off > line.off:
            said = "not counted" if now is None else f"counted {now.counted} of {now.true}"
            worse.append(f"line {line.line} {line.direction}: {said}, was {line.counted}")
    heard = {sound.kind: sound for sound in got.sounds}
    for sound in expected.sounds:
        hears = heard.get(sound.kind)
        if hears is None or hears.found < sound.found or hears.told - hears.found > sound.told - sound.found:
            said = "not judged" if hears is None else f"{hears.found} found of {hears.told} told"
            worse.append(f"{sound.kind}: {said}, was {sound.found} of {sound.told}")
    worse += [f"{kind}: told {heard[kind].told} times, was never" for kind in _made_up(expected, got)]
    if got.inside > expected.inside:
        worse.append(f"{got.inside} inside at the end, was {expected.inside}")
    return worse


def _made_up(expected: Scores, got: Scores) -> list[str]:
    """Kinds of sounds that are told now though they never were."""
    known = {sound.kind for sound in expected.sounds}
    return [sound.kind for sound in got.sounds if sound.kind not in known and sound.told > sound.found]


def _agree(key: str, expected: object, got: object, names: Renaming) -> bool:
    if key in NAMES and isinstance(expected, str) and isinstance(got, str):
        return names.allows(expected, got)
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(_agree(k, expected[k], got[k], names) for k in expected)
    if isinstance(expected, list) and isinstance(got, list):
        same_length = len(expected) == len(got)
        return same_length and all(_agree(key, a, b, names) for a, b in zip(expected, got, strict=True))
    if key in TOLERANCES and isinstance(expected, int | float) and isinstance(got, int | float):
        return abs(expected - got) <= TOLERANCES[key] + 1e-9
    return type(expected) is type(got) and expected == got


def _apart(expected: Record, got: Record) -> float:
    """How far two records that agree are apart, in tolerances."""
    numbers = [(k, expected[k], got[k]) for k in ("t", "t_start", "t_end") if k in expected]
    places = expected.get("place"), got.get("place")
    if places[0] is not None and places[1] is not None:
        numbers += [(k, places[0][k], places[1][k]) for k in "xyz"]
    return sum(abs(a - b) / TOLERANCES[k] for k, a, b in numbers)


def _brief(record: Record) -> str:
    place = record.get("place") or {}
    said = {k: v for k, v in record.items() if k not in ("place", "reasons") and v is not None}
    where = {k: place[k] for k in ("zone", "line", "x", "y") if place.get(k) is not None}
    return " ".join(f"{key}={value}" for key, value in (said | where).items())
