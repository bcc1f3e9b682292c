"""What a scenario hands to the simulation, and the mounts that a camera can have."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from edge.geometry import Intrinsics, Pose
from edge.settings import StoreSettings
from edge.simulator.choreography import Block, Role
from edge.simulator.goods import Item
from edge.simulator.props import Sign
from edge.simulator.shop import Fixture
from edge.simulator.solids import Solids, join

DAY_NS = 1_780_812_000_000_000_000
"""2026-06-07 15:00 in Tokyo."""
NIGHT_NS = 1_780_767_000_000_000_000
"""2026-06-07 02:30 in Tokyo."""


@dataclass(frozen=True, slots=True)
class Mount:
    """How a camera hangs.

    Without ``x_m`` and ``y_m`` it is placed so that it looks at the middle of the scenario's stage, at breast height.
    """

    height_m: float
    tilt_deg: float
    """Below the horizon: 90 looks straight down."""
    yaw_deg: float = 0.0
    """0 looks along +y, counter-clockwise."""
    hfov_deg: float = 82.0
    x_m: float | None = None
    y_m: float | None = None

    def pose(self, centre: tuple[float, float]) -> Pose:
        """Where the camera is, for a stage with its middle at ``centre``."""
        back = 0.0
        if self.tilt_deg < 89.9:
            back = max(self.height_m - 1.2, 0.3) / float(np.tan(np.radians(self.tilt_deg)))
        yaw = np.radians(self.yaw_deg)
        x = centre[0] + back * float(np.sin(yaw)) if self.x_m is None else self.x_m
        y = centre[1] - back * float(np.cos(yaw)) if self.y_m is None else self.y_m
        return Pose.looking(x, y, self.height_m, self.yaw_deg, self.tilt_deg)

    def intrinsics(self, width: int, height: int) -> Intrinsics:
        """A lens with square pixels and its axis through the middle of the picture."""
        focal = width / 2 / float(np.tan(np.radians(self.hfov_deg / 2)))
        return Intrinsics(width, height, focal, focal, (width - 1) / 2, (height - 1) / 2)


MOUNTS: dict[str, Mount] = {
    "ceiling": Mount(3.0, 90.0),
    "low_ceiling": Mount(2.5, 90.0),
    "tilted": Mount(2.7, 40.0),
    "oblique": Mount(2.4, 27.0),
    "doorway": Mount(2.05, 90.0, hfov_deg=77.0),
    "shelf_tilted": Mount(2.5, 35.0, 20.0),
    "shelf_above": Mount(2.9, 90.0, 0.0, x_m=0.0, y_m=-0.8),
}
"""Named mounts."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A scenario, sampled: everything but the camera's noise.

    Attributes
    ----------
    fixtures
        What stands still.
    roles
        Who plays which part.
    mount
        The mount sampled for it.
    store
        What the installer drew.
    centre
        Where the middle of the action is.
    start_ns
        UTC time of the first frame.
    empty
        Whether a picture of the empty shop was taken at installation.
    """

    fixtures: tuple[Fixture, ...]
    roles: tuple[Role, ...]
    mount: Mount
    store: StoreSettings
    centre: tuple[float, float] = (0.0, 0.0)
    start_ns: int = DAY_NS
    empty: bool = True
    left_behind: tuple[Solids, ...] = ()
    """Things that stand there but were not there at installation."""
    signs: tuple[Sign, ...] = field(default=())
    goods: tuple[Item, ...] = ()
    """Items that hands can move, where they stand at installation; with any, the truth of goods is told."""

    def scenery(self) -> Solids:
        """All that stands still, as it was at installation."""
        return join([fixture.solids for fixture in self.fixtures])

    def blocks(self) -> tuple[Block, ...]:
        """Floor where nobody can stand."""
        return tuple(block for fixture in self.fixtures for block in fixture.blocks)
