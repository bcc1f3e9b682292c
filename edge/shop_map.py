"""The grids of all cameras put together and seen from above.  Pure arithmetic.

1. Log-odds of the same cell add up: cameras are independent witnesses (Moravec and Elfes, *High resolution maps from
   wide angle sonar*, ICRA 1985).
2. Of each column the highest occupied cell counts; one without any is free where something was seen through.
3. The known part is cut out, and made coarser until it fits one message.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.geometry import CELL_M
from edge.messages import GridSnapshot, ShopMap

UNKNOWN, FREE, OCCUPIED = 0, 1, 2
MOVING = 0x80
TOP_LAYER = 60
MAX_COLUMNS = 34_000
"""So that a map stays below 48 kB on the wire."""


def shop_map(grids: Sequence[GridSnapshot]) -> ShopMap | None:
    """All grids as one map, or ``None`` where nothing is known yet."""
    if not grids:
        return None
    low = np.min([grid.origin for grid in grids], axis=0)
    high = np.max([np.add(grid.origin, grid.log_odds.shape) for grid in grids], axis=0)
    evidence = np.zeros(high - low, np.float32)
    seen = np.zeros(evidence.shape[:2], bool)
    moving = np.zeros_like(seen)
    for grid in grids:
        x, y, z = np.subtract(grid.origin, low)
        nx, ny, nz = grid.log_odds.shape
        evidence[x : x + nx, y : y + ny, z : z + nz] += grid.log_odds
        seen[x : x + nx, y : y + ny] |= (grid.log_odds != 0.0).any(axis=2)
        moving[x : x + nx, y : y + ny] |= grid.foreground_top_m > 0.0
    columns = _seen_from_above(evidence, seen, int(low[2])) | np.where(moving, MOVING, 0).astype(np.uint8)
    known = np.argwhere(columns)
    if not known.size:
        return None
    (x0, y0), (x1, y1) = known.min(axis=0), known.max(axis=0) + 1
    return _small_enough(columns[x0:x1, y0:y1], int(low[0] + x0), int(low[1] + y0))


def still(grid: GridSnapshot) -> GridSnapshot:
    """A grid without what was moving: all that may be believed of a camera that has fallen silent."""
    return GridSnapshot(grid.origin, grid.log_odds, np.zeros_like(grid.foreground_top_m))


def _seen_from_above(evidence: NDArray[np.float32], seen: NDArray[np.bool_], lowest_layer: int) -> NDArray[np.uint8]:
    """Bytes (nx, ny) of columns (nx, ny, nz) of log-odds, whose first layer is ``lowest_layer``."""
    occupied = evidence > 0.0
    layers = np.arange(evidence.shape[2]) + lowest_layer
    top = np.where(occupied, layers, -1).max(axis=2)
    below_floor = np.where(seen, FREE, UNKNOWN)
    return np.where(top >= 0, OCCUPIED + np.minimum(top, TOP_LAYER), below_floor).astype(np.uint8)


def _small_enough(columns: NDArray[np.uint8], ix: int, iy: int) -> ShopMap:
    """The map, its cells doubled until it fits; the highest of four cells stands for them."""
    cell_m = CELL_M
    while columns.size > MAX_COLUMNS:
        before, after = (ix % 2, iy % 2), ((columns.shape[0] + ix) % 2, (columns.shape[1] + iy) % 2)
        padded = np.pad(columns, ((before[0], after[0]), (before[1], after[1])))
        quads = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2)
        tops = (quads & ~np.uint8(MOVING)).max(axis=(1, 3))
        columns = tops | (quads & np.uint8(MOVING)).max(axis=(1, 3))
        ix, iy, cell_m = ix // 2, iy // 2, cell_m * 2
    return ShopMap(cell_m, ix, iy, np.ascontiguousarray(columns.T))
