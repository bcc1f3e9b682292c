"""The result files of a replay, valid at every moment.

``tracks.csv``, ``events.jsonl``, ``alerts.jsonl``, and ``hearing.csv`` and ``sounds.csv`` of a session with sound, grow
by whole lines only: a replay that is killed, or whose disk
fills, leaves files that can be read.  ``summary.json`` is replaced whole, at the start and at the end.  Pictures of
goods lie in ``pictures``; each is there before the event or the alert that names it.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import os
import re
from decimal import Decimal
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.clock import decimal_seconds
from edge.errors import SessionError
from edge.messages import (
    Alert,
    AudioObservation,
    DepthPair,
    HearingFrame,
    Place,
    Reason,
    SceneEvent,
    SceneUpdate,
    SoundScore,
    Track,
)
from edge.recording.pictures import NAME, picture_png

TRACKS, EVENTS, ALERTS, SUMMARY = "tracks.csv", "events.jsonl", "alerts.jsonl", "summary.json"
HEARING, SOUNDS = "hearing.csv", "sounds.csv"
PICTURES = "pictures"
HEARING_TITLE = "t,microphone,speech_probability,level_dbfs,noise_dbfs\n"
SOUNDS_TITLE = "t,microphone,label,score\n"


class LineFile:
    """A file that holds whole lines at every moment, even when the disk fills in the middle of one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digest = hashlib.sha256()
        self._file = path.open("wb", buffering=0)
        self._size = 0

    def write(self, lines: str) -> None:
        """Add lines, each ended by a newline.

        Raises
        ------
        OSError
            If they cannot be written; the file then ends where it ended before.
        """
        data = lines.encode()
        try:
            written = 0
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError:
            self._file.truncate(self._size)
            raise
        self._size += len(data)
        self.digest.update(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ResultWriter:
    """Writes the files of one replay, and ``summary.json`` about them.

    Parameters
    ----------
    folder
        Made if it does not exist; results of an earlier replay in it are replaced.
    horizon_ns
        How far back an update commonly speaks of people who were only now confirmed.  Rows wait that long, so that
        they are written in order of time and then id.  An older row is written at once, and brought into order at
        the end.
    hears
        Whether there is sound, so that ``hearing.csv`` and ``sounds.csv`` are written.

    Raises
    ------
    SessionError
        If the folder cannot be written.
    """

    def __init__(self, folder: Path, horizon_ns: int, *, hears: bool = False) -> None:
        self.folder = folder
        self._horizon_ns = horizon_ns
        self._waiting: dict[tuple[int, str], str] = {}
        self._released_ns = -1
        self._late: dict[tuple[int, str], str] = {}
        self._pictures: set[str] = set()
        self._files: list[LineFile] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in (SUMMARY, HEARING, SOUNDS):
                (folder / name).unlink(missing_ok=True)
            _forget_pictures(folder)
            for name in (TRACKS, EVENTS, ALERTS, *((HEARING, SOUNDS) if hears else ())):
                self._files.append(LineFile(folder / name))
            self._tracks, self._events, self._alerts = self._files[:3]
            self._tracks.write("t,id,x,y,z\n")
            for file, title in zip(self._files[3:], (HEARING_TITLE, SOUNDS_TITLE), strict=False):
                file.write(title)
            self.write_summary({"complete": False})
        except OSError as error:
            self.close()
            raise self._write_error(error) from None

    def write(self, update: SceneUpdate, alerts: tuple[Alert, ...]) -> None:
        """Add one instant of the shop.

        Raises
        ------
        SessionError
            If the disk is full or the folder is gone.
        """
        late = [track for track in update.confirmed if track.t_ns < self._released_ns]
        for track in (*update.confirmed, *update.tracks):
            if track.t_ns >= self._released_ns:
                self._waiting[track.t_ns, track.id] = track_row(track)
        try:
            if late:
                rows = {(track.t_ns, track.id): track_row(track) for track in late}
                self._late.update(rows)
                self._tracks.write("".join(rows.values()))
            self._release(update.t_ns - self._horizon_ns)
            evidence = (event for act in update.acts for event in act.evidence)
            for picture in (event.picture for event in (*update.events, *evidence) if event.picture is not None):
                self._keep(picture)
            if update.events:
                self._events.write("".join(event_line(event) for event in update.events))
            if alerts:
                self._alerts.write("".join(alert_line(alert) for alert in alerts))
        except OSError as error:
            raise self._write_error(error) from None

    def hear(self, observation: AudioObservation) -> None:
        """Add what one ear understood.

        Raises
        ------
        SessionError
            If the disk is full or the folder is gone.
        """
        hearing, sounds = self._files[3:]
        try:
            hearing.write("".join(hearing_row(observation.microphone, frame) for frame in observation.frames))
            sounds.write("".join(sound_row(observation.microphone, score) for score in observation.scores))
        except OSError as error:
            raise self._write_error(error) from None

    def finish(self) -> dict[str, str]:
        """Write all that waits; the SHA-256 of each file by its name.

        Raises
        ------
        SessionError
            If the disk is full or the folder is gone.
        """
        try:
            self._release(None)
            if self._late:
                self._bring_into_order()
        except OSError as error:
            raise self._write_error(error) from None
        return {file.path.name: file.digest.hexdigest() for file in self._files}

    def write_summary(self, summary: dict[str, object]) -> None:
        """Replace ``summary.json`` whole.

        Raises
        ------
        SessionError
            If the disk is full or the folder is gone.
        """
        temporary = self.folder / (SUMMARY + ".tmp")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                json.dump(summary, file, indent=1, ensure_ascii=False, allow_nan=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.folder / SUMMARY)
        except OSError as error:
            raise self._write_error(error) from None

    def close(self) -> None:
        """Close all files; what was written stays valid."""
        for file in self._files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _keep(self, picture: DepthPair) -> None:
        """Write a picture, whole or not at all, unless it is there: an act shows its own at each instant."""
        if picture.name in self._pictures:
            return
        path = self.folder / _picture_file(picture.name)
        path.parent.mkdir(exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(picture_png(picture))
        temporary.replace(path)
        self._pictures.add(picture.name)

    def _release(self, before_ns: int | None) -> None:
        """Write the waiting rows of earlier times than ``before_ns`` (all of them for ``None``)."""
        ready = sorted(key for key in self._waiting if before_ns is None or key[0] < before_ns)
        self._released_ns = max(self._released_ns, before_ns or 0)
        if ready:
            self._tracks.write("".join(self._waiting.pop(key) for key in ready))

    def _bring_into_order(self) -> None:
        """Merge the rows that came late into ``tracks.csv``, through a second file, and put it in its place."""
        late_rows = set(self._late.values())
        ordered = LineFile(self.folder / (TRACKS + ".tmp"))
        try:
            with self._tracks.path.open(encoding="utf-8", newline="") as file:
                ordered.write(file.readline())
                on_time = (line for line in file if line not in late_rows)
                rows = heapq.merge(on_time, sorted(late_rows, key=_row_order), key=_row_order)
                while chunk := "".join(islice(rows, 4096)):
                    ordered.write(chunk)
            ordered.path.replace(self._tracks.path)
        except OSError:
            ordered.path.unlink(missing_ok=True)
            raise
        finally:
            ordered.close()
        self._tracks.digest = ordered.digest

    def _write_error(self, error: OSError) -> SessionError:
        what = f"cannot be written ({error.strerror})"
        return SessionError(str(self.folder), what, "Free some space or choose another folder with --out.")


def track_row(track: Track) -> str:
    """One line of ``tracks.csv``."""
    return f"{decimal_seconds(track.t_ns)},{track.id},{track.x_m:.4f},{track.y_m:.4f},{track.z_m:.4f}\n"


def hearing_row(microphone: str, frame: HearingFrame) -> str:
    """One row of ``hearing.csv``."""
    heard = f"{frame.speech_probability:.4f},{frame.level_dbfs:.2f},{frame.noise_dbfs:.2f}"
    return f"{decimal_seconds(frame.t_ns)},{microphone},{heard}\n"


def sound_row(microphone: str, score: SoundScore) -> str:
    """One row of ``sounds.csv``."""
    return f"{decimal_seconds(score.t_ns)},{microphone},{score.label},{score.score:.4f}\n"


def event_line(event: SceneEvent) -> str:
    """One line of ``events.jsonl``; the last three keys are there for goods only, or for what was heard."""
    more: dict[str, object] = {}
    if event.size_m is not None or event.item is not None or event.picture is not None:
        more = {
            "item": event.item,
            "size": None if event.size_m is None else [round(side_m, 4) for side_m in event.size_m],
            "picture": None if event.picture is None else _picture_file(event.picture.name),
        }
    elif event.heard is not None:
        snr_db = event.heard.snr_db
        more = {
            "level_dbfs": round(event.heard.level_dbfs, 2),
            "snr_db": None if snr_db is None else round(snr_db, 2),
            "name": event.heard.name,
        }
    return _line(
        {
            "t_start": _seconds(event.t_start_ns),
            "t_end": _seconds(event.t_end_ns),
            "kind": event.kind.value,
            "person": event.person,
            "place": _place(event.place),
            "volume_l": None if event.volume_l is None else round(event.volume_l, 4),
            "confidence": round(event.confidence, 4),
            "sensor": event.sensor,
            "direction": event.direction,
            "count": event.count,
        }
        | more
    )


def alert_line(alert: Alert) -> str:
    """One line of ``alerts.jsonl``; with ``volume_l`` where it is about goods, and ``episodes`` where they are many."""
    more: dict[str, object] = {} if alert.volume_l is None else {"volume_l": round(alert.volume_l, 4)}
    if alert.episodes > 1:
        more["episodes"] = alert.episodes
    return _line(
        {
            "t": _seconds(alert.t_ns),
            "alert_id": alert.alert_id,
            "level": alert.level.value,
            "state": alert.state.value,
            "kind": alert.kind.value,
            "place": _place(alert.place),
            "person": alert.person,
            "count": alert.count,
            "reasons": [_reason(reason) for reason in alert.reasons],
        }
        | more
    )


def _reason(reason: Reason) -> dict[str, object]:
    """A reason; the key ``picture`` is there where a picture shows it."""
    said: dict[str, object] = {
        "kind": reason.kind,
        "t": _seconds(reason.t_ns),
        "weight": round(reason.weight, 4),
        "text": reason.text,
        "place": _place(reason.place),
    }
    return said if reason.picture is None else said | {"picture": _picture_file(reason.picture)}


def _picture_file(name: str) -> str:
    """Where a picture lies in the results' folder."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name[:40]!r} is no name for a picture")
    return f"{PICTURES}/{name}.png"


def _forget_pictures(folder: Path) -> None:
    """Remove the pictures that the events and alerts of an earlier replay name, and nothing else."""
    for lines in (folder / EVENTS, folder / ALERTS):
        told = lines.read_text(encoding="utf-8", errors="replace") if lines.is_file() else ""
        for file in re.findall(rf'"picture":"({PICTURES}/{NAME.pattern}\.png)"', told):
            (folder / file).unlink(missing_ok=True)


def _row_order(row: str) -> tuple[Decimal, str]:
    t, person, *_ = row.split(",", 2)
    return Decimal(t), person


def _place(place: Place | None) -> dict[str, object] | None:
    if place is None:
        return None
    return {
        "zone": place.zone,
        "shelf": place.shelf,
        "level": place.level,
        "line": place.line,
        "cell": list(place.cell),
        "x": round(place.x_m, 4),
        "y": round(place.y_m, 4),
        "z": round(place.z_m, 4),
    }


def _seconds(t_ns: int) -> float:
    return float(decimal_seconds(t_ns))


def _line(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
