"""Depth images as 16-bit greyscale PNG, checked before a decoder sees them.

A file that was cut off or damaged on disk must not become a frame that is half zeros, and a small file must not ask
for gigabytes: the chunks are walked and their checksums verified (PNG specification, W3C, third edition, section 5)
and the size in the header compared with the camera's before any pixel is decoded.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import FrameError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")
_REMEDY = "Record it again, or remove its line from depth.txt."


def read_depth_png(path: Path, width: int, height: int, label: str) -> NDArray[np.uint16]:
    """Depth image (height, width) of a PNG file.

    Parameters
    ----------
    path
        The file, already known to lie inside its session.
    width, height
        The camera's image size, pixels.
    label
        The file's name in error messages.

    Raises
    ------
    FrameError
        If it is missing, too large, not a whole 16-bit greyscale PNG, or has another size.
    """
    limit = 4 * width * height + 1_000_000
    try:
        if not path.is_file():
            raise FrameError(label, "is missing" if not path.exists() else "is not a file", _REMEDY)
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise FrameError(label, f"cannot be read ({error.strerror})", _REMEDY) from None
    if len(data) > limit:
        raise FrameError(label, f"is larger than {limit} bytes, too much for {width}x{height} pixels", _REMEDY)
    return decode_depth_png(data, width, height, label)


def decode_depth_png(data: bytes, width: int, height: int, label: str) -> NDArray[np.uint16]:
    """Depth image (height, width) of a PNG in memory.

    Raises
    ------
    FrameError
        If it is not a whole 16-bit greyscale PNG of that size.
    """
    fault = _fault(data, width, height)
    if fault:
        raise FrameError(label, fault, _REMEDY)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise FrameError(label, f"cannot be decoded ({error.err})", _REMEDY) from None
    if image is None or image.shape != (height, width) or image.dtype != np.uint16:
        raise FrameError(label, "cannot be decoded as a 16-bit greyscale image", _REMEDY)
    return image.view(np.uint16)


def encode_depth_png(depth: NDArray[np.uint16], compression: int = 6) -> bytes:
    """A depth image (height, width) as PNG bytes; ``compression`` 0 (fast) to 9 (small)."""
    options = [cv2.IMWRITE_PNG_COMPRESSION, compression, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT]
    image = np.ascontiguousarray(depth)
    best = _encoded(image, options)
    if compression == 9:
        # Depth in few distinct steps, as stereo cameras give it, packs a quarter smaller without row filters.
        plain = _encoded(image, [*options, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE])
        best = min(best, plain, key=len)
    return best


def _encoded(image: NDArray[np.uint16], options: list[int]) -> bytes:
    ok, data = cv2.imencode(".png", image, options)
    if not ok:
        raise ValueError(f"no PNG can be made of {image.dtype} {image.shape}")
    return data.tobytes()


def _fault(data: bytes, width: int, height: int) -> str | None:
    """What is wrong with a PNG's structure, or None."""
    if not data.startswith(_SIGNATURE):
        return "is empty" if not data else "is not a PNG file"
    view, at, first = memoryview(data), len(_SIGNATURE), True
    while at + 12 <= len(data):
        length = int.from_bytes(view[at : at + 4])
        kind, end = bytes(view[at + 4 : at + 8]), at + 12 + length
        if end > len(data):
            return "is cut off"
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            return "is damaged (a checksum differs)"
        if first and (kind != b"IHDR" or length != _HEADER.size):
            return "has no PNG header"
        if first:
            fault = _header_fault(bytes(view[at + 8 : end - 4]), width, height)
            if fault:
                return fault
        if kind == b"acTL":
            return "is an animated PNG"
        if kind == b"IEND":
            return None
        at, first = end, False
    return "is cut off"


def _header_fault(header: bytes, width: int, height: int) -> str | None:
    found_width, found_height, bits, colour, *_ = _HEADER.unpack(header)
    if (found_width, found_height) != (width, height):
        return f"is {found_width}x{found_height} pixels, not {width}x{height}"
    if (bits, colour) != (16, 0):
        colours = {0: "greyscale", 2: "colour", 3: "palette", 4: "greyscale with alpha", 6: "colour with alpha"}
        return f"is {bits}-bit {colours.get(colour, 'unknown')}, not 16-bit greyscale"
    return None
