"""The sound of a session: one file for each microphone, or a file of sound by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.clock import nanoseconds
from edge.errors import SessionError
from edge.messages import AudioChunk
from edge.recording.audio import AudioFile
from edge.recording.manifest import MicrophoneEntry

NAMES = ("audio.wav", "audio.flac")
CLIPS = (".wav", ".flac")
"""A file that ends like this is a session with one microphone."""
CLIP_MICROPHONE = "mic0"
HASHED_BYTES = 1 << 20
"""Of a file that may last for days, so much and its length go into the session's digest."""


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """What one microphone recorded."""

    id: str
    path: Path
    start_ns: int
    duration_s: float
    torn: str | None = None
    """In one sentence, what is missing at its end."""

    @property
    def end_ns(self) -> int:
        """When its last sample was taken."""
        return self.start_ns + nanoseconds(self.duration_s)

    def chunks(self) -> Iterator[AudioChunk]:
        """All of it, in order.

        Raises
        ------
        SessionError
            When the file can no longer be read.
        """
        with AudioFile(self.path) as file:
            yield from file.chunks(self.id, self.start_ns)


def is_clip(path: Path) -> bool:
    """Whether a path names a file of sound, to be played as a session of its own."""
    return path.suffix.lower() in CLIPS and not path.is_dir()


def clip_track(path: Path, digest: hashlib._Hash) -> SoundTrack:
    """A file of sound as what one microphone recorded from time 0 on.

    Raises
    ------
    SessionError
        If it is no sound.
    """
    return _track(CLIP_MICROPHONE, path, 0, digest)


def session_track(session: Path, entry: MicrophoneEntry, digest: hashlib._Hash) -> SoundTrack:
    """One microphone of a session folder.

    Raises
    ------
    SessionError
        If there is no sound of it, or it leads out of the session.
    """
    folder = session / entry.id
    for name in NAMES:
        path = folder / name
        if path.exists() or path.is_symlink():
            if not path.resolve().is_relative_to(session.resolve()):
                raise SessionError(str(path), "leads out of the session's folder", "Copy the file into the session.")
            return _track(entry.id, path, nanoseconds(entry.t0), digest)
    what = f"has no {NAMES[0]}, but session.json names a microphone {entry.id!r}"
    raise SessionError(str(folder), what, "Copy the session again.")


def _track(name: str, path: Path, start_ns: int, digest: hashlib._Hash) -> SoundTrack:
    file = AudioFile(path)
    if file.duration_s is None:
        raise SessionError(str(path), "does not say how long it is", "Copy it again, or convert it to WAV.")
    with path.open("rb") as raw:
        digest.update(raw.read(HASHED_BYTES))
    digest.update(f"{name} {start_ns} {path.stat().st_size}".encode())
    return SoundTrack(name, path, start_ns, file.duration_s, file.torn)
