"""``session.json``: what a session says about itself, typed and bounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from edge.errors import SessionError
from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel

FORMAT = "session-folder/1"
MAX_MANIFEST_BYTES = 8_000_000
MAX_CAMERAS = 64
MAX_CAMERA_HEIGHT_M = 20.0
MAX_OFFSET_M = 500.0

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Text = Annotated[str, Field(max_length=4000)]
Row = tuple[Finite, Finite, Finite, Finite]


class CameraEntry(BaseModel):
    """One element of ``cameras``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Identifier
    width: Annotated[int, Field(ge=1, le=8192)]
    height: Annotated[int, Field(ge=1, le=8192)]
    fx: Annotated[float, Field(gt=0.0, le=100_000.0)]
    fy: Annotated[float, Field(gt=0.0, le=100_000.0)]
    cx: Annotated[float, Field(ge=-100_000.0, le=100_000.0)]
    cy: Annotated[float, Field(ge=-100_000.0, le=100_000.0)]
    distortion: Literal["none", "brown_conrady"] = "none"
    coeffs: Annotated[tuple[Finite, ...], Field(max_length=5)] = ()
    depth_unit_m: Annotated[float, Field(ge=1e-6, le=0.1)]
    T_store_camera: tuple[Row, Row, Row, Row] | None = None
    empty: Annotated[str, Field(max_length=255)] | None = None
    model: Text = ""

    @field_validator("T_store_camera")
    @classmethod
    def _possible_pose(cls, rows: tuple[Row, Row, Row, Row] | None) -> tuple[Row, Row, Row, Row] | None:
        if rows is None:
            return None
        height_m = Pose(rows).height_m
        if not 0.0 < height_m <= MAX_CAMERA_HEIGHT_M:
            where = "under the floor" if height_m <= 0.0 else f"above {MAX_CAMERA_HEIGHT_M:g} m"
            raise ValueError(f"the camera would hang {where} (height {height_m:g} m)")
        if max(abs(rows[0][3]), abs(rows[1][3])) > MAX_OFFSET_M:
            raise ValueError(f"the camera would hang more than {MAX_OFFSET_M:g} m from the store's origin")
        return rows

    @model_validator(mode="after")
    def _coefficients_fit(self) -> Self:
        if self.distortion == "none" and any(self.coeffs):
            raise ValueError('distortion "none" cannot have coeffs')
        if self.distortion == "brown_conrady" and len(self.coeffs) < 4:
            raise ValueError('distortion "brown_conrady" needs coeffs k1, k2, p1, p2 and optionally k3')
        return self

    def camera_model(self) -> CameraModel:
        """The camera as the eye needs it."""
        intrinsics = Intrinsics(self.width, self.height, self.fx, self.fy, self.cx, self.cy, self.coeffs)
        pose = None if self.T_store_camera is None else Pose(self.T_store_camera)
        return CameraModel(self.id, intrinsics, self.depth_unit_m, pose, self.model)

    @classmethod
    def of(cls, camera: CameraModel, empty: str | None) -> CameraEntry:
        """The entry that describes a camera."""
        lens = camera.intrinsics
        padded = (*lens.distortion, 0.0, 0.0, 0.0, 0.0)[: max(4, len(lens.distortion))]
        coeffs = padded if any(lens.distortion) else ()
        return cls.model_validate(
            {
                "id": camera.id,
                "model": camera.model,
                "width": lens.width,
                "height": lens.height,
                "fx": lens.fx,
                "fy": lens.fy,
                "cx": lens.cx,
                "cy": lens.cy,
                "distortion": "brown_conrady" if coeffs else "none",
                "coeffs": coeffs,
                "depth_unit_m": camera.depth_unit_m,
                "T_store_camera": None if camera.pose is None else camera.pose.rows,
                "empty": empty,
            }
        )


class MicrophoneEntry(BaseModel):
    """One element of ``microphones``: its sound lies in ``<id>/audio.wav`` or ``<id>/audio.flac``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Identifier
    t0: Annotated[float, Field(ge=0.0, le=9e9, allow_inf_nan=False)] = 0.0
    """When its first sample was taken, seconds on the clock of the cameras' time lines."""


class Manifest(BaseModel):
    """``session.json``.  Unknown keys are left alone: other tools may add their own."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["session-folder/1"] = "session-folder/1"
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
    description: Text = ""
    licence: Text = ""
    fps: Annotated[float, Field(gt=0.0, le=1000.0)] | None = None
    real: bool = False
    cameras: Annotated[tuple[CameraEntry, ...], Field(max_length=MAX_CAMERAS)] = ()
    microphones: Annotated[tuple[MicrophoneEntry, ...], Field(max_length=MAX_CAMERAS)] = ()
    labelled_frames: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(max_length=1_000_000)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [camera.id.casefold() for camera in self.cameras] + [mic.id.casefold() for mic in self.microphones]
        twice = next((i for i in ids if ids.count(i) > 1), None)
        if twice:
            raise ValueError(f"the id {twice!r} is used twice")
        if self.cameras and self.fps is None:
            raise ValueError("fps is missing")
        return self


def read_manifest(path: Path) -> tuple[Manifest, bytes]:
    """``session.json`` and its bytes.

    Raises
    ------
    SessionError
        If it is missing, too large, torn, or says something impossible; names the first key at fault and how many more.
    """
    label = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise SessionError(label, f"cannot be read ({error.strerror})", "Is this a session folder?") from None
    if len(data) > MAX_MANIFEST_BYTES:
        raise SessionError(label, f"is larger than {MAX_MANIFEST_BYTES} bytes", "Is this a session folder?")
    try:
        table = json.loads(data.decode("utf-8"))
        return Manifest.model_validate(table), data
    except UnicodeDecodeError as error:
        raise SessionError(label, f"is not UTF-8 text (byte {error.start})", "Copy the session again.") from None
    except (json.JSONDecodeError, RecursionError) as error:
        what = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise SessionError(label, f"is torn or not JSON ({what})", "Copy the session again.") from None
    except ValueError as error:
        if not isinstance(error, ValidationError):  # int() refuses numbers of thousands of digits
            raise SessionError(label, "holds an impossible number", "Copy the session again.") from None
        raise _manifest_error(label, error) from None


def _manifest_error(label: str, error: ValidationError) -> SessionError:
    first, count = error.errors(include_url=False)[0], error.error_count()
    key = _key(first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    found = first["input"]
    shown = "" if first["type"] == "missing" or isinstance(found, (dict, list)) else f" (found {str(found)[:60]!r})"
    more = f" ({count - 1} more faults in this file.)" if count > 1 else ""
    return SessionError(f"{label} {key}".rstrip(), f"{message[0].lower()}{message[1:]}{shown}", f"Mend it.{more}")


def _key(location: tuple[Any, ...]) -> str:
    key = ""
    for part in location:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    return key
