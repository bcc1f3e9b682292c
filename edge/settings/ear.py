"""How a microphone is heard, and what of it the staff are told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.messages import EventKind
from edge.settings.fields import DurationS, Name, Point3, Section

Threshold = Annotated[float, Field(gt=0.0, lt=1.0)]


class Microphone(Section):
    """Where a microphone hangs.  One that is not drawn is heard all the same, without a place."""

    id: Name
    position: Point3


class SoundThresholds(Section):
    """From which score on a sound counts, 0 to 1; what is not set here keeps the built-in threshold."""

    glass_break: Threshold | None = None
    alarm_sound: Threshold | None = None
    scream: Threshold | None = None
    bang: Threshold | None = None

    def given(self) -> dict[str, float]:
        """Those that are set."""
        return {label: value for label, value in self.model_dump().items() if value is not None}


class EarSettings(Section):
    """How sound is understood."""

    enabled: bool = True
    """Off, no microphone is opened at all: some regions ask for it."""
    denoise: Literal["off", "webrtc", "rnnoise", "deepfilter"] = "rnnoise"
    """For the copy in which speech is looked for; sounds are heard in what the microphone takes."""
    thresholds: SoundThresholds = SoundThresholds()


class SoundRule(Section):
    """A sound that the staff are told of."""

    enabled: bool = True
    level: Literal["white", "yellow", "red"] = "yellow"
    end_after_s: DurationS = 30.0
    """The alert ends when it was not heard again for so long."""


class SoundRules(Section):
    """One rule for each sound.  Speech as such is no alert."""

    raised_voice: SoundRule = SoundRule(level="yellow")
    scream: SoundRule = SoundRule(level="red")
    glass_break: SoundRule = SoundRule(level="red")
    alarm_sound: SoundRule = SoundRule(level="red", end_after_s=60.0)
    bang: SoundRule = SoundRule(level="white")
    machine_anomaly: SoundRule = SoundRule(level="yellow", end_after_s=1800.0)
    """A compressor rests for up to half an hour between its runs: a fault that only they have is one alert."""
    microphone_silent: SoundRule = SoundRule(level="yellow", end_after_s=60.0)

    def by_kind(self) -> dict[EventKind, SoundRule]:
        """Each rule that is switched on, by the kind of event that it is about."""
        rules = {EventKind(name): getattr(self, name) for name in type(self).model_fields}
        return {kind: rule for kind, rule in rules.items() if rule.enabled}
