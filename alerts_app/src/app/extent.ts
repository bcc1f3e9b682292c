/** Which part of the floor the map shows, and how its squares are named. */

import type { Bounds, Point, Store } from "./wire/box";
import { COLUMN_UNKNOWN, columnTop, type FloorGrid } from "./wire/floor";

/** Edge of a named square: one metre, like the squares of a street map. */
export const SQUARE_M = 1;

/** All that is drawn, else all that the grid knows, out to whole squares; null when there is neither. */
export function floorExtent(store: Store | null, grid: FloorGrid | null): Bounds | null {
  const bounds = store?.bounds ?? drawnExtent(store) ?? (grid === null ? null : knownExtent(grid));
  return bounds === null ? null : wholeSquares(bounds);
}

function drawnExtent(store: Store | null): Bounds | null {
  if (store === null) return null;
  return around([
    ...store.zones.flatMap((zone) => zone.polygon),
    ...store.shelves.flatMap((shelf) => [shelf.min, shelf.max]),
    ...store.lines.flatMap((line) => [line.from, line.to]),
  ]);
}

function knownExtent(grid: FloorGrid): Bounds | null {
  const corners: Point[] = [];
  for (let iy = 0; iy < grid.ny; iy += 1) {
    const row = grid.columns.subarray(iy * grid.nx, (iy + 1) * grid.nx);
    const first = row.findIndex(isKnown);
    if (first < 0) continue;
    const last = grid.nx - 1 - row.slice().reverse().findIndex(isKnown);
    const yM = (grid.originY + iy) * grid.cellM;
    corners.push({ xM: (grid.originX + first) * grid.cellM, yM });
    corners.push({ xM: (grid.originX + last + 1) * grid.cellM, yM: yM + grid.cellM });
  }
  return around(corners);
}

function isKnown(column: number): boolean {
  return columnTop(column) !== COLUMN_UNKNOWN;
}

function around(points: readonly Point[]): Bounds | null {
  if (points.length === 0) return null;
  const xs = points.map((point) => point.xM);
  const ys = points.map((point) => point.yM);
  return { x0M: Math.min(...xs), y0M: Math.min(...ys), x1M: Math.max(...xs), y1M: Math.max(...ys) };
}

function wholeSquares(bounds: Bounds): Bounds {
  // 1e-6: a wall drawn at 3.0000000004 m must not open a new row of squares.
  const low = (value: number): number => Math.floor(value / SQUARE_M + 1e-6) * SQUARE_M;
  const high = (value: number): number => Math.ceil(value / SQUARE_M - 1e-6) * SQUARE_M;
  const x0M = low(bounds.x0M);
  const y0M = low(bounds.y0M);
  return { x0M, y0M, x1M: Math.max(high(bounds.x1M), x0M + SQUARE_M), y1M: Math.max(high(bounds.y1M), y0M + SQUARE_M) };
}

/** Name of a column of squares: A to Z, AA, AB, ... from the left of the map. */
export function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}

/** Name of the square that holds a floor point, such as "C-7"; null outside the map. */
export function squareName(extent: Bounds, xM: number, yM: number): string | null {
  const column = Math.floor((xM - extent.x0M) / SQUARE_M);
  const row = Math.floor((yM - extent.y0M) / SQUARE_M);
  const inside = xM >= extent.x0M && xM < extent.x1M && yM >= extent.y0M && yM < extent.y1M;
  return inside ? `${columnName(column)}-${String(row + 1)}` : null;
}

/** Whether a floor point lies in a polygon (even-odd rule). */
export function insidePolygon(xM: number, yM: number, polygon: readonly Point[]): boolean {
  let inside = false;
  polygon.forEach((a, index) => {
    const b = polygon[(index + 1) % polygon.length] ?? a;
    if (a.yM > yM !== b.yM > yM && xM < ((b.xM - a.xM) * (yM - a.yM)) / (b.yM - a.yM) + a.xM) inside = !inside;
  });
  return inside;
}
