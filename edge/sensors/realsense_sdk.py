"""RealSense's SDK (librealsense): whether it is there, which cameras it finds, and what its complaints mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from edge.errors import EdgeError

MOST_PRESET_BYTES = 256_000
FLUENT_FPS = 15
"""A mode of fewer frames a second is taken only where there is no other."""


class SdkMissing(EdgeError):
    """Nothing can be seen before somebody installs a library."""


class CameraMissing(EdgeError):
    """The camera is not plugged in."""


class CameraFault(EdgeError):
    """The camera is there, and cannot be used."""


@dataclass(frozen=True, slots=True)
class Mode:
    """Size and pace of a depth stream."""

    width: int
    height: int
    fps: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height} at {self.fps}/s"


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera as it describes itself; what it does not tell is empty."""

    serial: str
    model: str
    firmware: str
    newer_firmware: str
    """The firmware that the SDK recommends, where the camera's is older."""
    usb: str
    """Such as ``3.2``; empty where it does not hang on USB."""
    port: str

    @property
    def slow_usb(self) -> bool:
        """Whether it hangs on a USB 2 port or cable."""
        return self.usb.startswith(("1", "2"))

    def concerns(self) -> tuple[str, ...]:
        """What an installer should look at, in one sentence each."""
        words: list[str] = []
        if self.slow_usb:
            words.append(f"is on USB {self.usb}: use a USB 3 port and cable, or it gives a smaller or slower picture")
        if self.newer_firmware:
            words.append(f"has firmware {self.firmware}, and {self.newer_firmware} is recommended; update it")
        return tuple(words)


Devices = Callable[[], Sequence[Any]]
"""The SDK's devices that there are now."""


def load() -> Any:
    """The SDK.

    Raises
    ------
    SdkMissing
        With what to install.
    """
    try:
        import pyrealsense2
    except ImportError as error:
        if found := re.search(r"lib(usb|udev|stdc)[^:\s]*", str(error)):
            packages = {"usb": "libusb-1.0-0", "udev": "libudev1", "stdc": "libstdc++6"}
            remedy = f"apt-get install {packages[found[1]]}"
            raise SdkMissing("RealSense", f"its SDK needs {found[0]}, which is not installed", remedy) from error
        raise SdkMissing(
            "RealSense", "its SDK (pyrealsense2) is not installed", 'pip install "miseban[realsense]"'
        ) from error
    return pyrealsense2


@cache
def context() -> Any:
    """The SDK's own view of what is plugged in; one in each process."""
    return load().context('{"dds": {"enabled": false}}')  # cameras are looked for on this machine alone


def connected() -> Sequence[Any]:
    """The SDK's devices that are plugged in.

    Raises
    ------
    EdgeError
        When there is no SDK, or it fails.
    """
    try:
        return list(context().query_devices())
    except RuntimeError as error:
        raise fault("RealSense", error) from error


def found_cameras(devices: Devices = connected) -> tuple[FoundCamera, ...]:
    """The cameras that are plugged in.

    Raises
    ------
    EdgeError
        When there is no SDK, or it fails.
    """
    return tuple(describe(device) for device in devices())


def describe(device: Any) -> FoundCamera:
    """What a device says of itself."""
    info = load().camera_info

    def told(key: Any) -> str:
        return str(device.get_info(key))[:100] if device.supports(key) else ""

    firmware, recommended = told(info.firmware_version), told(info.recommended_firmware_version)
    return FoundCamera(
        told(info.serial_number),
        told(info.name) or "RealSense",
        firmware,
        recommended if _version(firmware) < _version(recommended) else "",
        told(info.usb_type_descriptor),
        told(info.physical_port),
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def best_mode(modes: Sequence[Mode], wanted: Mode) -> Mode:
    """The mode that is wanted, or the nearest below it: fluent first, then large."""
    if wanted in modes:
        return wanted
    below = [m for m in modes if m.width <= wanted.width and m.height <= wanted.height and m.fps <= wanted.fps]
    if not below:
        return min(modes, key=lambda m: (m.width * m.height, m.fps))
    return max(below, key=lambda m: (min(m.fps, FLUENT_FPS), m.width * m.height, m.fps))


def read_preset(path: Path) -> str:
    """The text of a preset.

    Raises
    ------
    CameraFault
        When it cannot be read.
    """
    try:
        if path.stat().st_size > MOST_PRESET_BYTES:
            raise CameraFault(str(path), f"is larger than {MOST_PRESET_BYTES} bytes", "Is it the right file?")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CameraFault(str(path), f"cannot be read ({error})", "Check the path.") from error


def fault(where: str, error: Exception) -> EdgeError:
    """What the SDK complains of, as something that a person can mend."""
    words = str(error).strip().rstrip(".")[:200] or type(error).__name__
    lower = words.lower()
    if "busy" in lower or "errno=16" in lower:
        return CameraFault(where, f"is used by another program ({words})", "End that program.")
    if "permission" in lower or "access" in lower or "errno=13" in lower:
        remedy = "Install firmware_config/udev/99-realsense.rules and plug it in again."
        return CameraFault(where, f"may not be opened by this user ({words})", remedy)
    return CameraFault(where, words, "Unplug it and plug it in again.")
