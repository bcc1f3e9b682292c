"""Pictures to a film or to a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import cv2

from edge.errors import SessionError
from edge.replay.canvas import Picture

REMEDY = "Free some space or choose another place with --out."
OTHER_FILMS = (".avi", ".gif", ".m4v", ".mkv", ".mov", ".mpg", ".webm")
# What goes wrong is told once, by the error; FFmpeg would write its own words to the terminal beside it.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


class Film(Protocol):
    """Takes one picture after the other."""

    pictures: int

    def add(self, picture: Picture) -> None:
        """Add a picture.

        Raises
        ------
        SessionError
            If it cannot be written.
        """


class PictureFolder:
    """PNG files ``000000.png``, ``000001.png`` ..."""

    def __init__(self, folder: Path) -> None:
        self.pictures = 0
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SessionError(str(folder), f"cannot be made ({error.strerror})", REMEDY) from None

    def add(self, picture: Picture) -> None:
        """Write one file."""
        path = self._folder / f"{self.pictures:06d}.png"
        ok, data = cv2.imencode(".png", picture)
        if not ok:
            raise SessionError(str(path), "cannot be encoded", REMEDY)
        try:
            path.write_bytes(data.tobytes())
        except OSError as error:
            raise SessionError(str(path), f"cannot be written ({error.strerror})", REMEDY) from None
        self.pictures += 1


class VideoFile:
    """An MPEG-4 file."""

    def __init__(self, path: Path, width: int, height: int, fps: float) -> None:
        self.pictures = 0
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
        except OSError as error:
            raise SessionError(str(path), f"cannot be written ({error.strerror})", REMEDY) from None
        self._writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (width, height))
        if not self._writer.isOpened():
            raise SessionError(str(path), "cannot be written as MPEG-4 here", "Give a folder to get PNG pictures.")

    def add(self, picture: Picture) -> None:
        """Append a picture."""
        self._writer.write(picture)
        self.pictures += 1

    def close(self) -> None:
        """Finish the file, and read it back: the encoder itself tells of no error, not even of a full disk."""
        self._writer.release()
        reader = cv2.VideoCapture(str(self._path))
        found = int(reader.get(cv2.CAP_PROP_FRAME_COUNT)) if reader.isOpened() else 0
        readable = found == self.pictures and (found == 0 or reader.read()[0])
        reader.release()
        if not readable:
            what = f"holds {found} of {self.pictures} pictures when read back"
            raise SessionError(str(self._path), what, REMEDY)


@contextmanager
def open_film(out: Path, width: int, height: int, fps: float) -> Iterator[Film]:
    """A film at ``out``: a video when the name ends in ``.mp4``, else a folder of pictures.

    Raises
    ------
    SessionError
        If it cannot be written, is another kind of film, or the finished video cannot be read back.
    """
    if out.suffix.lower() in OTHER_FILMS:
        raise SessionError(str(out), "is a kind of film that is not written here", "Name it .mp4, or give a folder.")
    if out.suffix.lower() != ".mp4":
        yield PictureFolder(out)
        return
    video = VideoFile(out, width, height, min(max(fps, 1.0), 60.0))
    yield video
    video.close()
