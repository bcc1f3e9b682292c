"""What real depth cameras do to a perfect picture: stereo (active or structured light) and time of flight.

Stereo (after Keselman et al., *Intel RealSense Stereoscopic Depth Cameras*, CVPRW 2017, and Khoshelham & Elberink,
*Accuracy and Resolution of Kinect Depth Data*, 2012)::

    edge fattening -> disparity -> + fixed pattern + correlated noise -> sub-pixel steps -> depth
    holes: what the other imager cannot see, dark hair, far surfaces, blobs without texture

Time of flight (after Sarbolandi, Lefloch & Kolb, *Kinect Range Sensing*, 2015)::

    multipath in concave corners -> noise that grows with distance -> flying pixels at edges -> weak signal: no return
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from edge.geometry import Intrinsics
from edge.simulator.render import Image
from edge.simulator.solids import PARTS, Array, Part

Field = NDArray[np.float32]


class Noise(Protocol):
    """A sensor's faults; it may keep a state (a fixed pattern) through a session."""

    def sense(self, image: Image, darkness: Mapping[int, float], rng: np.random.Generator) -> Array:
        """Depth (height, width) as measured, metres, 0 = no return.

        Parameters
        ----------
        image
            The perfect picture.
        darkness
            0 to 1 for each person: how little light the hair sends back.
        """
        ...


class Perfect:
    """No noise at all."""

    def __init__(self, max_range_m: float = 60.0) -> None:
        self._max_range_m = max_range_m

    def sense(self, image: Image, darkness: Mapping[int, float], rng: np.random.Generator) -> Array:
        """The perfect picture, up to a range."""
        return np.where(image.depth < self._max_range_m, image.depth, 0.0)


@dataclass(frozen=True, slots=True)
class StereoCamera:
    """A stereo camera's faults; the defaults are those of an active stereo module with a 5 cm baseline."""

    native_width_px: int = 848
    """Disparity is measured at this width, whatever the size of the picture that is handed on."""
    baseline_m: float = 0.050
    noise_px: float = 0.055
    """Standard deviation of the disparity noise."""
    pattern_px: float = 0.02
    """The same of the part that stays through a session."""
    correlation_px: float = 3.5
    """Radius of the correlation at native width: that of the matching window."""
    steps_per_px: float = 32.0
    """Sub-pixel steps."""
    fattening_px: float = 4.0
    """How far the nearer surface grows over the farther one, at native width."""
    max_range_m: float = 10.0
    hair_holes: float = 0.4
    """Share of the blackest hair that gives no return."""
    far_holes: float = 0.08
    """Share without return at half the greatest range."""


@dataclass(frozen=True, slots=True)
class TofCamera:
    """A time-of-flight camera's faults; the defaults follow a Kinect v2 (5 mm at 3.3 m)."""

    noise_near_m: float = 0.0015
    noise_per_m2: float = 0.00033
    """Standard deviation grows with the square of the distance."""
    multipath_m: float = 0.03
    """Bias in the sharpest concave corner."""
    flying: float = 0.5
    """Share of edge pixels that lie between the two surfaces; as many again give no return."""
    max_range_m: float = 8.0
    weak: float = 0.008
    """Signal (1 = a white wall at 1 m in the middle of the picture) below which half the pixels give no return."""
    hair_albedo: float = 0.30
    """Of the blackest hair; a white wall is 1."""


class Stereo:
    """Stereo noise for one camera."""

    def __init__(self, camera: StereoCamera, intrinsics: Intrinsics, rng: np.random.Generator) -> None:
        self._camera = camera
        self._scale = intrinsics.width / camera.native_width_px
        self._native_fb = intrinsics.fx / self._scale * camera.baseline_m
        self._shape = (intrinsics.height, intrinsics.width)
        self._sigma = max(camera.correlation_px * self._scale, 0.5)
        self._pattern = self._smooth(rng, 2 * self._sigma) * np.float32(camera.pattern_px)
        self._bare = self._smooth(rng, 5 * self._sigma)

    def sense(self, image: Image, darkness: Mapping[int, float], rng: np.random.Generator) -> Array:
        """Depth as measured, see :class:`Noise`."""
        camera = self._camera
        true = np.where(image.depth < 1.3 * camera.max_range_m, image.depth, 0.0).astype(np.float32)
        depth = self._fattened(true, rng)
        disparity = np.where(depth > 0, self._native_fb / np.maximum(depth, 1e-3), 0.0).astype(np.float32)
        noise = self._smooth(rng, self._sigma) * np.float32(camera.noise_px) + self._pattern
        noisy = np.rint((disparity + noise) * camera.steps_per_px) / camera.steps_per_px
        hidden = np.zeros(self._shape, dtype=np.bool_)
        _other_eye(disparity * np.float32(self._scale), hidden)
        hole = hidden | (depth <= 0) | (noisy <= self._native_fb / camera.max_range_m)
        hole |= self._blobs(image, depth, darkness, rng)
        return np.where(hole, 0.0, self._native_fb / np.maximum(noisy, 1e-6))

    def _fattened(self, depth: Field, rng: np.random.Generator) -> Field:
        """The nearer surface grows over the edge, unevenly, as a matching window straddles it."""
        reach = self._camera.fattening_px * self._scale
        size = 2 * int(np.ceil(reach)) + 1
        ahead = np.where(depth > 0, depth, np.float32(1e3))
        near = cv2.erode(ahead, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
        share = reach / np.ceil(reach)
        grow = (ahead - near > 0.08) & (self._smooth(rng, self._sigma) < 1.5 * (share - 0.5) + 0.3)
        return np.where(grow, near, depth).astype(np.float32)

    def _blobs(
        self, image: Image, depth: Field, darkness: Mapping[int, float], rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Pixels without a match, in blobs: far surfaces, bare ones, dark hair."""
        camera = self._camera
        chance = camera.far_holes * (depth / (0.5 * camera.max_range_m)) ** 4
        chance = np.minimum(chance * (1 + self._bare), 0.9)
        chance = np.maximum(chance, hair_share(image.label, darkness) * camera.hair_holes)
        return np.asarray(_uniform(self._smooth(rng, 1.3 * self._sigma)) < chance)

    def _smooth(self, rng: np.random.Generator, sigma_px: float) -> Field:
        return smooth_field(rng, self._shape, sigma_px)


class Tof:
    """Time-of-flight noise for one camera."""

    def __init__(self, camera: TofCamera, intrinsics: Intrinsics) -> None:
        self._camera = camera
        rays = intrinsics.rays()
        self._range_per_depth = np.linalg.norm(rays, axis=-1).astype(np.float32)
        # Lens and illumination fall off toward the corners, together about as the fifth power of the cosine.
        self._falloff = self._range_per_depth**-5.0
        self._corner_px = max(intrinsics.width / 40.0, 1.5)

    def sense(self, image: Image, darkness: Mapping[int, float], rng: np.random.Generator) -> Array:
        """Depth as measured, see :class:`Noise`."""
        camera = self._camera
        depth = np.where(image.depth < 1.5 * camera.max_range_m, image.depth, 0.0).astype(np.float32)
        far = np.where(depth > 0, depth, np.float32(1.5 * camera.max_range_m))
        distance = depth * self._range_per_depth
        near3, far3 = cv2.erode(far, np.ones((3, 3), np.uint8)), cv2.dilate(far, np.ones((3, 3), np.uint8))
        gap = far3 - near3
        # A step has its pixels at either end of the gap; a surface seen at a grazing angle has them in the middle.
        edge = (gap > np.maximum(0.10, 0.06 * far)) & (np.abs(far3 + near3 - 2 * far) > 0.5 * gap)
        bent = np.clip((far - cv2.GaussianBlur(far, (0, 0), self._corner_px)) / 0.06, 0.0, 1.0)
        close_edge = cv2.dilate(edge.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        bias = np.where(close_edge, 0.0, bent * camera.multipath_m)
        sigma = camera.noise_near_m + camera.noise_per_m2 * distance**2
        albedo = 0.75 - (0.75 - camera.hair_albedo) * hair_share(image.label, darkness)
        signal = albedo * self._falloff / np.maximum(distance, 0.3) ** 2
        sigma = sigma * np.clip(np.sqrt(0.03 / np.maximum(signal, 1e-5)), 1.0, 4.0)
        measured = depth + bias + sigma * rng.standard_normal(depth.shape, dtype=np.float32)
        fate = rng.random(depth.shape, dtype=np.float32)
        mix = rng.random(depth.shape, dtype=np.float32)
        between = near3 + mix * (np.minimum(far3, camera.max_range_m) - near3)
        measured = np.where(edge & (fate < camera.flying), between, measured)
        weak = signal * np.exp(0.35 * rng.standard_normal(depth.shape, dtype=np.float32)) < camera.weak
        hole = weak | (distance > camera.max_range_m) | (depth <= 0) | (edge & (fate > 2 - 2 * camera.flying))
        return np.where(hole, 0.0, np.maximum(measured, 0.0)).astype(np.float64)


def hair_share(label: NDArray[np.int32], darkness: Mapping[int, float]) -> Field:
    """0 to 1 for each pixel: how dark the hair on it is; 0 where there is none."""
    table = np.zeros((max(darkness, default=0) + 2) * PARTS, dtype=np.float32)
    for person, dark in darkness.items():
        table[person * PARTS + Part.HAIR] = dark
    return table[np.clip(label, 0, len(table) - 1)]


def smooth_field(rng: np.random.Generator, shape: tuple[int, int], sigma_px: float) -> Field:
    """White noise blurred with ``sigma_px`` and brought back to a standard deviation of 1."""
    white = rng.standard_normal(shape, dtype=np.float32)
    radius = int(np.ceil(3 * sigma_px))
    kernel = cv2.getGaussianKernel(2 * radius + 1, sigma_px, cv2.CV_32F)
    smooth = cv2.sepFilter2D(white, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(smooth / np.float32((kernel**2).sum()), dtype=np.float32)


def _uniform(normal: Field) -> Field:
    """Standard normal values as their quantiles, 0 to 1 (logistic approximation, within 0.01)."""
    return np.asarray(1.0 / (1.0 + np.exp(-1.702 * normal)), dtype=np.float32)


@numba.njit(cache=True, nogil=True)
def _other_eye(disparity: Field, hidden: NDArray[np.bool_]) -> None:
    """Mark what the right imager cannot see: something to the right lies before it there."""
    height, width = disparity.shape
    for v in range(height):
        front = np.float32(1e9)
        for u in range(width - 1, -1, -1):
            d = disparity[v, u]
            at = u - d
            if d > 0.0 and at >= front + np.float32(0.5):
                hidden[v, u] = True
            front = min(front, at) if d > 0.0 else front
