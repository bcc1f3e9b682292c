/** Fingers, mouse and trackpad on the map. One finger scrolls the page until the map is zoomed in. */

import type { Stage } from "./stage";
import type { ScreenPoint } from "./view";

/** Attach to the map's element; returns how to detach. */
export function attachGestures(element: HTMLElement, stage: Stage, isZoomed: () => boolean): () => void {
  const fingers = new Map<number, ScreenPoint>();
  const at = (event: PointerEvent | WheelEvent): ScreenPoint => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const down = (event: PointerEvent): void => {
    if (event.target instanceof Element && event.target.closest("button") !== null) return;
    fingers.set(event.pointerId, at(event));
    if (isZoomed() || fingers.size > 1) element.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent): void => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const now = at(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    if (other !== undefined) {
      const spread = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      stage.zoom(spread, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
      stage.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else if (isZoomed()) {
      stage.pan(now.x - before.x, now.y - before.y);
    }
  };
  const up = (event: PointerEvent): void => {
    fingers.delete(event.pointerId);
  };
  const wheel = (event: WheelEvent): void => {
    // A trackpad's pinch arrives as ctrl + wheel; the plain wheel keeps scrolling the page.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    stage.zoom(Math.exp(-event.deltaY * 0.01), at(event));
  };
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("wheel", wheel, { passive: false });
  return () => {
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("wheel", wheel);
  };
}
