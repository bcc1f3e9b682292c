/** People as calm dots: where they head, where they came from, and whether an alert names them. */

import type { Level } from "../../app/wire/alert";
import { type Mover, TRAIL_MS } from "./motion";
import type { Palette } from "./palette";
import { toScreen, type View } from "./view";

const RADIUS_M = 0.2;
const MIN_RADIUS_PX = 7;
const MAX_RADIUS_PX = 15;
const HEADING_FROM_MPS = 0.15;

type Pen = CanvasRenderingContext2D;

export function paintPeople(pen: Pen, movers: Iterable<Mover>, view: View, palette: Palette, nowMs: number): void {
  const radius = Math.min(Math.max(RADIUS_M * view.pxPerM, MIN_RADIUS_PX), MAX_RADIUS_PX);
  const drawn = [...movers];
  for (const mover of drawn) paintTrail(pen, mover, view, colourOf(mover, palette), radius, nowMs);
  // Whoever an alert names is drawn last, on top.
  for (const mover of drawn.sort((a, b) => Number(a.level !== null) - Number(b.level !== null))) {
    paintPerson(pen, mover, view, palette, radius);
  }
  pen.globalAlpha = 1;
}

function colourOf(mover: Mover, palette: Palette): string {
  return mover.level === null ? palette.person : palette.level[mover.level];
}

function paintTrail(pen: Pen, mover: Mover, view: View, colour: string, radius: number, nowMs: number): void {
  pen.strokeStyle = colour;
  // Flat ends: round ones overlap, and the faint strokes would turn into beads.
  pen.lineCap = "butt";
  pen.lineWidth = radius * 0.55;
  const points = [...mover.trail, { xM: mover.xM, yM: mover.yM, atMs: nowMs }];
  for (let index = 1; index < points.length; index += 1) {
    const before = points[index - 1];
    const after = points[index];
    if (before === undefined || after === undefined) continue;
    const freshness = Math.max(0, 1 - (nowMs - before.atMs) / TRAIL_MS);
    const a = toScreen(view, before.xM, before.yM);
    const b = toScreen(view, after.xM, after.yM);
    pen.globalAlpha = freshness * freshness * 0.38 * mover.opacity;
    pen.beginPath();
    pen.moveTo(a.x, a.y);
    pen.lineTo(b.x, b.y);
    pen.stroke();
  }
}

function paintPerson(pen: Pen, mover: Mover, view: View, palette: Palette, radius: number): void {
  const { x, y } = toScreen(view, mover.xM, mover.yM);
  const colour = colourOf(mover, palette);
  pen.save();
  pen.translate(x, y);
  pen.globalAlpha = mover.opacity;
  if (mover.level !== null) paintLevelMark(pen, mover.level, radius, palette);
  if (Math.hypot(mover.vxMps, mover.vyMps) >= HEADING_FROM_MPS) {
    paintHeading(pen, Math.atan2(-mover.vyMps, mover.vxMps), radius, colour, palette);
  }
  pen.beginPath();
  pen.arc(0, 0, radius, 0, Math.PI * 2);
  pen.lineWidth = 2;
  if (mover.seen) {
    pen.fillStyle = colour;
    pen.fill();
    pen.strokeStyle = palette.personEdge;
  } else {
    pen.fillStyle = palette.personEdge;
    pen.fill();
    pen.setLineDash([3, 3]);
    pen.strokeStyle = colour;
  }
  pen.stroke();
  pen.restore();
}

function paintHeading(pen: Pen, angle: number, radius: number, colour: string, palette: Palette): void {
  pen.save();
  pen.rotate(angle);
  pen.beginPath();
  pen.moveTo(radius * 1.75, 0);
  pen.lineTo(radius * 0.75, radius * 0.66);
  pen.lineTo(radius * 0.75, -radius * 0.66);
  pen.closePath();
  pen.lineJoin = "round";
  pen.lineWidth = 2;
  pen.strokeStyle = palette.personEdge;
  pen.stroke();
  pen.fillStyle = colour;
  pen.fill();
  pen.restore();
}

/** The level by shape as well as by colour: octagon, triangle, circle, as on the alert cards. */
function paintLevelMark(pen: Pen, level: Level, radius: number, palette: Palette): void {
  const corners = { red: 8, yellow: 3, white: 32 }[level];
  const reach = radius * { red: 2, yellow: 2.6, white: 1.9 }[level];
  const turn = level === "red" ? Math.PI / 8 : -Math.PI / 2;
  pen.beginPath();
  for (let corner = 0; corner < corners; corner += 1) {
    const angle = turn + (corner * 2 * Math.PI) / corners;
    pen.lineTo(Math.cos(angle) * reach, Math.sin(angle) * reach);
  }
  pen.closePath();
  pen.lineJoin = "round";
  pen.fillStyle = palette.level[level];
  const opacity = pen.globalAlpha;
  pen.globalAlpha = opacity * 0.16;
  pen.fill();
  pen.globalAlpha = opacity;
  pen.lineWidth = 2.5;
  pen.strokeStyle = palette.level[level];
  pen.stroke();
}
