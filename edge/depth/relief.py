"""The height map of what moves, cut into hills: one hill for every top that stands out by itself.

A hill is a watershed region of the smoothed height map.  Two tops belong to one hill when the saddle between them lies
less than a given prominence below the lower top; this is 0-dimensional persistence (Edelsbrunner & Harer,
*Computational Topology*, 2010), found in one descending sweep with union-find.
"""

from __future__ import annotations

import numpy as np

from edge.depth.kernels import F32, I32, kernel

BANDS = 16
"""Cells of a hill are counted in bands of :data:`BAND_M` below its top; the last band holds the rest."""
BAND_M = 0.05
SECTORS = 16

# Columns of the hill table.
TOP, SUMMIT, CELLS, X, Y, CROWN_CELLS, CAP_X, CAP_Y, CAP_CELLS = range(9)
SXX, SYY, SXY, POINTS, SADDLE, NEIGHBOUR, CEILING, BAND0 = range(9, 17)
COLUMNS = BAND0 + BANDS


@kernel
def smooth(top_m: F32, touched: I32, cells: int, out: F32, kept_cells: I32) -> int:
    """Heights without spikes, into ``out`` (ny, nx); cells with fewer than two neighbours are dropped.

    A cell may not rise more than 3 cm above the second highest of its 3x3 neighbourhood; it is then averaged with the
    neighbours within 8 cm of it.  Returns how many cells remain, listed in ``kept_cells``.
    """
    ny, nx = top_m.shape
    kept = 0
    for k in range(cells):
        cell = touched[k]
        y, x = cell // nx, cell % nx
        own = top_m[y, x]
        highest = np.float32(0)
        around = 0
        for yy in range(max(y - 1, 0), min(y + 2, ny)):
            for xx in range(max(x - 1, 0), min(x + 2, nx)):
                h = top_m[yy, xx]
                if h > 0 and not (yy == y and xx == x):
                    around += 1
                    if h > highest:
                        highest = h
        if around < 2:
            continue
        own = min(own, highest + np.float32(0.03))
        total, n = own, 1
        for yy in range(max(y - 1, 0), min(y + 2, ny)):
            for xx in range(max(x - 1, 0), min(x + 2, nx)):
                h = top_m[yy, xx]
                if h > 0 and not (yy == y and xx == x) and abs(h - own) < np.float32(0.08):
                    total += h
                    n += 1
        out[y, x] = total / n
        kept_cells[kept] = cell
        kept += 1
    return kept


@kernel
def descending(height: F32, touched: I32, cells: int, step_m: float, counts: I32, order: I32) -> None:
    """Cells ordered from high to low in steps of ``step_m`` (counting sort), into ``order``."""
    nx = height.shape[1]
    bins = counts.size
    counts[:] = 0
    for k in range(cells):
        cell = touched[k]
        counts[min(int(height[cell // nx, cell % nx] / step_m), bins - 1)] += 1
    start = 0
    for b in range(bins - 1, -1, -1):
        n = counts[b]
        counts[b] = start
        start += n
    for k in range(cells):
        cell = touched[k]
        b = min(int(height[cell // nx, cell % nx] / step_m), bins - 1)
        order[counts[b]] = cell
        counts[b] += 1


@kernel
def root_of(parent: I32, label: int) -> int:
    """The surviving hill that a label has been merged into."""
    while parent[label] != label:
        parent[label] = parent[parent[label]]
        label = parent[label]
    return label


@kernel
def flood(
    height: F32, order: I32, cells: int, prominence_m: float, label: I32, parent: I32, peak: F32, table: F32
) -> int:
    """Label every cell with its hill (1, 2, ...) in one descending sweep.

    ``label`` (ny, nx) must be zero on entry.  ``peak`` holds the top of each label and ``table[h, SADDLE]`` the highest
    saddle towards a higher neighbour.  Returns how many labels were used.
    """
    ny, nx = height.shape
    labels = 0
    for k in range(cells):
        cell = order[k]
        y, x = cell // nx, cell % nx
        h = height[y, x]
        best = 0
        for yy in range(max(y - 1, 0), min(y + 2, ny)):
            for xx in range(max(x - 1, 0), min(x + 2, nx)):
                if label[yy, xx] == 0:
                    continue
                other = root_of(parent, label[yy, xx])
                if best == 0:
                    best = other
                elif other != best:
                    high, low = (best, other) if peak[best] >= peak[other] else (other, best)
                    if peak[low] - h < prominence_m:
                        parent[low] = high
                        best = high
                    else:
                        if h > table[low, SADDLE]:
                            table[low, SADDLE] = h
                            table[low, NEIGHBOUR] = high
        if best == 0:
            if labels + 1 >= parent.size:
                continue
            labels += 1
            parent[labels] = labels
            peak[labels] = h
            table[labels, :] = 0
            best = labels
        else:
            # A cell between two hills goes to the one whose touching cell is highest.
            highest = np.float32(-1)
            for yy in range(max(y - 1, 0), min(y + 2, ny)):
                for xx in range(max(x - 1, 0), min(x + 2, nx)):
                    if label[yy, xx] != 0 and height[yy, xx] > highest:
                        highest = height[yy, xx]
                        best = root_of(parent, label[yy, xx])
            # Cells of one step of the descent come in any order: the first of them need not be the highest.
            peak[best] = max(peak[best], h)
        label[y, x] = best
    return labels


@kernel
def find_tops(
    height: F32,
    order: I32,
    cells: int,
    thin_cells: int,
    top_cells: int,
    summit_cells: int,
    label: I32,
    parent: I32,
    peak: F32,
    labels: int,
    table: F32,
) -> None:
    """Give every cell the label of its surviving hill, and every hill its ``TOP`` and ``SUMMIT``.

    What is so thin that fewer than ``thin_cells`` lie within three bands of its tip (a raised hand, a stick, a spike of
    noise) is taken off, band by band.  The ``TOP`` is the height of the ``top_cells``-th highest cell of the rest, so
    that a few stray points do not lift it; the ``SUMMIT`` is the mean of the ``summit_cells`` highest: near the true
    top, as the highest of noisy points lies above it and the rest of a round head below.
    """
    nx = height.shape[1]
    for i in range(1, labels + 1):
        for c in range(COLUMNS):
            if c != SADDLE and c != NEIGHBOUR:
                table[i, c] = 0
    for k in range(cells):
        y, x = order[k] // nx, order[k] % nx
        hill = root_of(parent, label[y, x])
        label[y, x] = hill
        table[hill, CELLS] += 1
        table[hill, BAND0 + min(int((peak[hill] - height[y, x]) / BAND_M), BANDS - 1)] += 1
    for i in range(1, labels + 1):
        thin = 0
        while thin < BANDS - 3:
            if table[i, BAND0 + thin] + table[i, BAND0 + thin + 1] + table[i, BAND0 + thin + 2] >= thin_cells:
                break
            thin += 1
        table[i, CEILING] = peak[i] - BAND_M * (thin if thin < BANDS - 3 else 0)
        for c in range(BAND0, COLUMNS):
            table[i, c] = 0
    for k in range(cells):
        y, x = order[k] // nx, order[k] % nx
        hill = label[y, x]
        h = height[y, x]
        if h > table[hill, CEILING]:
            continue
        # CAP_CELLS counts here what has been passed so far; the survey counts it anew.
        if table[hill, CAP_CELLS] < top_cells:
            table[hill, TOP] = h
        if table[hill, CAP_CELLS] < summit_cells:
            table[hill, SUMMIT] += h
        table[hill, CAP_CELLS] += 1
    for i in range(1, labels + 1):
        table[i, SUMMIT] /= max(min(table[i, CAP_CELLS], np.float32(summit_cells)), np.float32(1))
        table[i, CAP_CELLS] = 0


@kernel
def survey(
    height: F32,
    weight: I32,
    order: I32,
    cells: int,
    crown_m: float,
    cap_m: float,
    label: I32,
    parent: I32,
    labels: int,
    table: F32,
) -> int:
    """Measure every surviving hill below its top, into the rows of ``table``; returns how many there are.

    ``X, Y`` are the mean cell of the crown (cells within ``crown_m`` of the top); ``SXX, SYY, SXY`` are the second
    moments, in cells squared, of the cap (within ``cap_m``), and ``POINTS`` the points in it.
    """
    nx = height.shape[1]
    for k in range(cells):
        y, x = order[k] // nx, order[k] % nx
        hill = label[y, x]
        if height[y, x] > table[hill, CEILING]:
            continue
        below = table[hill, TOP] - height[y, x]
        table[hill, BAND0 + min(int(max(below, np.float32(0)) / BAND_M), BANDS - 1)] += 1
        if below <= crown_m:
            table[hill, CROWN_CELLS] += 1
            table[hill, X] += x
            table[hill, Y] += y
        if below <= cap_m:
            table[hill, CAP_CELLS] += 1
            table[hill, CAP_X] += x
            table[hill, CAP_Y] += y
            table[hill, SXX] += x * x
            table[hill, SYY] += y * y
            table[hill, SXY] += x * y
            table[hill, POINTS] += weight[y, x]
    rows = 0
    for i in range(1, labels + 1):
        if parent[i] != i or table[i, CAP_CELLS] == 0:
            continue
        table[i, X] /= table[i, CROWN_CELLS]
        table[i, Y] /= table[i, CROWN_CELLS]
        n = table[i, CAP_CELLS]
        mx, my = table[i, CAP_X] / n, table[i, CAP_Y] / n
        table[i, SXX] = table[i, SXX] / n - mx * mx
        table[i, SYY] = table[i, SYY] / n - my * my
        table[i, SXY] = table[i, SXY] / n - mx * my
        rows += 1
    return rows


@kernel
def clear(touched: I32, cells: int, top_m: F32, weight: I32, height: F32, label: I32) -> None:
    """Zero what one frame wrote."""
    nx = top_m.shape[1]
    for k in range(cells):
        y, x = touched[k] // nx, touched[k] % nx
        top_m[y, x] = 0
        weight[y, x] = 0
        height[y, x] = 0
        label[y, x] = 0


@kernel
def level_ring(
    top_m: F32, gx: float, gy: float, height_m: float, inner: float, outer: float, above_m: float, below_m: float
) -> float:
    """Share of the directions around a place in which something level with it stands in a ring about it.

    ``gx, gy`` and the radii ``inner, outer`` are in cells; level is from ``above_m`` above to ``below_m`` below
    ``height_m``.  A rim or a board goes on all around or along; a head ends.
    """
    ny, nx = top_m.shape
    sectors = 0
    reach = int(np.ceil(outer))
    y0, x0 = int(np.round(gy)), int(np.round(gx))
    for y in range(max(y0 - reach, 0), min(y0 + reach + 1, ny)):
        for x in range(max(x0 - reach, 0), min(x0 + reach + 1, nx)):
            h = top_m[y, x]
            if h <= height_m - below_m or h >= height_m + above_m:
                continue
            dx, dy = x - gx, y - gy
            distance = np.sqrt(dx * dx + dy * dy)
            if inner <= distance <= outer:
                sectors |= 1 << (int((np.arctan2(dy, dx) + np.pi) / (2 * np.pi) * SECTORS) % SECTORS)
    share = 0.0
    for k in range(SECTORS):
        share += (sectors >> k) & 1
    return share / SECTORS
