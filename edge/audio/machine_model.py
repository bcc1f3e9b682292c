"""What a machine normally sounds like, and how far a window is from it.

Four judges, one for each group of :class:`edge.audio.machine_features.WindowFeatures`.  Each gives an *excess*: 0 for
a window as it usually is, 1 for one as it seldom is (one of twenty of the learnt ones), more for one as it never was.
The machine's excess is the largest of the four, so that a fault that only one of them hears is not averaged away.

- :class:`Spread` (``tone``, ``beat``): Mahalanobis distance with few principal components and a diagonal rest
  (M. E. Tipping and C. M. Bishop, "Probabilistic principal component analysis", JRSS B 61, 1999).  The components are
  what a machine does by itself: a compressor that runs and rests, a fan at two speeds.
- :class:`Lines` (``low``, ``high``): the line that stands furthest above what was learnt there and around there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from edge.audio.machine_features import GROUPS, SIZES, Floats, WindowFeatures
from edge.audio.machine_record import Record, RecordReader, packed

VERSION = 1
"""Of the record.  It changes with every number in it, so with the features too."""
MOST_COMPONENTS = 6
SPREAD_DRIFT, LINES_DRIFT_DB = 0.7, 3.0
"""As far may the seasons carry a number from where it was learnt (in its own spread; in decibels)."""


class Judge(Protocol):
    """Tells how far one group of numbers is from what was learnt.  ``drift`` is what the seasons added since."""

    def distance(self, numbers: Floats, drift: Floats) -> float:
        """From what was learnt, in the judge's own measure."""

    def excess(self, numbers: Floats, drift: Floats) -> float:
        """The distance, with 0 the usual one and 1 a seldom one."""

    def drifted(self, numbers: Floats, drift: Floats, part: float) -> Floats:
        """The drift after one more normal window, which counts for ``part``."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """A centre and how far numbers spread around it."""

    centre: Floats
    """(d,)"""
    scale: Floats
    """(d,) standard deviations."""
    axes: Floats
    """(k, d) orthonormal components of what is centred and scaled."""
    variances: Floats
    """(k,) along them."""
    rest: Floats
    """(d,) standard deviation of what they leave."""
    usual: float
    seldom: float

    def distance(self, numbers: Floats, drift: Floats) -> float:
        """Root mean square of all numbers in their own spread."""
        along, rest = self.split(numbers)
        square = np.sum(along**2 / self.variances) + np.sum((rest - drift) ** 2)
        return float(np.sqrt(square / self.centre.size))

    def excess(self, numbers: Floats, drift: Floats) -> float:
        """See :class:`Judge`."""
        return (self.distance(numbers, drift) - self.usual) / (self.seldom - self.usual)

    def drifted(self, numbers: Floats, drift: Floats, part: float) -> Floats:
        """See :class:`Judge`.  Along the components nothing drifts: there a machine goes to and fro anyway."""
        _, rest = self.split(numbers)
        moved = drift + part * (rest - drift)
        bounded: Floats = np.clip(moved, -SPREAD_DRIFT, SPREAD_DRIFT).astype(np.float32)
        return bounded

    def to_record(self) -> Record:
        """As plain data."""
        arrays = ("centre", "scale", "axes", "variances", "rest")
        numbers: Record = {"usual": self.usual, "seldom": self.seldom}
        return numbers | {name: packed(getattr(self, name)) for name in arrays}

    @classmethod
    def from_record(cls, record: RecordReader, size: int) -> Spread:
        """From plain data."""
        axes = record.floats("axes", size, MOST_COMPONENTS)
        return cls(
            centre=record.floats("centre", size),
            scale=record.positive("scale", size),
            axes=axes,
            variances=record.positive("variances", len(axes)),
            rest=record.positive("rest", size),
            usual=record.number("usual"),
            seldom=_seldom(record),
        )

    def split(self, numbers: Floats) -> tuple[Floats, Floats]:
        """(k,) along the components, and (d,) what they leave, in its own spread."""
        scaled: Floats = (numbers - self.centre) / self.scale
        along: Floats = (self.axes @ scaled).astype(np.float32)
        rest: Floats = ((scaled - along @ self.axes) / self.rest).astype(np.float32)
        return along, rest


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """How far lines may stand above their neighbours."""

    allowed_db: Floats
    """(d,)"""
    usual: float
    seldom: float

    def distance(self, numbers: Floats, drift: Floats) -> float:
        """Decibels by which the worst line is above what is allowed."""
        return float(np.max(numbers - self.allowed_db - drift))

    def excess(self, numbers: Floats, drift: Floats) -> float:
        """See :class:`Judge`."""
        return (self.distance(numbers, drift) - self.usual) / (self.seldom - self.usual)

    def drifted(self, numbers: Floats, drift: Floats, part: float) -> Floats:
        """See :class:`Judge`.  Only upwards: a line that is gone may come back."""
        moved = drift + part * (np.maximum(numbers - self.allowed_db, 0.0) - drift)
        bounded: Floats = np.clip(moved, 0.0, LINES_DRIFT_DB).astype(np.float32)
        return bounded

    def to_record(self) -> Record:
        """As plain data."""
        return {"allowed_db": packed(self.allowed_db), "usual": self.usual, "seldom": self.seldom}

    @classmethod
    def from_record(cls, record: RecordReader, size: int) -> Lines:
        """From plain data."""
        return cls(record.floats("allowed_db", size), record.number("usual"), _seldom(record))


@dataclass(frozen=True, slots=True, eq=False)
class MachineModel:
    """One machine as it was learnt, and what has drifted since."""

    name: str
    learnt_s: float
    """Of sound that counted."""
    tone: Spread
    beat: Spread
    low: Lines
    high: Lines
    drift: WindowFeatures
    """Per number, in the unit of its judge: standard deviations of the rest, or decibels."""

    def judges(self) -> Iterator[tuple[Judge, str]]:
        """Each judge and the group of numbers that it judges."""
        for group in GROUPS:
            yield getattr(self, group), group

    def excess(self, features: WindowFeatures) -> float:
        """How unusual a window is: 0 as usual, 1 as seldom."""
        return max(judge.excess(getattr(features, g), getattr(self.drift, g)) for judge, g in self.judges())

    def drifted(self, features: WindowFeatures, part: float) -> WindowFeatures:
        """The drift after one more normal window, which counts for ``part``."""
        moved = (judge.drifted(getattr(features, g), getattr(self.drift, g), part) for judge, g in self.judges())
        return WindowFeatures(*moved)

    def to_record(self) -> Record:
        """As plain data, for JSON."""
        head: Record = {"version": VERSION, "name": self.name, "learnt_s": self.learnt_s}
        drift = {group: packed(getattr(self.drift, group)) for group in GROUPS}
        return head | {group: getattr(self, group).to_record() for group in GROUPS} | {"drift": drift}

    @classmethod
    def from_record(cls, record: object) -> MachineModel:
        """From plain data.

        Raises
        ------
        EdgeError
            If it is damaged, or of another version; the error names the key.
        """
        reader = RecordReader(record)
        reader.machine = reader.text("name")
        if (version := reader.number("version")) != VERSION:
            raise reader.fault("version", f"is {version:g}; this program reads {VERSION}")
        drift = reader.part("drift")
        return cls(
            name=reader.machine,
            learnt_s=reader.number("learnt_s"),
            tone=Spread.from_record(reader.part("tone"), SIZES["tone"]),
            beat=Spread.from_record(reader.part("beat"), SIZES["beat"]),
            low=Lines.from_record(reader.part("low"), SIZES["low"]),
            high=Lines.from_record(reader.part("high"), SIZES["high"]),
            drift=WindowFeatures(*(drift.floats(group, SIZES[group]) for group in GROUPS)),
        )


def _seldom(record: RecordReader) -> float:
    seldom = record.number("seldom")
    if seldom <= record.number("usual"):
        raise record.fault("seldom", "is not above what is usual")
    return seldom
