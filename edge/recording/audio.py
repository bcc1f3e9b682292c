"""Recorded sound, read piece by piece: WAV and FLAC, any rate, any number of channels, whole or torn.

::

    file -> samples -> one channel -> bad samples taken out -> 16 kHz -> blocks
"""

from __future__ import annotations

import io
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from edge.clock import NS_PER_S
from edge.errors import SessionError
from edge.messages import RATE_HZ, AudioChunk
from edge.recording.resampling import MAX_RATE_HZ, MIN_RATE_HZ, Resampler, one_channel

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_FRAMES = 8192
"""Samples of each channel that are read at once."""
MAX_CHANNELS = 64
OPEN_ENDED = (0, 0xFFFFFFFF)
"""What a recorder that was cut off, or wrote to a pipe, has left as the length of a WAV."""
UNKNOWN_FRAMES = 1 << 62
"""From here on a count of samples means that a FLAC does not say how long it is."""


class AudioFile:
    """One file of sound, as one channel at :data:`~edge.messages.RATE_HZ`; closed when left as a context.

    Parameters
    ----------
    channel
        Which one, counted from 1; None takes the mean of all.

    Raises
    ------
    SessionError
        When it is no sound, has none in it, or lacks the channel.
    """

    def __init__(self, path: Path, *, channel: int | None = None) -> None:
        self.path = path
        self._channel = channel
        self.bad_samples = 0
        """How many samples were no numbers and became 0, of what was read."""
        with _opened(path) as (sound, torn):
            self.torn = torn
            """In one sentence, what is missing at its end, or None.  A damaged FLAC shows only when it is read."""
            self.rate_hz: int = sound.samplerate
            self.channels: int = sound.channels
            self._frames: int = sound.frames
        self._check()
        self._reading = ExitStack()

    def __enter__(self) -> AudioFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._reading.close()

    @property
    def duration_s(self) -> float | None:
        """How long it says that it lasts; None when it does not say so."""
        return self._frames / self.rate_hz if self._frames < UNKNOWN_FRAMES else None

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """All of it in order, from its beginning each time; what was being read before is left.

        Yields
        ------
        (n,) float32 at :data:`~edge.messages.RATE_HZ`, full scale 1, never empty.

        Raises
        ------
        SessionError
            When not a single sample can be read.
        """
        resampler = Resampler(self.rate_hz)
        heard = False
        for samples in self._read():
            heard = True
            block = resampler.push(one_channel(samples, self._channel))
            self.bad_samples = resampler.bad_samples
            if len(block):
                yield block
        if not heard:
            raise SessionError(str(self.path), "has no sound in it that can be read", "Record or copy it again.")
        rest = resampler.finish()
        if len(rest):
            yield rest

    def chunks(self, microphone: str, t_ns: int) -> Iterator[AudioChunk]:
        """All of it as what a microphone took, its first sample at ``t_ns``."""
        taken = 0
        for block in self.blocks():
            yield AudioChunk(microphone, t_ns + taken * NS_PER_S // RATE_HZ, block)
            taken += len(block)

    def _check(self) -> None:
        where = str(self.path)
        if not MIN_RATE_HZ <= self.rate_hz <= MAX_RATE_HZ:
            what = f"has {self.rate_hz} samples a second; {MIN_RATE_HZ} to {MAX_RATE_HZ} can be read"
            raise SessionError(where, what, "Record it again, best at 16000 or 48000.")
        if self.channels > MAX_CHANNELS:
            what = f"has {self.channels} channels; up to {MAX_CHANNELS} can be read"
            raise SessionError(where, what, "Record it again, with one channel.")
        if self._channel is not None and not 1 <= self._channel <= self.channels:
            what = f"has no channel {self._channel}"
            raise SessionError(where, what, f"Its channels are 1 to {self.channels}.")
        if not self._frames:
            raise SessionError(where, "is a sound file without a single sample", "Record or copy it again.")

    def _read(self) -> Iterator[NDArray[np.float32]]:
        """Blocks of (n, channels), until the end or until where the file is damaged."""
        self._reading.close()
        sound, _ = self._reading.enter_context(_opened(self.path))
        read = 0
        while True:
            samples = np.full((READ_FRAMES, self.channels), np.nan, np.float32)
            try:
                samples = sound.read(out=samples)
            except soundfile.LibsndfileError as error:
                # What was read before the fault is there, but not how much it is.
                samples = samples[: np.count_nonzero(~np.isnan(samples[:, 0]))]
                if self.duration_s is not None:  # else it may well be the end, which such a FLAC does not tell
                    self._tear(read + len(samples), f"can be read ({error.error_string.strip('.')})")
            if not len(samples):
                break
            read += len(samples)
            yield samples
            if len(samples) < READ_FRAMES:
                break
        self._reading.close()
        if self.duration_s is not None and read < self._frames:
            self._tear(read, f"of {self.duration_s:.2f} s are there")

    def _tear(self, read: int, what: str) -> None:
        if self.torn is None:
            self.torn = f"{self.path}: only the first {read / self.rate_hz:.2f} s {what}."


@contextmanager
def _opened(path: Path) -> Iterator[tuple[soundfile.SoundFile, str | None]]:
    """The sound in a file, and what is missing at its end as far as its header shows."""
    try:
        # Not blocking, for a pipe would be waited for without end.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")
    except OSError as error:
        raise SessionError(str(path), f"cannot be read ({error.strerror})", "Check the path.") from None
    with file:
        said = _said(path, file)
        file.seek(0)
        try:
            # By its bytes, not by its name: soundfile takes what is called .raw for sound without a header.
            sound = soundfile.SoundFile(_Mended(file, said) if said is not None and said.bytes == 0 else file)
        except soundfile.LibsndfileError as error:
            what = f"is not a sound file ({error.error_string.strip('.')})"
            raise SessionError(str(path), what, "Give a WAV or FLAC file.") from None
        with sound:
            yield sound, None if said is None else f"{path}: {said}."


@dataclass(frozen=True, slots=True)
class _Said:
    """What the header of a torn WAV says of the sound after it."""

    at: int
    """Where in the file it says so."""
    bytes: int
    there: int
    """How many bytes there are."""

    def __str__(self) -> str:
        told = "does not say how long it is" if self.bytes in OPEN_ENDED else f"says that {self.bytes} bytes follow"
        return f"its header {told}; the {self.there} bytes that are there are read"


def _said(path: Path, file: BinaryIO) -> _Said | None:
    """What the header of a WAV says, if that is not true; refuses what is no file, and an empty one."""
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise SessionError(str(path), "is not a file", "Give a WAV or FLAC file.")
    if not found.st_size:
        raise SessionError(str(path), "is empty", "Record or copy it again.")
    if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
        return None
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", header)
        if name == b"data":
            there = found.st_size - file.tell()
            torn = size > there or (size == 0 and there > 0)
            return _Said(file.tell() - 4, size, there) if torn else None
        file.seek(size + size % 2, os.SEEK_CUR)
    return None


class _Mended(io.RawIOBase):
    """A WAV whose header says that no sound follows, as one that does not say how much."""

    def __init__(self, file: BinaryIO, said: _Said) -> None:
        self._file = file
        self._at = said.at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        began = self._file.tell()
        read: int = self._file.readinto(view)  # type: ignore[attr-defined]
        for place in range(max(began, self._at), min(began + read, self._at + 4)):
            view[place - began] = 0xFF
        return read

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
