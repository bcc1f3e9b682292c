/** The 20 cm grid as a floor plan: what is free, what stands there and how tall, what was never seen. */

import { COLUMN_FREE, COLUMN_UNKNOWN, columnMoving, columnTop, type FloorGrid } from "../../app/wire/floor";
import type { Palette } from "./palette";
import { type Size, toScreen, type View } from "./view";

/** Layers of 20 cm: knee, waist and head height part what is low, middle and tall. */
const MID_FROM_LAYER = 3;
const TALL_FROM_LAYER = 7;
const FIRST_OCCUPIED = 2;

type Test = (column: number) => boolean;

const isKnown: Test = (column) => columnTop(column) !== COLUMN_UNKNOWN;
const standsAbove =
  (layer: number): Test =>
  (column) =>
    columnTop(column) > COLUMN_FREE && columnTop(column) - FIRST_OCCUPIED >= layer;

export function paintGround(pen: CanvasRenderingContext2D, grid: FloorGrid, view: View, size: Size, palette: Palette): void {
  const [low, mid, tall] = palette.things;
  const bands: readonly (readonly [Test, string])[] = [
    [isKnown, palette.floor],
    [standsAbove(0), low],
    [standsAbove(MID_FROM_LAYER), mid],
    [standsAbove(TALL_FROM_LAYER), tall],
    [columnMoving, palette.moving],
  ];
  for (const [test, colour] of bands) {
    pen.fillStyle = colour;
    pen.fill(bandPath(grid, test, view, size));
  }
  pen.strokeStyle = palette.thingEdge;
  pen.lineWidth = 1;
  pen.stroke(outline(grid, standsAbove(0), view, size));
}

interface CellRange {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** Cells that can be seen, ends exclusive. */
function visible(grid: FloorGrid, view: View, size: Size): CellRange {
  const cellPx = view.pxPerM * grid.cellM;
  const column = (px: number): number => Math.floor((px - view.originX) / cellPx) - grid.originX;
  const row = (px: number): number => Math.floor((view.originY - px) / cellPx) - grid.originY;
  return {
    x0: Math.max(0, column(0)),
    x1: Math.min(grid.nx, column(size.widthPx) + 1),
    y0: Math.max(0, row(size.heightPx)),
    y1: Math.min(grid.ny, row(0) + 1),
  };
}

function cellTest(grid: FloorGrid, test: Test): (ix: number, iy: number) => boolean {
  return (ix, iy) =>
    ix >= 0 && iy >= 0 && ix < grid.nx && iy < grid.ny && test(grid.columns[iy * grid.nx + ix] ?? COLUMN_UNKNOWN);
}

/** All cells that pass, as one shape whose outer corners are softened; inner runs are merged into long boxes. */
function bandPath(grid: FloorGrid, test: Test, view: View, size: Size): Path2D {
  const path = new Path2D();
  const holds = cellTest(grid, test);
  const cellPx = view.pxPerM * grid.cellM;
  const radius = Math.min(cellPx * 0.4, 6);
  const range = visible(grid, view, size);
  // A hair of overlap hides the seams that antialiasing would leave between neighbours.
  const seam = 0.4;
  for (let iy = range.y0; iy < range.y1; iy += 1) {
    const corner = toScreen(view, grid.originX * grid.cellM, (grid.originY + iy + 1) * grid.cellM);
    let runStart = -1;
    const endRun = (end: number): void => {
      if (runStart >= 0) path.rect(corner.x + runStart * cellPx, corner.y, (end - runStart) * cellPx + seam, cellPx + seam);
      runStart = -1;
    };
    for (let ix = range.x0; ix < range.x1; ix += 1) {
      const corners = holds(ix, iy) ? outerCorners(holds, ix, iy) : null;
      if (corners === "none") {
        if (runStart < 0) runStart = ix;
        continue;
      }
      endRun(ix);
      if (corners !== null) {
        const radii = corners.map((isOuter) => (isOuter ? radius : 0));
        path.roundRect(corner.x + ix * cellPx, corner.y, cellPx + seam, cellPx + seam, radii);
      }
    }
    endRun(range.x1);
  }
  return path;
}

/** Which corners stick out, in the order of `roundRect` (top left, top right, bottom right, bottom left; up is +y). */
function outerCorners(holds: (ix: number, iy: number) => boolean, ix: number, iy: number): readonly boolean[] | "none" {
  const left = holds(ix - 1, iy);
  const right = holds(ix + 1, iy);
  const up = holds(ix, iy + 1);
  const down = holds(ix, iy - 1);
  if ((left && right) || (up && down)) return "none";
  return [!left && !up, !right && !up, !right && !down, !left && !down];
}

/** The edges between what passes and what does not, a little inside the soft corners. */
function outline(grid: FloorGrid, test: Test, view: View, size: Size): Path2D {
  const path = new Path2D();
  const holds = cellTest(grid, test);
  const cellPx = view.pxPerM * grid.cellM;
  const inset = Math.min(cellPx * 0.4, 6);
  const range = visible(grid, view, size);
  for (let iy = range.y0; iy < range.y1; iy += 1) {
    for (let ix = range.x0; ix < range.x1; ix += 1) {
      if (!holds(ix, iy)) continue;
      const { x, y } = toScreen(view, (grid.originX + ix) * grid.cellM, (grid.originY + iy + 1) * grid.cellM);
      const left = holds(ix - 1, iy);
      const right = holds(ix + 1, iy);
      const up = holds(ix, iy + 1);
      const down = holds(ix, iy - 1);
      const edge = (x0: number, y0: number, x1: number, y1: number): void => {
        path.moveTo(x0, y0);
        path.lineTo(x1, y1);
      };
      const ends = (before: boolean, after: boolean): readonly [number, number] => [before ? 0 : inset, cellPx - (after ? 0 : inset)];
      const [xa, xb] = ends(left, right);
      const [ya, yb] = ends(up, down);
      if (!up) edge(x + xa, y, x + xb, y);
      if (!down) edge(x + xa, y + cellPx, x + xb, y + cellPx);
      if (!left) edge(x, y + ya, x, y + yb);
      if (!right) edge(x + cellPx, y + ya, x + cellPx, y + yb);
    }
  }
  return path;
}
