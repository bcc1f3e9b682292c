/**
 * The two canvases of the map and when they are drawn: the ground on change, the people while something moves.
 *
 * Nothing runs while nothing changes: a frame is asked for by a change, and the next only while people still move.
 */

import { drewPeople } from "../../app/diagnostics";
import type { Bounds, Store } from "../../app/wire/box";
import type { FloorGrid, People } from "../../app/wire/floor";
import { paintGround } from "./ground";
import { PeopleMotion } from "./motion";
import { type Palette, readPalette } from "./palette";
import { paintPeople } from "./people";
import { paintScale, paintScenery, paintSquares, type SceneryWords } from "./scenery";
import { fitView, isFitted, panned, type ScreenPoint, type Size, type View, zoomed } from "./view";

export interface Picture {
  readonly extent: Bounds;
  readonly grid: FloorGrid | null;
  readonly store: Store | null;
  readonly words: SceneryWords;
}

export class Stage {
  readonly #motion: PeopleMotion;
  #picture: Picture | null = null;
  #palette: Palette;
  #size: Size = { widthPx: 1, heightPx: 1 };
  #view: View | null = null;
  #groundStale = true;
  #frame = 0;
  #undrawnMs: number | null = null;

  constructor(
    private readonly ground: HTMLCanvasElement,
    private readonly people: HTMLCanvasElement,
    smooth: () => boolean,
    private readonly onZoom: (isZoomed: boolean) => void,
  ) {
    this.#motion = new PeopleMotion(smooth);
    this.#palette = readPalette(ground);
  }

  show(picture: Picture): void {
    const before = this.#picture?.extent;
    const { extent } = picture;
    const moved = before?.x0M !== extent.x0M || before.y0M !== extent.y0M || before.x1M !== extent.x1M || before.y1M !== extent.y1M;
    this.#picture = picture;
    if (moved) this.#view = null;
    this.#repaint();
  }

  resize(size: Size): void {
    const wasFitted = this.#isFitted();
    this.#size = size;
    for (const canvas of [this.ground, this.people]) {
      canvas.width = Math.round(size.widthPx * devicePixelRatio);
      canvas.height = Math.round(size.heightPx * devicePixelRatio);
    }
    if (wasFitted) this.#view = null;
    this.#repaint();
  }

  recolour(): void {
    this.#palette = readPalette(this.ground);
    this.#repaint();
  }

  heard(people: People): void {
    this.#motion.heard(people, performance.now());
    this.#undrawnMs = people.tMs;
    this.#ask();
  }

  zoom(factor: number, at: ScreenPoint = { x: this.#size.widthPx / 2, y: this.#size.heightPx / 2 }): void {
    if (this.#picture === null) return;
    this.#move(zoomed(this.#currentView(this.#picture), factor, at, this.#picture.extent, this.#size));
  }

  pan(dxPx: number, dyPx: number): void {
    if (this.#picture === null) return;
    this.#move(panned(this.#currentView(this.#picture), dxPx, dyPx, this.#picture.extent, this.#size));
  }

  fit(): void {
    this.#view = null;
    this.onZoom(false);
    this.#repaint();
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = -1;
  }

  #isFitted(): boolean {
    return this.#view === null || this.#picture === null || isFitted(this.#view, this.#picture.extent, this.#size);
  }

  #currentView(picture: Picture): View {
    this.#view ??= fitView(picture.extent, this.#size);
    return this.#view;
  }

  #move(view: View): void {
    this.#view = view;
    this.onZoom(!this.#isFitted());
    this.#repaint();
  }

  #repaint(): void {
    this.#groundStale = true;
    this.#ask();
  }

  #ask(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const picture = this.#picture;
    if (picture === null) return;
    const view = this.#currentView(picture);
    if (this.#groundStale) this.#drawGround(picture, view);
    this.#groundStale = false;
    const pen = cleared(this.people);
    if (pen === null) return;
    const nowMs = performance.now();
    const more = this.#motion.step(nowMs);
    paintPeople(pen, this.#motion.movers, view, this.#palette, nowMs);
    if (this.#undrawnMs !== null) drewPeople(this.#undrawnMs);
    this.#undrawnMs = null;
    if (more) this.#ask();
  }

  #drawGround(picture: Picture, view: View): void {
    const pen = cleared(this.ground);
    if (pen === null) return;
    if (picture.grid !== null) paintGround(pen, picture.grid, view, this.#size, this.#palette);
    paintSquares(pen, picture.extent, view, this.#size, this.#palette);
    if (picture.store !== null) paintScenery(pen, picture.store, view, this.#size, this.#palette, picture.words);
    paintScale(pen, view, this.#size, this.#palette, picture.words);
  }
}

/** A pen in CSS pixels on an empty canvas. */
function cleared(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const pen = canvas.getContext("2d");
  if (pen === null) return null;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return pen;
}
