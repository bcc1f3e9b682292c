/** What the installer drew over the floor: zones, shelves, counting lines, cameras; and the squares and the scale. */

import { columnName, SQUARE_M } from "../../app/extent";
import type { Bounds, CameraMark, CountingLine, Point, Store, Zone } from "../../app/wire/box";
import type { Palette } from "./palette";
import { type Size, SURROUND_M, toScreen, type View } from "./view";

/** Words that the map needs, already in the reader's language. */
export interface SceneryWords {
  readonly zone: (zone: Zone) => string;
  readonly metres: (metres: number) => string;
}

const LABEL_PX = 12;
const SMALL_PX = 10.5;
const SCALE_STEPS_M = [0.5, 1, 2, 5, 10, 20, 50] as const;
const SCALE_MAX_PX = 130;

type Pen = CanvasRenderingContext2D;

export function paintSquares(pen: Pen, extent: Bounds, view: View, size: Size, palette: Palette): void {
  const step = view.pxPerM * SQUARE_M;
  const low = toScreen(view, extent.x0M, extent.y0M);
  const high = toScreen(view, extent.x1M, extent.y1M);
  pen.strokeStyle = palette.grid;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let x = low.x; x <= high.x + 0.5; x += step) verticalLine(pen, x, high.y, low.y);
  for (let y = low.y; y >= high.y - 0.5; y -= step) horizontalLine(pen, y, low.x, high.x);
  pen.stroke();
  pen.fillStyle = palette.muted;
  pen.font = `500 ${String(SMALL_PX)}px ${palette.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const every = Math.max(1, Math.ceil(18 / step));
  // The names stay at the edge of the picture while the floor is moved under them.
  const surroundPx = SURROUND_M * view.pxPerM;
  const namesY = Math.min(low.y + surroundPx + 10, size.heightPx - 34);
  const namesX = Math.max(low.x - surroundPx - 10, 12);
  const columns = Math.round((extent.x1M - extent.x0M) / SQUARE_M);
  const rows = Math.round((extent.y1M - extent.y0M) / SQUARE_M);
  for (let column = 0; column < columns; column += every) {
    const x = low.x + (column + 0.5) * step;
    if (x > 20 && x < size.widthPx - 6) haloText(pen, columnName(column), x, namesY, palette);
  }
  for (let row = 0; row < rows; row += every) {
    const y = low.y - (row + 0.5) * step;
    if (y > 6 && y < size.heightPx - 46) haloText(pen, String(row + 1), namesX, y, palette);
  }
}

function verticalLine(pen: Pen, x: number, y0: number, y1: number): void {
  pen.moveTo(Math.round(x) + 0.5, y0);
  pen.lineTo(Math.round(x) + 0.5, y1);
}

function horizontalLine(pen: Pen, y: number, x0: number, x1: number): void {
  pen.moveTo(x0, Math.round(y) + 0.5);
  pen.lineTo(x1, Math.round(y) + 0.5);
}

function haloText(pen: Pen, text: string, x: number, y: number, palette: Palette): void {
  pen.lineJoin = "round";
  pen.lineWidth = 3.5;
  pen.strokeStyle = palette.halo;
  pen.strokeText(text, x, y);
  pen.fillText(text, x, y);
}

function trace(pen: Pen, view: View, points: readonly Point[]): void {
  pen.beginPath();
  points.forEach((point, index) => {
    const { x, y } = toScreen(view, point.xM, point.yM);
    if (index === 0) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  });
  pen.closePath();
}

export function paintScenery(pen: Pen, store: Store, view: View, size: Size, palette: Palette, words: SceneryWords): void {
  for (const zone of store.zones) paintZone(pen, zone, view, palette);
  for (const shelf of store.shelves) {
    trace(pen, view, [
      shelf.min,
      { xM: shelf.max.xM, yM: shelf.min.yM },
      shelf.max,
      { xM: shelf.min.xM, yM: shelf.max.yM },
    ]);
    pen.lineWidth = 2;
    pen.strokeStyle = palette.shelf;
    pen.stroke();
  }
  for (const line of store.lines) paintLine(pen, line, view, palette);
  for (const camera of store.cameras) paintCamera(pen, camera, view, palette);
  paintNames(pen, store, view, size, palette, words);
}

function zoneFill(zone: Zone, palette: Palette): string {
  if (zone.kind === "entrance" || zone.kind === "exit") return palette.zoneDoor;
  if (zone.kind === "checkout") return palette.zoneCheckout;
  if (zone.kind === "staff_only") return palette.zoneStaff;
  return palette.zone;
}

function paintZone(pen: Pen, zone: Zone, view: View, palette: Palette): void {
  trace(pen, view, zone.polygon);
  pen.fillStyle = zoneFill(zone, palette);
  pen.fill();
  pen.save();
  pen.setLineDash([3, 4]);
  pen.lineWidth = 1;
  pen.strokeStyle = palette.muted;
  pen.globalAlpha = 0.55;
  pen.stroke();
  pen.restore();
}

function paintLine(pen: Pen, line: CountingLine, view: View, palette: Palette): void {
  const from = toScreen(view, line.from.xM, line.from.yM);
  const to = toScreen(view, line.to.xM, line.to.yM);
  pen.strokeStyle = palette.line;
  pen.lineCap = "round";
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  pen.stroke();
  const mid = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  arrow(pen, mid.x, mid.y, Math.atan2(-line.inDirection.yM, line.inDirection.xM));
}

function arrow(pen: Pen, x: number, y: number, angle: number): void {
  pen.save();
  pen.translate(x, y);
  pen.rotate(angle);
  pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(0, 0);
  pen.lineTo(16, 0);
  pen.moveTo(10.5, -5);
  pen.lineTo(16, 0);
  pen.lineTo(10.5, 5);
  pen.stroke();
  pen.restore();
}

function paintCamera(pen: Pen, camera: CameraMark, view: View, palette: Palette): void {
  const { x, y } = toScreen(view, camera.at.xM, camera.at.yM);
  pen.save();
  pen.translate(x, y);
  // 0 looks along +y, which is up on the screen; counter-clockwise on the floor stays so on the screen.
  pen.rotate((-camera.yawDeg * Math.PI) / 180);
  pen.fillStyle = palette.camera;
  pen.globalAlpha = 0.22;
  pen.beginPath();
  pen.moveTo(0, 0);
  pen.arc(0, 0, 22, -Math.PI / 2 - 0.55, -Math.PI / 2 + 0.55);
  pen.fill();
  pen.globalAlpha = 1;
  pen.beginPath();
  pen.roundRect(-5, -4, 10, 9, 2.5);
  pen.roundRect(-2.5, -7, 5, 4, 1.5);
  pen.fill();
  pen.restore();
}

function paintNames(pen: Pen, store: Store, view: View, size: Size, palette: Palette, words: SceneryWords): void {
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.font = `600 ${String(LABEL_PX)}px ${palette.font}`;
  pen.fillStyle = palette.muted;
  for (const zone of store.zones) {
    const xs = zone.polygon.map((point) => point.xM);
    const ys = zone.polygon.map((point) => point.yM);
    const corner = toScreen(view, Math.min(...xs), Math.max(...ys));
    const name = words.zone(zone);
    const farthest = size.widthPx - pen.measureText(name).width - 8;
    haloText(pen, name, Math.min(corner.x + 7, farthest), corner.y + 13, palette);
  }
  pen.textAlign = "center";
  pen.fillStyle = palette.ink;
  for (const shelf of store.shelves) {
    const middle = toScreen(view, (shelf.min.xM + shelf.max.xM) / 2, (shelf.min.yM + shelf.max.yM) / 2);
    const along = Math.max(shelf.max.xM - shelf.min.xM, shelf.max.yM - shelf.min.yM) * view.pxPerM;
    if (pen.measureText(shelf.id).width < along) haloText(pen, shelf.id, middle.x, middle.y, palette);
  }
}

/** A scale bar in the lower right corner, of a length that is easy to think in. */
export function paintScale(pen: Pen, view: View, size: Size, palette: Palette, words: SceneryWords): void {
  const metres = [...SCALE_STEPS_M].reverse().find((step) => step * view.pxPerM <= SCALE_MAX_PX) ?? SCALE_STEPS_M[0];
  const right = size.widthPx - 14;
  const left = right - metres * view.pxPerM;
  const y = size.heightPx - 9;
  const bar = (width: number, colour: string): void => {
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(left, y - 5);
    pen.lineTo(left, y);
    pen.lineTo(right, y);
    pen.lineTo(right, y - 5);
    pen.stroke();
  };
  bar(5, palette.halo);
  bar(1.5, palette.ink);
  pen.fillStyle = palette.ink;
  pen.font = `600 ${String(SMALL_PX)}px ${palette.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  haloText(pen, words.metres(metres), (left + right) / 2, y - 5, palette);
}
