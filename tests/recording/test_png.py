from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import FrameError
from edge.recording.png import decode_depth_png, encode_depth_png

IMAGE = np.random.default_rng(3).integers(0, 65_536, (20, 30), dtype=np.uint16)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels: bytes, width: int = 30, height: int = 20, extra: bytes = b"") -> bytes:
    """A PNG whose checksums are right, whatever its pixels are."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def rows(image: np.ndarray) -> bytes:
    return b"".join(b"\0" + row.astype(">u2").tobytes() for row in image)


@pytest.mark.parametrize("compression", [0, 1, 6, 9])
def test_every_value_survives(compression: int) -> None:
    data = encode_depth_png(IMAGE, compression)
    assert (decode_depth_png(data, 30, 20, "x") == IMAGE).all()


def test_a_png_of_another_writer_is_read() -> None:
    assert (decode_depth_png(png(zlib.compress(rows(IMAGE))), 30, 20, "x") == IMAGE).all()


def test_a_size_that_asks_for_gigabytes_is_refused_by_its_header() -> None:
    with pytest.raises(FrameError, match="is 60000x60000 pixels, not 30x20"):
        decode_depth_png(png(b"", 60_000, 60_000), 30, 20, "x")


def test_an_animation_is_not_a_frame() -> None:
    moving = png(zlib.compress(rows(IMAGE)), extra=chunk(b"acTL", struct.pack(">II", 2, 0)))
    with pytest.raises(FrameError, match="animated"):
        decode_depth_png(moving, 30, 20, "x")


@pytest.mark.parametrize(
    "pixels", [b"", b"not zlib", zlib.compress(rows(IMAGE))[:-40], zlib.compress(rows(IMAGE[:10]))]
)
def test_pixels_that_do_not_unpack_are_refused(pixels: bytes) -> None:
    with pytest.raises(FrameError, match="cannot be decoded"):
        decode_depth_png(png(pixels), 30, 20, "x")


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_no_bytes_harm(data: bytes) -> None:
    for candidate in (data, png(data), png(zlib.compress(data))):
        try:
            image = decode_depth_png(candidate, 30, 20, "x")
        except FrameError:
            continue
        assert image.shape == (20, 30)
