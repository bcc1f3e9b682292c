"""RNNoise: a recurrent net that weighs 32 bands of hearing, and says how likely each 10 ms are speech.

The library comes inside the package pyrnnoise, whose Python is not used: it would bring a media framework along.

Method: Valin, *A Hybrid DSP/Deep Learning Approach to Real-Time Full-Band Speech Enhancement*, MMSP 2018.
"""

from __future__ import annotations

import ctypes
import weakref
from functools import cache

import numpy as np
from numpy.typing import NDArray

from edge.audio.denoise_mix import MixBack
from edge.audio.denoise_pcm import sane
from edge.audio.denoise_rate import ROUND_TRIP_SAMPLES, WIDE_FRAME, FromWide, ToWide
from edge.audio.packaged import packaged
from edge.errors import EdgeError
from edge.messages.hearing import FRAME

LIBRARY = "librnnoise.so"
ENGINE_DELAY_SAMPLES = 320
"""The engine gives back what it was given two frames ago."""

_FULL_SCALE = np.float32(32_768.0)
"""The engine's samples are floats in the range of 16 bits."""
_FloatPointer = ctypes.POINTER(ctypes.c_float)
_Floats = NDArray[np.float32]


@cache
def _library() -> ctypes.CDLL:
    path = packaged("pyrnnoise", LIBRARY, "pyrnnoise==0.4.5")
    try:
        library = ctypes.CDLL(str(path))
        library.rnnoise_create.argtypes, library.rnnoise_create.restype = [ctypes.c_void_p], ctypes.c_void_p
        library.rnnoise_destroy.argtypes, library.rnnoise_destroy.restype = [ctypes.c_void_p], None
        library.rnnoise_process_frame.argtypes = [ctypes.c_void_p, _FloatPointer, _FloatPointer]
        library.rnnoise_process_frame.restype = ctypes.c_float
        frame = int(library.rnnoise_get_frame_size())
    except (OSError, AttributeError) as problem:
        remedy = "Install it anew: pip install --force-reinstall --no-deps pyrnnoise==0.4.5"
        raise EdgeError(str(path), f"cannot be used ({problem})", remedy) from problem
    if frame != WIDE_FRAME:
        raise EdgeError(str(path), f"works in frames of {frame}, not {WIDE_FRAME}", "Install pyrnnoise==0.4.5.")
    return library


class RNNoise:
    """One stream through RNNoise."""

    delay_samples = ENGINE_DELAY_SAMPLES + ROUND_TRIP_SAMPLES

    def __init__(self) -> None:
        self._library = _library()
        self._state = ctypes.c_void_p(self._library.rnnoise_create(None))
        weakref.finalize(self, self._library.rnnoise_destroy, self._state)
        self._up, self._down = ToWide(), FromWide()
        self._mix = MixBack(self.delay_samples)
        self.speech_probability = 0.0
        """Of the last frame that was stepped, as the engine sees it."""
        self.bare = np.zeros(FRAME, np.float32)
        """What the engine made of it, before some of the raw sound was given back."""

    def step(self, frame: _Floats) -> _Floats:
        """10 ms in, the 10 ms of :attr:`delay_samples` earlier out, with less noise."""
        raw = sane(frame)
        wide = np.ascontiguousarray(self._up.step(raw) * _FULL_SCALE, dtype=np.float32)
        pointer = wide.ctypes.data_as(_FloatPointer)
        self.speech_probability = float(self._library.rnnoise_process_frame(self._state, pointer, pointer))
        self.bare = self._down.step(wide / _FULL_SCALE)
        return self._mix.step(raw, self.bare, self.speech_probability)
