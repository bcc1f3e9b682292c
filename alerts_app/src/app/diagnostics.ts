/**
 * Public figures about this page, for whoever measures it: `window.__miseban` in the browser's console.
 *
 * Read-only, about this page alone, and of no use for anything but measuring.
 */

/** One update of people that became visible. */
export interface DrawnUpdate {
  /** Exposure of the depth frame, by the box's clock, UTC milliseconds. */
  readonly t_ms: number;
  /** When the first picture that shows it was drawn, by this machine's clock, UTC milliseconds. */
  readonly drawn_ms: number;
}

export interface Diagnostics {
  lastDraw: DrawnUpdate | null;
  /** People updates drawn so far. */
  draws: number;
  /** Payloads that were not what the wire promises, and the newest of their faults. */
  refused: number;
  lastRefusal: string | null;
}

declare global {
  interface Window {
    __miseban?: Diagnostics;
  }
}

export const diagnostics: Diagnostics = { lastDraw: null, draws: 0, refused: 0, lastRefusal: null };

/** Say that an update of people is on the screen now. */
export function drewPeople(tMs: number): void {
  diagnostics.lastDraw = { t_ms: tMs, drawn_ms: performance.timeOrigin + performance.now() };
  diagnostics.draws += 1;
  performance.clearMarks("miseban:people");
  performance.mark("miseban:people", { detail: diagnostics.lastDraw });
}

/** Count a payload that could not be read. */
export function refused(error: Error): void {
  diagnostics.refused += 1;
  diagnostics.lastRefusal = error.message;
}
