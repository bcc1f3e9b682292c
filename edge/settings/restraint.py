"""How often, how long and how loudly the staff are told."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from edge.clock import nanoseconds
from edge.messages import EventKind
from edge.settings.fields import DurationS, Section

SAFETY_KINDS: Final = frozenset(
    {EventKind.INTRUSION, EventKind.SCREAM, EventKind.GLASS_BREAK, EventKind.ALARM_SOUND, EventKind.FLOOD}
)
"""Somebody may be in danger, or be where nobody should be."""
LONGEST_SNOOZE_S: Final = 12 * 3600
"""A working day: what should be silent for longer is a setting, and no snooze."""
LONGEST_SAFETY_SNOOZE_S: Final = 30 * 60
"""As long as somebody remembers that they asked for it."""


def longest_snooze_ns(kind: EventKind | None) -> int:
    """For how long alerts of a kind may be snoozed; None stands for all the kinds that are not about safety."""
    return nanoseconds(LONGEST_SAFETY_SNOOZE_S if kind in SAFETY_KINDS else LONGEST_SNOOZE_S)


class RestraintSettings(Section):
    """How many alerts are made of what happens."""

    cool_down_s: DurationS = 300.0
    """What happens again at the same place this soon after its alert belongs to that alert."""
    red_cool_down_s: DurationS = 60.0
    """The same where the alert is red."""
    pace_s: Annotated[float, Field(ge=0.0, le=600.0)] = 10.0
    """An alert of several episodes is told no oftener, unless its level rises."""
    flood_per_minute: Annotated[int, Field(ge=1, le=1000)] = 6
    """More new alerts of one kind are only counted, in one alert."""
    flood_all_per_minute: Annotated[int, Field(ge=1, le=1000)] = 15
    """The same for all kinds together."""
    flaps: Annotated[int, Field(ge=2, le=100)] = 3
    """A sensor that was lost so often has an alert that stays until it has worked for a while."""
    flap_half_life_s: Annotated[float, Field(ge=1.0, le=86_400.0)] = 600.0
    """After so long a loss counts half, after twice as long a quarter."""

    def cool_down_ns(self, *, red: bool) -> int:
        """How long an alert takes in what happens again, red or not."""
        return nanoseconds(self.red_cool_down_s if red else self.cool_down_s)


class EscalationSettings(Section):
    """What becomes of a red alert that nobody answers."""

    after_s: Annotated[float, Field(ge=5.0, le=3600.0)] = 60.0
    """Between one step and the next."""
    steps: Annotated[int, Field(ge=0, le=9)] = 2
    """0: none."""


class RetentionSettings(Section):
    """How long alerts and their pictures are kept."""

    keep_h: Annotated[float, Field(ge=1.0, le=8760.0)] = 72.0
    """What is pinned stays."""
