/** How full the shelves are. */

import { Fields, versioned } from "./json";

export interface ShelfFill {
  readonly id: string;
  /** Percent per level, the lowest first; null where that is not known. */
  readonly percents: readonly (number | null)[];
}

export interface Shelves {
  readonly tMs: number;
  readonly shelves: readonly ShelfFill[];
}

function readShelf(value: unknown, where: string): ShelfFill {
  const fields = new Fields(where, value);
  const percent = (item: unknown, at: string): number | null =>
    item === null ? null : new Fields(at, { percent: item }).integer("percent", 0, 100);
  return { id: fields.text("id", 64), percents: fields.array("levels", 101, percent) };
}

/** Raises WireError when the payload is not of topic `shelves`. */
export function readShelves(value: unknown): Shelves {
  const fields = versioned("shelves", value);
  return { tMs: fields.time("t_ms"), shelves: fields.array("shelves", 256, readShelf) };
}
