/** What the shelves ask of the staff: which levels to fill first, and which cannot be watched. */

import type { Watched } from "./wire/box";
import type { ShelfFill } from "./wire/shelves";

export interface LevelFill {
  readonly shelf: string;
  /** 0 is the lowest. */
  readonly level: number;
  readonly percent: number;
}

/** Below this a level asks to be filled. */
export const LOW_PERCENT = 25;

/** Every level that something is known of, the emptiest first. */
export function emptiestFirst(shelves: readonly ShelfFill[]): LevelFill[] {
  const levels = shelves.flatMap(({ id, percents }) =>
    percents.flatMap((percent, level) => (percent === null ? [] : [{ shelf: id, level, percent }])),
  );
  return levels.sort((a, b) => a.percent - b.percent || a.shelf.localeCompare(b.shelf) || a.level - b.level);
}

/** What hinders watching: how it is drawn, or how much of it can be seen. */
export type Hindrance = { readonly is: "drawn" | "unseen" } | { readonly is: "partly"; readonly percent: number };

export function hindrance(watched: Watched): Hindrance {
  if (watched.seen === null) return { is: "drawn" };
  const percent = Math.round(100 * watched.seen);
  return percent === 0 ? { is: "unseen" } : { is: "partly", percent };
}
