/** How long people stood over each cell of the floor. */

import type { Day } from "../../app/wire/day";
import type { Palette } from "./palette";
import { toScreen, type View } from "./view";

/** A stay of less is somebody who walks past. */
const LEAST_S = 1;
const FAINTEST = 0.1;
const STRONGEST = 0.85;

/** How strongly a cell is coloured, 0 to 1: by the logarithm, for a till is stood at a hundred times as long as an aisle. */
export function strength(seconds: number, longest: number): number {
  if (seconds < LEAST_S || longest <= LEAST_S) return 0;
  return FAINTEST + (STRONGEST - FAINTEST) * (Math.log(seconds / LEAST_S) / Math.log(longest / LEAST_S));
}

export function paintDwell(pen: CanvasRenderingContext2D, day: Day, view: View, palette: Palette): void {
  const longest = Math.max(...day.cells.map((cell) => cell.seconds));
  const cellPx = view.pxPerM * day.cellM;
  pen.save();
  pen.fillStyle = palette.dwell;
  for (const cell of day.cells) {
    const { x, y } = toScreen(view, cell.ix * day.cellM, (cell.iy + 1) * day.cellM);
    pen.globalAlpha = strength(cell.seconds, longest);
    pen.fillRect(x, y, cellPx, cellPx);
  }
  pen.restore();
}
