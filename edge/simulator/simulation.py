"""One scenario, one seed, one session on disk.

::

    scenario -> stage -> performance (paths) -> per frame: postures -> solids -> picture -> noise -> frame
                                                                     -> truth of heads, goods, events
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.clock import nanoseconds
from edge.geometry import Intrinsics
from edge.messages import CameraModel, DepthFrame
from edge.recording.writer import SessionWriter
from edge.simulator.goods import Item
from edge.simulator.goods_events import goods_events
from edge.simulator.goods_truth import HANDS_HEADER, ITEMS_HEADER, ITEMS_SEEN_HEADER, GoodsWatch, ItemTruth, item_truth
from edge.simulator.inventory import Inventory
from edge.simulator.noise import Noise, Perfect, Stereo, StereoCamera, Tof, TofCamera
from edge.simulator.performance import Performance
from edge.simulator.render import Image, Renderer, blank
from edge.simulator.scenarios import SCENARIOS
from edge.simulator.solids import Array, Part, join
from edge.simulator.stage import MOUNTS, Mount, Stage
from edge.simulator.store_text import store_text
from edge.simulator.truth import (
    EVENTS_HEADER,
    HEADS_HEADER,
    EventTruth,
    HeadTruth,
    comings_and_goings,
    crossings,
    head_truth,
    visible_share,
)

LICENCE = "Apache-2.0"

NoiseModel = str | StereoCamera | TofCamera


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was written.

    Attributes
    ----------
    heads, events, items
        The truth, as in ``truth/``.
    """

    path: Path
    frames: int
    heads: tuple[HeadTruth, ...]
    events: tuple[EventTruth, ...]
    items: tuple[ItemTruth, ...] = ()


def simulate(
    scenario: str,
    seed: int,
    out: Path,
    *,
    size: tuple[int, int] | None = None,
    fps: float = 15.0,
    noise: NoiseModel | None = None,
    mount: Mount | str | Sequence[Mount] | None = None,
    duration_s: float | None = None,
    depth_unit_m: float = 0.001,
    empty: bool | None = None,
    start_ns: int | None = None,
    compression: int = 3,
    name: str | None = None,
    description: str | None = None,
) -> Simulated:
    """Play a scenario and write it as a ``session-folder/1`` with its truth.

    The same arguments always give the same bytes.  Bodies, paths and goods depend on ``scenario``, ``seed`` and
    ``duration_s`` alone: they are the same under every camera, noise and frame rate.  How much of a head is visible
    depends on the camera, and on what it has no return from.

    Parameters
    ----------
    scenario
        A key of :data:`edge.simulator.scenarios.SCENARIOS`.
    seed
        0 or more.
    out
        A folder that does not exist yet or is empty.
    size
        Width and height of the pictures, pixels: 16x12 to 1920x1080; None leaves it to the scenario (320x240, for
        the doorway 80x60).
    fps
        Frames per second, 1 to 60.
    noise
        ``"stereo"``, ``"tof"`` or ``"none"``, or the parameters of a camera; None leaves it to the scenario (stereo,
        for the doorway tof).
    mount
        A :class:`~edge.simulator.stage.Mount`, a key of :data:`~edge.simulator.stage.MOUNTS`, several mounts for
        several cameras, or None for the one that the scenario samples from the seed.
    duration_s
        Length, seconds; None for the scenario's own.
    depth_unit_m
        Unit of the pixels, metres.
    empty
        Whether to write ``empty.png``; None leaves it to the scenario.
    start_ns
        UTC time of the first frame; None leaves it to the scenario.
    compression
        Of the images, 0 (fast) to 9 (small).
    name, description
        Of the session; None names it after scenario and seed.

    Raises
    ------
    ValueError
        If an argument is out of bounds or a name is unknown.
    SessionError
        If the folder cannot be written.
    """
    length_s = _checked(scenario, seed, size, fps, duration_s)
    if isinstance(mount, str) and mount not in MOUNTS:
        raise ValueError(f"mount {mount!r} is not one of {', '.join(MOUNTS)}")
    kind = SCENARIOS[scenario]
    size, noise = size or kind.size, noise or kind.noise
    cast_rng, path_rng, sensor_rng = np.random.default_rng([seed, zlib.crc32(scenario.encode())]).spawn(3)
    stage = kind.build(cast_rng, length_s)
    first_ns = stage.start_ns if start_ns is None else start_ns
    performance = Performance(stage.roles, stage.blocks(), length_s, path_rng)
    eyes = [
        _SimulatedCamera(f"cam{k}", stage, each, size, depth_unit_m, noise, rng)
        for k, (each, rng) in enumerate(_mounts(mount, stage, sensor_rng))
    ]
    inventory = Inventory(stage.goods, performance.scripts.values(), length_s)
    watch = GoodsWatch(inventory, [(eye.renderer, eye.bare) for eye in eyes])
    heads: list[HeadTruth] = []
    count = int(np.floor(length_s * fps + 1e-9))
    times = [nanoseconds(k / fps) for k in range(count)]
    with SessionWriter(
        out,
        name=name or f"{scenario}-{seed}",
        description=description or f"Simulated. {kind.description}",
        licence=LICENCE,
        fps=fps,
        cameras=[eye.model for eye in eyes],
        compression=compression,
    ) as writer:
        writer.write_store(store_text(stage.store))
        for eye in eyes:
            if stage.empty if empty is None else empty:
                writer.write_empty(eye.model.id, eye.empty())
        for dt_ns in times:
            heads += _frame(writer, eyes, stage, performance, inventory, watch, first_ns, dt_ns)
        last_ns = first_ns + times[-1]
        events = crossings(performance, stage.store.line, first_ns, last_ns)
        events += comings_and_goings(heads, first_ns, last_ns)
        events += goods_events(inventory, performance, stage.store.zone, first_ns, length_s)
        events.sort(key=lambda e: (e.t_start_ns, e.kind, e.person or 0))
        writer.write_truth("heads.csv", HEADS_HEADER, [head.row() for head in heads])
        writer.write_truth("events.csv", EVENTS_HEADER, [event.row() for event in events])
        items = item_truth(inventory, first_ns)
        if stage.goods:
            writer.write_truth("items.csv", ITEMS_HEADER, [item.row() for item in items])
            writer.write_truth("items_seen.csv", ITEMS_SEEN_HEADER, watch.seen_rows(first_ns))
            writer.write_truth("hands.csv", HANDS_HEADER, watch.gone_rows(first_ns))
    return Simulated(out, count, tuple(heads), tuple(events), tuple(items))


def _frame(
    writer: SessionWriter,
    eyes: Sequence[_SimulatedCamera],
    stage: Stage,
    performance: Performance,
    inventory: Inventory,
    watch: GoodsWatch,
    first_ns: int,
    dt_ns: int,
) -> list[HeadTruth]:
    """Write one frame of every camera; the truth of the heads, as the camera that sees each best."""
    t_s = dt_ns / 1e9
    cast = [(presence, presence.solids()) for presence in performance.at(t_s)]
    props = [*performance.carts_at(t_s), *(sign.solids(t_s) for sign in stage.signs)]
    held = [(person, item.solids(Part.PROP)) for person, item in inventory.held(t_s, [who for who, _ in cast])]
    version = inventory.version(t_s)
    images = []
    darkness = {presence.person: presence.body.darkness for presence, _ in cast}
    visible = dict.fromkeys(darkness, 0.0)
    for eye in eyes:
        image = eye.scenery(version, inventory.standing(version))
        for thing in props:
            eye.renderer.draw(image, thing)
        for presence, solids in cast:
            eye.renderer.draw(image, solids, presence.person)
        for person, solids in held:
            eye.renderer.draw(image, solids, person)
        images.append(image)
        frame = DepthFrame(eye.model.id, first_ns + dt_ns, eye.expose(image, darkness))
        for presence, solids in cast:
            share = visible_share(eye.renderer, image, frame.depth > 0, presence, solids)
            visible[presence.person] = max(visible[presence.person], share)
        writer.write_frame(frame)
    watch.look(dt_ns, images)
    return [head_truth(first_ns + dt_ns, p, solids, visible[p.person]) for p, solids in cast]


class _SimulatedCamera:
    """One camera: its renderer, its noise, and what stands still before it."""

    def __init__(
        self,
        name: str,
        stage: Stage,
        mount: Mount,
        size: tuple[int, int],
        depth_unit_m: float,
        noise: NoiseModel,
        rng: np.random.Generator,
    ) -> None:
        # ``bare`` is the scenery without any goods that can be moved.
        lens, pose = mount.intrinsics(*size), mount.pose(stage.centre)
        self._rng = rng
        self._noise, kind = _noise(noise, rng, lens)
        self.model = CameraModel(name, lens, depth_unit_m, pose, f"simulated {kind}")
        self.renderer = Renderer(lens, pose)
        self._installed = blank(*size)
        self.renderer.draw(self._installed, stage.scenery())
        self.bare = self._installed.copy()
        for thing in stage.left_behind:
            self.renderer.draw(self.bare, thing)
        self._draw_goods(self._installed, stage.goods)
        self._standing, self._version = self.bare, -1

    def scenery(self, version: int, goods: Sequence[Item]) -> Image:
        """What stands still, ready to be drawn over; drawn anew only when other goods stand there."""
        if version != self._version:
            self._standing, self._version = self.bare.copy(), version
            self._draw_goods(self._standing, goods)
        return self._standing.copy()

    def _draw_goods(self, image: Image, goods: Sequence[Item]) -> None:
        self.renderer.draw(image, join([item.solids() for item in goods]))

    def empty(self) -> NDArray[np.uint16]:
        """The view at installation: the median of several exposures, as an installer takes it."""
        shots = np.stack([self._noise.sense(self._installed, {}, self._rng) for _ in range(9)])
        valid = (shots > 0).sum(axis=0) >= 5
        return self._quantised(np.where(valid, _median(shots), 0.0))

    def expose(self, image: Image, darkness: dict[int, float]) -> NDArray[np.uint16]:
        """One frame, in the camera's depth unit."""
        return self._quantised(self._noise.sense(image, darkness, self._rng))

    def _quantised(self, depth_m: Array) -> NDArray[np.uint16]:
        units = np.rint(depth_m / self.model.depth_unit_m)
        return np.where(units <= np.iinfo(np.uint16).max, units, 0.0).astype(np.uint16)


def _median(shots: Array) -> Array:
    """Median of the returns of each pixel; 0 where there is none."""
    ranked = np.sort(np.where(shots > 0, shots, np.inf), axis=0)
    count = (shots > 0).sum(axis=0)
    middle = np.take_along_axis(ranked, np.maximum(count - 1, 0)[None] // 2, axis=0)[0]
    return np.where(count > 0, middle, 0.0)


def _noise(noise: NoiseModel, rng: np.random.Generator, lens: Intrinsics) -> tuple[Noise, str]:
    if isinstance(noise, StereoCamera) or noise == "stereo":
        return Stereo(noise if isinstance(noise, StereoCamera) else StereoCamera(), lens, rng), "stereo camera"
    if isinstance(noise, TofCamera) or noise == "tof":
        return Tof(noise if isinstance(noise, TofCamera) else TofCamera(), lens), "time-of-flight camera"
    if noise == "none":
        return Perfect(), "perfect camera"
    raise ValueError(f'noise {noise!r} is not "stereo", "tof", "none" or the parameters of a camera')


def _mounts(
    mount: Mount | str | Sequence[Mount] | None, stage: Stage, rng: np.random.Generator
) -> list[tuple[Mount, np.random.Generator]]:
    if isinstance(mount, str):
        chosen: list[Mount] = [MOUNTS[mount]]
    elif mount is None:
        chosen = [stage.mount]
    else:
        chosen = [mount] if isinstance(mount, Mount) else list(mount)
    return list(zip(chosen, rng.spawn(len(chosen)), strict=True))


def _checked(scenario: str, seed: int, size: tuple[int, int] | None, fps: float, duration_s: float | None) -> float:
    """The session's length, seconds, once everything is within bounds."""
    if scenario not in SCENARIOS:
        raise ValueError(f"scenario {scenario!r} is not one of {', '.join(SCENARIOS)}")
    if seed < 0:
        raise ValueError(f"seed {seed} must not be negative")
    if size is not None and not (16 <= size[0] <= 1920 and 12 <= size[1] <= 1080):
        raise ValueError(f"size {size[0]}x{size[1]} is not within 16x12 .. 1920x1080")
    if not 1.0 <= fps <= 60.0:
        raise ValueError(f"fps {fps} is not within 1 .. 60")
    length = SCENARIOS[scenario].duration_s if duration_s is None else duration_s
    if not 1.0 <= length <= 3600.0:
        raise ValueError(f"duration_s {length} is not within 1 .. 3600")
    return length
