"""Samples as the engines want them: finite floats within full scale, or 16-bit PCM."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float32]
_PCM_SCALE = np.float32(32_767.0)


def sane(frame: _Floats) -> _Floats:
    """The frame within full scale; what is no number is silence, because an engine would never forget it."""
    finite = np.where(np.isfinite(frame), frame, np.float32(0.0))
    return np.clip(finite, np.float32(-1.0), np.float32(1.0)).astype(np.float32, copy=False)


def to_pcm(frame: _Floats) -> bytes:
    """Floats within full scale to 16-bit little-endian PCM."""
    return bytes(np.rint(frame * _PCM_SCALE).astype("<i2").data)


def from_pcm(pcm: bytes) -> _Floats:
    """16-bit little-endian PCM to floats within full scale."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / _PCM_SCALE
