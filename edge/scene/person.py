"""What is known of one person, or of a head that may become one."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass, field, replace

from edge.clock import seconds
from edge.messages import Head, Track, TrackState
from edge.scene import motion
from edge.scene.motion import Motion

ID_CHARACTERS = 8
OUTWARD_MPS = 0.25
"""Who is slower at the border does not leave."""
SIGHTING_S = 0.25
"""A single sighting is evidence for this long at most, however slow the camera."""
NO_HEAD = 0.25
"""What noise on a wall, a bag or a cart commonly gets: a head of this confidence says nothing."""
FILL_S = 1.2
"""A gap of up to this is filled once the person is found again."""
DOUBT_PER_S = 0.25
"""Evidence lost by a head that should be seen and is not."""
STANDING_FORGET_MPS = 0.01
"""How fast the standing height sinks toward what is seen: slowly, as people bend for long."""


def person_id(ordinal: int, t_ns: int, head: Head) -> str:
    """An id that is random to look at but the same at each replay."""
    return random_looking(f"{ordinal}:{t_ns}:{head.x_m:.3f}:{head.y_m:.3f}")


def random_looking(told: str) -> str:
    """A name that says nothing about what it was made of, and is the same at each replay."""
    return base64.b32encode(hashlib.blake2b(told.encode(), digest_size=5).digest()).decode().lower()[:ID_CHARACTERS]


def assurance(confidence: float) -> float:
    """How much a head of some confidence says for a person, 0 to 1: more than in proportion for a sure one."""
    return math.pow(max(0.0, confidence - NO_HEAD) / (1.0 - NO_HEAD), 1.5)


@dataclass(slots=True, eq=False)
class Person:
    """The mutable record of one track."""

    id: str
    motion: Motion
    born_ns: int
    seen_ns: int
    camera: str
    """Which camera saw it last."""
    at_border: bool
    """At its last sighting."""
    began_at_border: bool
    began_early: bool
    """It was there when its camera began to look."""
    first_x_m: float
    first_y_m: float
    standing_m: float
    """Height when upright, as far as it was seen."""
    confidence: float
    """Smoothed confidence of its heads."""
    missed: bool = False
    """The camera that saw it last has looked again without finding it."""
    missed_ns: int = 0
    confirmed: bool = False
    reached_in: bool = False
    """It was seen away from the border."""
    roamed_m: float = 0.0
    """Greatest distance from where it was first seen."""
    walked_m: float = 0.0
    """Length of its way."""
    evidence_s: float = 0.0
    sightings: int = 1
    hidden_by: str | None = None
    """The person beside whom it was lost from view."""
    with_them: bool = False
    """It went their way."""
    untold_ns: list[int] = field(default_factory=list)
    """Instants since its last row that have none yet."""
    rows: list[Track] = field(default_factory=list)
    """Rows not handed on yet, oldest first."""
    last_row: Track | None = None

    @classmethod
    def begin(cls, ordinal: int, t_ns: int, camera: str, head: Head, *, early: bool) -> Person:
        """A head seen for the first time."""
        return cls(
            id=person_id(ordinal, t_ns, head),
            motion=motion.begin(head, t_ns),
            born_ns=t_ns,
            seen_ns=t_ns,
            camera=camera,
            at_border=head.at_border,
            began_at_border=head.at_border,
            began_early=early,
            first_x_m=head.x_m,
            first_y_m=head.y_m,
            standing_m=head.z_m,
            confidence=head.confidence,
            reached_in=not head.at_border,
        )

    @property
    def leaving(self) -> bool:
        """Last seen at the picture's border, walking, after having been further in."""
        return self.at_border and self.reached_in and self.motion.speed_mps > OUTWARD_MPS

    def unseen_s(self, t_ns: int) -> float:
        """Seconds since the last sighting."""
        return seconds(t_ns - self.seen_ns)

    def see(self, t_ns: int, camera: str, head: Head, weight: float) -> None:
        """Take a head as a sighting of this person; ``weight`` 0..1 is how far it speaks for a person of its own."""
        dt_s = self.unseen_s(t_ns)
        self.motion = motion.update(motion.predict(self.motion, t_ns), head)
        self.evidence_s += weight * assurance(head.confidence) * min(dt_s, SIGHTING_S)
        blend = min(1.0, max(dt_s, 0.02) / 1.0)
        self.confidence += blend * (head.confidence - self.confidence)
        self.standing_m = max(head.z_m, self.standing_m - STANDING_FORGET_MPS * dt_s)
        x_off, y_off = self.motion.x_m - self.first_x_m, self.motion.y_m - self.first_y_m
        self.walked_m += self.motion.speed_mps * dt_s
        self.roamed_m = max(self.roamed_m, (x_off * x_off + y_off * y_off) ** 0.5)
        self.seen_ns, self.camera, self.at_border = t_ns, camera, head.at_border
        self.reached_in = self.reached_in or not head.at_border
        self.missed, self.hidden_by, self.with_them = False, None, False
        self.sightings += 1

    def miss(self, t_ns: int) -> None:
        """Its camera looked and did not find it: what may not be a person loses evidence."""
        since_ns = max(self.seen_ns, self.missed_ns)
        self.evidence_s = max(0.0, self.evidence_s - DOUBT_PER_S * seconds(t_ns - since_ns))
        self.missed, self.missed_ns = True, t_ns

    def resume(self, found: Person) -> None:
        """Go on as the one that was found, who is this person."""
        rows = [replace(row, id=self.id, born_ns=self.born_ns) for row in found.rows]
        self.untold_ns = sorted({*self.untold_ns, *found.untold_ns})
        if rows:
            self.rows.extend(self.fill(rows[0]))
            self.untold_ns = [t_ns for t_ns in found.untold_ns if t_ns > rows[-1].t_ns]
            self.last_row = rows[-1]
            self.rows.extend(rows)
        self.motion, self.seen_ns, self.camera = found.motion, found.seen_ns, found.camera
        self.at_border, self.missed, self.missed_ns = found.at_border, found.missed, found.missed_ns
        self.reached_in = self.reached_in or found.reached_in
        self.standing_m = max(self.standing_m, found.standing_m)
        self.confidence = found.confidence
        self.sightings += found.sightings
        self.walked_m += found.walked_m
        self.roamed_m = max(self.roamed_m, found.roamed_m)
        self.hidden_by, self.with_them = None, False

    def row(self, t_ns: int, state: TrackState) -> Track:
        """Where it is at an instant, not long after its last sighting."""
        now = motion.predict(self.motion, t_ns)
        return Track(
            self.id, t_ns, now.x_m, now.y_m, now.z_m, now.vx_mps, now.vy_mps, state, self.born_ns,
            round(self.confidence, 4),
        )  # fmt: skip

    def fill(self, until: Track) -> list[Track]:
        """Rows for the instants without one, on the straight way from the last row to this one."""
        since, wanted = self.last_row, self.untold_ns
        self.untold_ns = []
        if since is None or seconds(until.t_ns - since.t_ns) > FILL_S:
            return []
        span = until.t_ns - since.t_ns
        return [
            _between(since, until, (t_ns - since.t_ns) / span, t_ns)
            for t_ns in wanted
            if since.t_ns < t_ns < until.t_ns
        ]


def _between(a: Track, b: Track, share: float, t_ns: int) -> Track:
    return Track(
        a.id, t_ns,
        a.x_m + share * (b.x_m - a.x_m), a.y_m + share * (b.y_m - a.y_m), a.z_m + share * (b.z_m - a.z_m),
        b.vx_mps, b.vy_mps, TrackState.COASTING, a.born_ns, b.confidence,
    )  # fmt: skip
