"""``[[camera]]`` in ``device.toml``: a RealSense camera that is plugged in, or a recording of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from edge.geometry import Pose
from edge.settings.fields import Name, Section

Row = tuple[float, float, float, float]
Filter = Literal["decimation", "spatial", "temporal"]


def _rigid(rows: tuple[Row, Row, Row, Row]) -> tuple[Row, Row, Row, Row]:
    Pose(rows)  # says itself what is wrong
    return rows


class CameraSource(Section):
    """A depth camera.  Of what it could give, depth alone is taken."""

    id: Name
    serial: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,32}$")] | None = None
    """Which one it is; ``miseban cameras`` tells those that are plugged in."""
    recording: Path | None = None
    """A recording of the SDK (.db3 or .bag), played in a loop as if it were live."""
    width: Annotated[int, Field(ge=160, le=1920)] = 848
    height: Annotated[int, Field(ge=90, le=1200)] = 480
    fps: Annotated[int, Field(ge=1, le=90)] = 30
    preset: Path | None = None
    """The SDK's JSON with settings of the device's advanced mode."""
    filters: Annotated[tuple[Filter, ...], Field(max_length=3)] = ()
    """The SDK's own; always in the order that it recommends."""
    depth_unit_m: Annotated[float, Field(ge=1e-5, le=0.01)] | None = None
    """What one step of depth is worth; without it, as the device has it."""
    projector: bool | None = None
    """Whether its pattern of infrared dots is on; without it, as the device or the preset has it."""
    pose: Annotated[tuple[Row, Row, Row, Row], AfterValidator(_rigid)] | None = Field(None, alias="T_store_camera")
    """Where it hangs; a lone camera can find that out from its floor."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.serial is None) == (self.recording is None):
            raise ValueError("give either the serial of a camera or a recording; miseban cameras lists the cameras")
        if self.recording is not None and self.recording.suffix not in (".db3", ".bag"):
            raise ValueError(f"a recording ends in .db3 or .bag, not {self.recording.suffix!r}")
        return self

    def beside(self, folder: Path) -> Self:
        """The same with its files taken as relative to a folder."""
        files = {key: folder / path for key in ("recording", "preset") if (path := getattr(self, key)) is not None}
        return self.model_copy(update=files)
