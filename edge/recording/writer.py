"""Writing a ``session-folder/1``: valid at every moment, so that a recording that is cut off can still be read."""

from __future__ import annotations

import csv
import wave
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edge.clock import decimal_seconds
from edge.errors import SessionError
from edge.messages import RATE_HZ, CameraModel, DepthFrame
from edge.recording.manifest import CameraEntry, Manifest, MicrophoneEntry
from edge.recording.png import encode_depth_png


class SessionWriter:
    """Writes one session; use it as a context manager.

    Time stamps are written in whole microseconds, as ``decimal_seconds`` rounds them; truth tables should use the same.

    Parameters
    ----------
    path
        A folder that does not exist yet or is empty.
    name, description, licence
        What the session is, and who may do what with it.
    fps
        Nominal frames per second of each camera; None where there is none.
    cameras
        With poses where they are known; none in a session with microphones only.
    real
        Whether it shows the real world.
    labelled_frames
        Indices of frames whose heads were labelled by eye.
    compression
        0 (fast) to 9 (small), of the images.

    Raises
    ------
    SessionError
        If the folder is not empty or cannot be written.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        description: str,
        licence: str,
        fps: float | None = None,
        cameras: Sequence[CameraModel] = (),
        real: bool = False,
        labelled_frames: Sequence[int] | None = None,
        compression: int = 6,
    ) -> None:
        self.path = path
        self._header = Manifest(
            name=name,
            description=description,
            licence=licence,
            fps=fps,
            real=real,
            cameras=tuple(CameraEntry.of(camera, None) for camera in cameras),
            labelled_frames=None if labelled_frames is None else tuple(labelled_frames),
        )
        self._cameras = {camera.id: camera for camera in cameras}
        self._compression = compression
        self._last_t: dict[str, str] = {}
        self._counts = dict.fromkeys(self._cameras, 0)
        self._timelines: dict[str, TextIOWrapper] = {}
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise SessionError(str(path), "is not empty", "Choose a new folder.")
            for camera in cameras:
                (path / camera.id / "depth").mkdir(parents=True)
                self._timelines[camera.id] = (path / camera.id / "depth.txt").open("w", encoding="utf-8", newline="\n")
            self._write_header()
        except OSError as error:
            self.close()
            raise _write_error(path, error) from None

    def write_frame(self, frame: DepthFrame) -> None:
        """Add a frame to its camera.

        Raises
        ------
        SessionError
            If its camera is unknown, its size is not the camera's, its time does not increase, or the disk is full.
        """
        camera = self._camera(frame.camera, frame.depth)
        t = decimal_seconds(frame.t_ns)
        before = self._last_t.get(camera.id)
        if frame.t_ns < 0 or (before is not None and float(t) <= float(before)):
            what = f"time {t} s of camera {camera.id!r} does not come after {before} s"
            raise SessionError(str(self.path), what, "Sort the frames.")
        file = f"depth/{self._counts[camera.id]:06d}.png"
        try:
            (self.path / camera.id / file).write_bytes(encode_depth_png(frame.depth, self._compression))
            self._timelines[camera.id].write(f"{t} {file}\n")
            self._timelines[camera.id].flush()
        except OSError as error:
            raise _write_error(self.path, error) from None
        self._last_t[camera.id] = t
        self._counts[camera.id] += 1

    def write_empty(self, camera: str, depth: NDArray[np.uint16]) -> None:
        """Keep the view of a camera with nobody in it.

        Raises
        ------
        SessionError
            If the camera is unknown, the size is not the camera's, or the disk is full.
        """
        model = self._camera(camera, depth)
        try:
            (self.path / model.id / "empty.png").write_bytes(encode_depth_png(depth, self._compression))
            named = {"empty": "empty.png"}
            entries = tuple(e.model_copy(update=named) if e.id == camera else e for e in self._header.cameras)
            self._header = self._header.model_copy(update={"cameras": entries})
            self._write_header()
        except OSError as error:
            raise _write_error(self.path, error) from None

    def write_sound(self, microphone: str, samples: NDArray[np.int16], t0_s: float = 0.0) -> None:
        """Keep what a microphone took: (n,) at 16 kHz, the first of them taken at ``t0_s`` on the frames' clock.

        Raises
        ------
        SessionError
            If it is there already, or the disk is full.
        """
        folder = self.path / microphone
        try:
            folder.mkdir()
            with wave.open(str(folder / "audio.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE_HZ)
                file.writeframes(samples.astype("<i2").tobytes())
            entries = (*self._header.microphones, MicrophoneEntry(id=microphone, t0=t0_s))
            self._header = self._header.model_copy(update={"microphones": entries})
            self._write_header()
        except OSError as error:
            raise _write_error(self.path, error) from None

    def write_store(self, text: str) -> None:
        """Keep what an installer drew: the text of ``store.toml``."""
        self._write_text(self.path / "store.toml", text)

    def write_truth(self, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write one table of what really happened to ``truth/<name>``, e.g. ``heads.csv``."""
        path = self.path / "truth" / name
        try:
            path.parent.mkdir(exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                table = csv.writer(file, lineterminator="\n")
                table.writerow(header)
                table.writerows(rows)
        except OSError as error:
            raise _write_error(path, error) from None

    def close(self) -> None:
        """Close the time lines; what was written stays readable even without it."""
        for timeline in self._timelines.values():
            timeline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _camera(self, camera: str, depth: NDArray[np.uint16]) -> CameraModel:
        model = self._cameras.get(camera)
        if model is None:
            known = ", ".join(self._cameras)
            raise SessionError(str(self.path), f"has no camera {camera!r}", f"Its cameras are: {known}.")
        expected = (model.intrinsics.height, model.intrinsics.width)
        if depth.shape != expected or depth.dtype != np.uint16:
            what = f"a frame of camera {camera!r} is {depth.dtype} {depth.shape}, not uint16 {expected}"
            raise SessionError(str(self.path), what, "Describe the camera as it is.")
        return model

    def _write_header(self) -> None:
        """Replace ``session.json`` whole, so that it is never torn."""
        text = Manifest.model_dump_json(self._header, indent=1, exclude_none=False)
        temporary = self.path / "session.json.tmp"
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(self.path / "session.json")

    def _write_text(self, path: Path, text: str) -> None:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise _write_error(path, error) from None


def _write_error(path: Path, error: OSError) -> SessionError:
    return SessionError(str(path), f"cannot be written ({error.strerror})", "Free some space or choose another folder.")
