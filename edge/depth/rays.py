"""Compiled inner loops of the occupancy grid: rays through cells, and pixels into cells."""

from __future__ import annotations

import numpy as np

from edge.depth.kernels import F32, F64, I32, U8, U16, kernel

WALKED = 4
"""Pixels of each cell and turn from which we walk back."""
STEPS = 12
"""Half cells walked back at the most."""
NOWHERE, OUTSIDE = -1, -2
"""No return in reach; a return outside the grid."""


@kernel
def march(
    camera: F64, direction: F64, reach: F64, cell_m: float, low: I32, size: I32, cells: I32, enters: F32, starts: I32
) -> int:
    """List the cells along rays (Amanatides & Woo, 1987): flat indices, and the depth in units where each is entered.

    ``direction`` (n, 3) is metres per depth unit, ``reach`` (n) the last depth.  Ray r owns
    ``cells[starts[r]:starts[r + 1]]``; -1 stands for a cell outside the grid, and the last entry for all that is out of
    reach.  With empty ``cells`` it only counts.
    """
    written = 0
    counting = cells.size == 0
    index = np.zeros(3, np.int64)
    step = np.zeros(3, np.int64)
    next_t = np.zeros(3)
    delta_t = np.zeros(3)
    for ray in range(direction.shape[0]):
        starts[ray] = written
        t = 0.0
        for axis in range(3):
            index[axis] = int(np.floor(camera[axis] / cell_m))
            v = direction[ray, axis]
            step[axis] = 1 if v > 0 else -1
            if abs(v) < 1e-12:
                next_t[axis], delta_t[axis] = np.inf, np.inf
            else:
                edge = (index[axis] + (1 if v > 0 else 0)) * cell_m
                next_t[axis] = (edge - camera[axis]) / v
                delta_t[axis] = cell_m / abs(v)
        while t <= reach[ray]:
            if not counting:
                x, y, z = index[0] - low[0], index[1] - low[1], index[2] - low[2]
                within = 0 <= x < size[0] and 0 <= y < size[1] and 0 <= z < size[2]
                cells[written] = (x * size[1] + y) * size[2] + z if within else -1
                enters[written] = t
            written += 1
            axis = 0
            if next_t[1] < next_t[axis]:
                axis = 1
            if next_t[2] < next_t[axis]:
                axis = 2
            t = next_t[axis]
            next_t[axis] += delta_t[axis]
            index[axis] += step[axis]
        if not counting:
            cells[written] = -1
            enters[written] = t
        written += 1
    starts[direction.shape[0]] = written
    return written


@kernel
def follow(
    depth: U16,
    turn: int,
    turns: int,
    slack: float,
    pixel_row: I32,
    pixel_column: I32,
    cells: I32,
    enters: F32,
    starts: I32,
    end: I32,
    stays: F32,
    passes: I32,
) -> None:
    """Move the ends of the ``turn``-th part of all rays to where their pixels see them now; keep the counts of passes.

    ``end`` is the position in ``cells`` of the cell in which the ray ends, -1 when it had no return.  It is left alone
    while the depth stays within ``stays`` (rays, 2): its cell, and on either side ``slack`` times the square of the
    depth, which is what noise does.
    """
    rays = pixel_row.size
    for ray in range(rays * turn // turns, rays * (turn + 1) // turns):
        d = np.float32(depth[pixel_row[ray], pixel_column[ray]])
        if stays[ray, 0] <= d < stays[ray, 1]:
            continue
        first, last = starts[ray], starts[ray + 1]
        before = end[ray]
        if d == 0:
            now = -1
            stays[ray, 0], stays[ray, 1] = 0, 1
        else:
            now = max(before, first)
            while now > first and d < enters[now]:
                now -= 1
            while now + 1 < last and d >= enters[now + 1]:
                now += 1
            margin = np.float32(slack) * d * d
            stays[ray, 0] = max(enters[now] - margin, np.float32(1))
            stays[ray, 1] = enters[now + 1] + margin if now + 1 < last else np.float32(np.inf)
        if now == before:
            continue
        passed_before = before if before >= 0 else first
        passed_now = now if now >= 0 else first
        for k in range(passed_before, passed_now):
            if cells[k] >= 0:
                passes[cells[k]] += 1
        for k in range(passed_now, passed_before):
            if cells[k] >= 0:
                passes[cells[k]] -= 1
        end[ray] = now


@kernel
def place(depth: U16, row: int, direction: F32, origin: F32, far: float, inverse: float, size: I32, index: I32) -> None:
    """Flat cell of every pixel of a row, into ``index`` (width); :data:`NOWHERE`, or :data:`OUTSIDE` the grid.

    ``direction`` (3, height, width) is metres per depth unit, ``origin`` the camera's place in cells.
    """
    line, along_x, along_y, along_z = depth[row], direction[0, row], direction[1, row], direction[2, row]
    x0, y0, z0 = origin[0], origin[1], origin[2]
    nx, ny, nz = np.float32(size[0]), np.float32(size[1]), np.float32(size[2])
    stride_x, stride_y = np.int32(size[1] * size[2]), np.int32(size[2])
    reach, scale = np.float32(far), np.float32(inverse)
    for column in range(line.size):
        d = np.float32(line[column])
        in_reach = (d > 0) & (d <= reach)
        d *= scale
        x, y, z = x0 + d * along_x[column], y0 + d * along_y[column], z0 + d * along_z[column]
        inside = (x >= 0) & (y >= 0) & (z >= 0) & (x < nx) & (y < ny) & (z < nz)
        cell = np.int32(x) * stride_x + np.int32(y) * stride_y + np.int32(z)
        index[column] = (cell if inside else OUTSIDE) if in_reach else NOWHERE


@kernel
def flat(x: float, y: float, z: float, size: I32) -> int:
    """Flat index of a cell from its place in cells, :data:`OUTSIDE` the grid."""
    if x < 0 or y < 0 or z < 0 or x >= size[0] or y >= size[1] or z >= size[2]:
        return OUTSIDE
    return int((int(x) * size[1] + int(y)) * size[2] + int(z))


@kernel
def strike(
    depth: U16,
    turn: int,
    turns: int,
    direction: F32,
    origin: F32,
    far: float,
    inverse: float,
    size: I32,
    passes: I32,
    hit: U16,
    passed: U16,
    struck: U8,
    index: I32,
) -> None:
    """Place the pixels of every ``turns``-th row: sets bit ``turn``, clear on entry, of ``hit`` where they end.

    From the first :data:`WALKED` runs of pixels of each cell we walk back, half a cell at a time, to where listed rays
    pass, and set bit ``turn`` of ``passed`` on the way; so too from what ends outside the grid.  ``struck``,
    zero on entry, and ``index`` (width) are scratch space.
    """
    bit = np.uint16(1 << turn)
    for row in range(turn, depth.shape[0], turns):
        place(depth, row, direction, origin, far, inverse, size, index)
        last = NOWHERE
        for column in range(depth.shape[1]):
            end = index[column]
            if end == last:
                continue
            last = end
            if end == NOWHERE:
                continue
            if end >= 0:
                hit[end] |= bit
                if struck[end] >= WALKED:
                    continue
                struck[end] += 1
            d = np.float32(depth[row, column]) * np.float32(inverse)
            dx, dy, dz = direction[0, row, column], direction[1, row, column], direction[2, row, column]
            back = np.float32(0.5) / np.sqrt(dx * dx + dy * dy + dz * dz)
            for _ in range(STEPS):
                d -= back
                cell = flat(origin[0] + d * dx, origin[1] + d * dy, origin[2] + d * dz, size)
                if cell < 0 or cell == end:
                    continue
                passed[cell] |= bit
                if passes[cell] > 0:
                    break


@kernel
def weigh(log_odds: F32, hit: U16, passed: U16, passes: I32, scale: float, model: F32) -> None:
    """One frame's evidence for every cell; ``model`` is hit, miss, lowest, highest."""
    plus, minus = np.float32(scale) * model[0], np.float32(scale) * model[1]
    lowest, highest = model[2], model[3]
    for cell in range(log_odds.size):
        missed = (passes[cell] > 0) | (passed[cell] != 0)
        step = plus if hit[cell] != 0 else (minus if missed else np.float32(0))
        log_odds[cell] = min(max(log_odds[cell] + step, lowest), highest)
