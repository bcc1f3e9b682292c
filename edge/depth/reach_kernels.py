"""Compiled inner loops that follow an arm from the hand to the head."""

from __future__ import annotations

import numpy as np

from edge.depth.kernels import F32, F64, I32, U8, U16, kernel
from edge.depth.region_kernels import NEIGHBOURS
from edge.depth.shelf_kernels import BUSY, NOW, REF


@kernel
def intruders(
    shows: U8, owner: U8, planes: F32, tiles: I32, tile: int, across: int, joined: float, label: I32, members: I32,
    ends: I32,
) -> int:  # fmt: skip
    """What moves inside the volumes and is nearer than their surface: connected groups of pixels.

    ``tiles`` names the tiles to begin in; ``label`` (rows, columns) must be zero, and is again on return.  ``members``
    receives the pixels of each group in turn (index in rows * columns), ``ends`` where each ends.  Returns how many.
    """
    rows, columns = shows.shape
    used = 0
    found = 0
    for k in range(tiles.size):
        y0, x0 = (tiles[k] // across) * tile, (tiles[k] % across) * tile
        for sy in range(y0, min(y0 + tile, rows)):
            for sx in range(x0, min(x0 + tile, columns)):
                if shows[sy, sx] != BUSY or label[sy, sx] != 0 or planes[sy, sx, NOW] >= planes[sy, sx, REF]:
                    continue
                if found >= ends.size:
                    break
                label[sy, sx] = 1
                members[used] = sy * columns + sx
                at = used
                used += 1
                while at < used:
                    y, x = members[at] // columns, members[at] % columns
                    at += 1
                    for dy, dx in NEIGHBOURS:
                        yy, xx = y + dy, x + dx
                        if yy < 0 or xx < 0 or yy >= rows or xx >= columns or label[yy, xx] != 0:
                            continue
                        if owner[yy, xx] != owner[y, x] or shows[yy, xx] != BUSY:
                            continue
                        now = planes[yy, xx, NOW]
                        if now < planes[yy, xx, REF] and abs(now - planes[y, x, NOW]) < joined:
                            label[yy, xx] = 1
                            members[used] = yy * columns + xx
                            used += 1
                ends[found] = used
                found += 1
    for k in range(used):
        label[members[k] // columns, members[k] % columns] = 0
    return found


@kernel
def ways(
    depth: U16,
    stride: int,
    index: I32,
    found: int,
    columns: int,
    seeds: I32,
    direction: F32,
    camera: F32,
    origin: F32,
    cell_m: float,
    label: I32,
    head_of: I32,
    head_z: F32,
    below_m: float,
    joined: float,
    gap: float,
    gap_weight: float,
    longest_m: float,
    stamp: I32,
    look: int,
    length_m: F32,
    queue: I32,
    out: F64,
) -> None:
    """Shortest ways over the foreground from a hand to each head, metres, into ``out``; infinite where there is none.

    ``seeds`` are lattice indices of the hand.  A way steps between neighbouring lattice pixels whose depths differ by
    less than ``joined`` (depth units); a step of up to ``gap`` over what hides part of an arm counts ``gap_weight``
    times.  ``label`` (ny, nx) names the hill of each column, ``head_of`` the head of each hill (-1 for none); a head
    is reached at points within ``below_m`` of its top ``head_z``.  ``stamp`` and ``length_m`` (rows * columns) are
    scratch: a pixel is foreground in this look where its stamp is ``look``.  (Label-correcting shortest paths, Bellman
    and Ford.)
    """
    ny, nx = label.shape
    inverse = np.float32(1.0 / cell_m)
    size = queue.size
    for k in range(found):
        stamp[index[k]] = look
        length_m[index[k]] = np.inf
    first = last = 0
    for k in range(seeds.size):
        stamp[seeds[k]] = look
        length_m[seeds[k]] = 0
        queue[last] = seeds[k]
        last = (last + 1) % size
    out[:] = np.inf
    total = stamp.size
    while first != last:
        i = queue[first]
        first = (first + 1) % size
        row, column = i // columns, i % columns
        d = np.float32(depth[row * stride, column * stride])
        if d == 0:
            continue
        x = camera[0] + d * direction[i, 0]
        y = camera[1] + d * direction[i, 1]
        z = camera[2] + d * direction[i, 2]
        gx, gy = int((x - origin[0]) * inverse), int((y - origin[1]) * inverse)
        if 0 <= gx < nx and 0 <= gy < ny and label[gy, gx] > 0:
            head = head_of[label[gy, gx]]
            if head >= 0 and z > head_z[head] - below_m and length_m[i] < out[head]:
                out[head] = length_m[i]
        for dy, dx in NEIGHBOURS:
            cc = column + dx
            j = i + dy * columns + dx
            if cc < 0 or cc >= columns or j < 0 or j >= total or stamp[j] != look:
                continue
            e = np.float32(depth[(row + dy) * stride, cc * stride])
            step = abs(e - d)
            if e == 0 or step > gap:
                continue
            px = camera[0] + e * direction[j, 0] - x
            py = camera[1] + e * direction[j, 1] - y
            pz = camera[2] + e * direction[j, 2] - z
            length = np.sqrt(px * px + py * py + pz * pz)
            if step > joined:
                length *= np.float32(gap_weight)
            length += length_m[i]
            if length < length_m[j] - np.float32(0.005) and length < longest_m:
                length_m[j] = length
                queue[last] = j
                last = (last + 1) % size
