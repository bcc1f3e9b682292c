/** From the floor's metres to the canvas's CSS pixels: x to the right, y up. */

import type { Bounds } from "../../app/wire/box";

/** Room for the names of the squares on the left and below, the scale under them, and some air elsewhere. */
const MARGIN = { left: 22, right: 10, top: 10, bottom: 44 } as const;
/** What stands just outside the drawn floor (walls, a door's step) is still in the picture. */
export const SURROUND_M = 0.3;
const MAX_ZOOM = 8;

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface ScreenPoint {
  readonly x: number;
  readonly y: number;
}

/** `x_px = originX + x_m * pxPerM`, `y_px = originY - y_m * pxPerM`. */
export interface View {
  readonly pxPerM: number;
  readonly originX: number;
  readonly originY: number;
}

export function toScreen(view: View, xM: number, yM: number): ScreenPoint {
  return { x: view.originX + xM * view.pxPerM, y: view.originY - yM * view.pxPerM };
}

/** The whole extent, as large as it fits, centred. */
export function fitView(extent: Bounds, size: Size): View {
  const widthPx = Math.max(1, size.widthPx - MARGIN.left - MARGIN.right);
  const heightPx = Math.max(1, size.heightPx - MARGIN.top - MARGIN.bottom);
  const { acrossM, upM } = shownMetres(extent);
  const pxPerM = Math.min(widthPx / acrossM, heightPx / upM);
  const midX = MARGIN.left + widthPx / 2;
  const midY = MARGIN.top + heightPx / 2;
  return {
    pxPerM,
    originX: midX - ((extent.x0M + extent.x1M) / 2) * pxPerM,
    originY: midY + ((extent.y0M + extent.y1M) / 2) * pxPerM,
  };
}

function shownMetres(extent: Bounds): { readonly acrossM: number; readonly upM: number } {
  return { acrossM: extent.x1M - extent.x0M + 2 * SURROUND_M, upM: extent.y1M - extent.y0M + 2 * SURROUND_M };
}

/** Height that shows an extent well at a width: neither a slit nor a tower. */
export function naturalHeight(extent: Bounds, widthPx: number, maxPx: number): number {
  const inner = Math.max(1, widthPx - MARGIN.left - MARGIN.right);
  const { acrossM, upM } = shownMetres(extent);
  const wanted = (inner * upM) / acrossM + MARGIN.top + MARGIN.bottom;
  return Math.round(Math.min(Math.max(wanted, widthPx * 0.55), maxPx));
}

/** Zoom by a factor around a point of the screen, between the fitted view and eight times it. */
export function zoomed(view: View, factor: number, at: ScreenPoint, extent: Bounds, size: Size): View {
  const fit = fitView(extent, size);
  const pxPerM = Math.min(Math.max(view.pxPerM * factor, fit.pxPerM), fit.pxPerM * MAX_ZOOM);
  const change = pxPerM / view.pxPerM;
  return held(
    {
      pxPerM,
      originX: at.x - (at.x - view.originX) * change,
      originY: at.y - (at.y - view.originY) * change,
    },
    extent,
    size,
  );
}

export function panned(view: View, dxPx: number, dyPx: number, extent: Bounds, size: Size): View {
  return held({ ...view, originX: view.originX + dxPx, originY: view.originY + dyPx }, extent, size);
}

/** Keep the middle of the canvas over the floor; a view that shows everything is the fitted one. */
function held(view: View, extent: Bounds, size: Size): View {
  const fit = fitView(extent, size);
  if (view.pxPerM <= fit.pxPerM * 1.001) return fit;
  const midX = size.widthPx / 2;
  const midY = size.heightPx / 2;
  return {
    pxPerM: view.pxPerM,
    originX: clamp(view.originX, midX - extent.x1M * view.pxPerM, midX - extent.x0M * view.pxPerM),
    originY: clamp(view.originY, midY + extent.y0M * view.pxPerM, midY + extent.y1M * view.pxPerM),
  };
}

export function isFitted(view: View, extent: Bounds, size: Size): boolean {
  return view.pxPerM <= fitView(extent, size).pxPerM * 1.001;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
