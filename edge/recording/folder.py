"""Sessions as plain folders (``session-folder/1``): opened, checked, and read frame by frame.

::

    session.json -> cameras, microphones     store.toml -> settings
    <camera>/depth.txt -> time line, checked whole before the first frame
    <camera>/depth/*.png -> frames of all cameras merged by time; a bad one becomes a SkippedFrame

Nothing outside the session's folder is ever opened, whatever its files say.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from edge.clock import nanoseconds, seconds
from edge.errors import FrameError, SessionError
from edge.messages import CameraModel, DepthFrame
from edge.recording.manifest import Manifest, read_manifest
from edge.recording.png import read_depth_png
from edge.recording.sound_track import SoundTrack, clip_track, is_clip, session_track
from edge.settings import StoreSettings, load_store

MAX_TIMELINE_BYTES = 256_000_000
MAX_FRAMES = 3_000_000
"""Frames of one camera: more than a day at 30 frames per second."""
MAX_T_S = 9_000_000_000
"""Latest time stamp, seconds: what 64-bit nanoseconds hold."""
_NUMBER = re.compile(r"\d{1,10}(\.\d{1,12})?")


@dataclass(frozen=True, slots=True)
class SkippedFrame:
    """A frame that could not be used; the frames around it can."""

    camera: str
    t_ns: int
    error: FrameError


@dataclass(frozen=True, slots=True)
class FrameEntry:
    """One line of ``depth.txt``."""

    t_ns: int
    file: str
    """Relative to the camera's folder."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was opened and whose texts were checked; images are read as they are asked for."""

    path: Path
    name: str
    description: str
    fps: float
    real: bool
    cameras: tuple[CameraModel, ...]
    store: StoreSettings
    store_toml: Path | None
    labelled_frames: tuple[int, ...] | None
    """Indices of lines in ``depth.txt`` that were labelled by eye; ``None`` when nothing is said."""
    digest: str
    """Short hash of ``session.json`` and all time lines."""
    timelines: tuple[tuple[FrameEntry, ...], ...]
    """Per camera, in the order of ``cameras``."""
    empty_files: tuple[str | None, ...]
    """Per camera: the view with nobody in it."""
    microphones: tuple[SoundTrack, ...] = ()

    @property
    def frame_count(self) -> int:
        """Frames of all cameras together, good or bad."""
        return sum(len(timeline) for timeline in self.timelines)

    @property
    def start_ns(self) -> int:
        """Time of the first frame of any camera, or of the first sample of any microphone."""
        seen = [timeline[0].t_ns for timeline in self.timelines if timeline]
        return min(seen + [track.start_ns for track in self.microphones])

    @property
    def end_ns(self) -> int:
        """Time of the last frame of any camera, or of the last sample of any microphone."""
        seen = [timeline[-1].t_ns for timeline in self.timelines if timeline]
        return max(seen + [track.end_ns for track in self.microphones])

    @property
    def duration_s(self) -> float:
        """From the first frame to the last, plus one frame's time; or as long as there is sound, seconds."""
        seen = [timeline[-1].t_ns + nanoseconds(1.0 / self.fps) for timeline in self.timelines if timeline]
        return seconds(max(seen + [track.end_ns for track in self.microphones]) - self.start_ns)

    def timeline(self, camera: str) -> tuple[FrameEntry, ...]:
        """The frames of one camera in order of time."""
        return self.timelines[self._index(camera)]

    def camera(self, camera: str) -> CameraModel:
        """One camera by its id."""
        return self.cameras[self._index(camera)]

    def frames(self) -> Iterator[DepthFrame | SkippedFrame]:
        """All frames of all cameras by time, ties by camera id.

        A frame that is missing, damaged, or of a wrong size or type comes as :class:`SkippedFrame`.
        """
        order = sorted(zip(self.cameras, self.timelines, strict=True), key=lambda pair: pair[0].id)
        lanes = [[(entry.t_ns, camera.id, entry.file) for entry in timeline] for camera, timeline in order]
        for t_ns, camera_id, file in heapq.merge(*lanes):
            yield self._read(self.camera(camera_id), t_ns, file)

    def camera_frames(self, camera: str) -> Iterator[DepthFrame | SkippedFrame]:
        """The frames of one camera in order of time."""
        model = self.camera(camera)
        for entry in self.timeline(camera):
            yield self._read(model, entry.t_ns, entry.file)

    def frame(self, camera: str, index: int) -> DepthFrame | SkippedFrame:
        """One frame of one camera, by its place in the time line."""
        entry = self.timeline(camera)[index]
        return self._read(self.camera(camera), entry.t_ns, entry.file)

    def empty(self, camera: str) -> NDArray[np.uint16] | None:
        """The view of a camera with nobody in it (height, width), in its depth unit; ``None`` when there is none.

        Raises
        ------
        SessionError
            If the session names one that cannot be used.
        """
        index = self._index(camera)
        file = self.empty_files[index]
        if file is None:
            return None
        lens, label = self.cameras[index].intrinsics, f"{self.path}/{camera}/{file}"
        try:
            path = _inside(self.path, self.path / camera / file, label)
            return read_depth_png(path, lens.width, lens.height, label)
        except FrameError as error:
            remedy = f'Take it again, or set "empty" to null in {self.path / "session.json"}.'
            raise SessionError(error.where, error.what, remedy) from None

    def _read(self, camera: CameraModel, t_ns: int, file: str) -> DepthFrame | SkippedFrame:
        label = f"{self.path}/{camera.id}/{file}"
        try:
            path = _inside(self.path, self.path / camera.id / file, label)
            depth = read_depth_png(path, camera.intrinsics.width, camera.intrinsics.height, label)
        except FrameError as error:
            return SkippedFrame(camera.id, t_ns, error)
        return DepthFrame(camera.id, t_ns, depth)

    def _index(self, camera: str) -> int:
        for index, model in enumerate(self.cameras):
            if model.id == camera:
                return index
        known = ", ".join(model.id for model in self.cameras)
        raise SessionError(str(self.path), f"has no camera {camera!r}", f"Its cameras are: {known}.")


def open_session(path: Path, store: Path | None = None) -> Session:
    """Open a session folder and check all of its texts.

    Parameters
    ----------
    path
        The folder that holds ``session.json``, or a WAV or FLAC file: a session with one microphone.
    store
        A ``store.toml`` to use instead of the session's own.

    Raises
    ------
    SessionError
        If it is not a session, is torn, has no sensor, or a time line goes back.
    SettingsErrors
        With every fault of ``store.toml``.
    """
    if path.exists() and is_clip(path):
        digest = hashlib.sha256()
        name = "".join(letter for letter in path.stem[:200] if letter.isprintable())
        track, alone = clip_track(path, digest), Manifest(name=name or "sound", real=True)
        return _session(path, alone, (), (track,), store, digest.hexdigest()[:16])
    if not path.is_dir():
        what = "is neither a folder nor a WAV or FLAC file" if path.exists() else "does not exist"
        raise SessionError(str(path), what, "Name a session folder: the one that holds session.json.")
    manifest, manifest_bytes = read_manifest(_inside_session(path, path / "session.json"))
    if not manifest.cameras and not manifest.microphones:
        raise SessionError(str(path), "has no sensors at all", "Give a session with a camera or a microphone.")
    digest = hashlib.sha256(manifest_bytes)
    timelines = tuple(_read_timeline(path, entry.id, digest) for entry in manifest.cameras)
    tracks = tuple(session_track(path, entry, digest) for entry in manifest.microphones)
    if not any(timelines) and not tracks:
        raise SessionError(str(path), "has no frames", "Record it again.")
    store_toml = store or _session_store(path)
    return _session(path, manifest, timelines, tracks, store_toml, digest.hexdigest()[:16])


def _session(
    path: Path,
    manifest: Manifest,
    timelines: tuple[tuple[FrameEntry, ...], ...],
    tracks: tuple[SoundTrack, ...],
    store_toml: Path | None,
    digest: str,
) -> Session:
    return Session(
        path=path,
        name=manifest.name,
        description=manifest.description,
        fps=manifest.fps or 1.0,
        real=manifest.real,
        cameras=tuple(entry.camera_model() for entry in manifest.cameras),
        store=StoreSettings() if store_toml is None else load_store(store_toml),
        store_toml=store_toml,
        labelled_frames=manifest.labelled_frames,
        digest=digest,
        timelines=timelines,
        empty_files=tuple(entry.empty for entry in manifest.cameras),
        microphones=tracks,
    )


def _session_store(path: Path) -> Path | None:
    file = path / "store.toml"
    return _inside_session(path, file) if file.exists() or file.is_symlink() else None


def _inside_session(root: Path, file: Path) -> Path:
    """A text file of the session, refused when it is a link that leads out of it."""
    try:
        return _inside(root, file, str(file))
    except FrameError as error:
        raise SessionError(error.where, error.what, error.remedy) from None


def _inside(root: Path, file: Path, label: str) -> Path:
    """``file`` if it lies inside ``root`` when all links are followed."""
    try:
        inside = file.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # a loop of links, or a zero byte in the name
        raise FrameError(label, "is not a usable file name", "Mend depth.txt.") from None
    if not inside:
        raise FrameError(label, "leads out of the session's folder", "Copy the file into the session.")
    return file


def _read_timeline(root: Path, camera: str, digest: hashlib._Hash) -> tuple[FrameEntry, ...]:
    path = root / camera / "depth.txt"
    label = str(path)
    if not path.parent.is_dir():
        what = f"is missing, but session.json names a camera {camera!r}"
        raise SessionError(str(path.parent), what, "Copy the session again.")
    _inside_session(root, path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TIMELINE_BYTES + 1)
    except OSError as error:
        raise SessionError(label, f"cannot be read ({error.strerror})", "Copy the session again.") from None
    if len(data) > MAX_TIMELINE_BYTES:
        raise SessionError(label, f"is larger than {MAX_TIMELINE_BYTES} bytes", "Split the session.")
    digest.update(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SessionError(label, f"is not UTF-8 text (byte {error.start})", "Copy the session again.") from None
    return _parse_timeline(text, label)


def _parse_timeline(text: str, label: str) -> tuple[FrameEntry, ...]:
    entries: list[FrameEntry] = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        entry = _parse_line(stripped, f"{label} line {number}")
        if entries and entry.t_ns <= entries[-1].t_ns:
            before = f"{seconds(entries[-1].t_ns):.6f} s before it"
            what = f"time goes back or stands still ({seconds(entry.t_ns):.6f} s, {before})"
            raise SessionError(f"{label} line {number}", what, "Sort the lines by time, each time once.")
        if len(entries) >= MAX_FRAMES:
            raise SessionError(label, f"has more than {MAX_FRAMES} frames", "Split the session.")
        entries.append(entry)
    return tuple(entries)


def _parse_line(line: str, where: str) -> FrameEntry:
    time_text, _, file = line.partition(" ")
    file = file.strip()
    remedy = 'A line reads "<seconds> <file>", e.g. "0.033333 depth/000001.png".'
    if not file or len(file) > 512:
        raise SessionError(where, f"has no file name: {line[:60]!r}", remedy)
    if not _NUMBER.fullmatch(time_text) or Decimal(time_text) > MAX_T_S:
        raise SessionError(where, f"{time_text[:40]!r} is not a time of 0 to {MAX_T_S} seconds", remedy)
    parts = PurePosixPath(file)
    if parts.is_absolute() or ".." in parts.parts or "\\" in file or "\0" in file:
        what = f"{file[:60]!r} leads out of the session's folder"
        raise SessionError(where, what, "Use names inside the camera's folder.")
    return FrameEntry(int(Decimal(time_text).scaleb(9).to_integral_value()), file)
