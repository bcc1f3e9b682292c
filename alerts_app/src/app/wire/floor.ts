/** What is live on the floor: people, the map, the counts. */

import { type Level, LEVELS } from "./alert";
import { Fields, versioned, WireError } from "./json";

const TRACK_STATES = ["seen", "coasting"] as const;

/** One person now; the id is random and forgotten when the person leaves. */
export interface Person {
  readonly id: string;
  readonly xM: number;
  readonly yM: number;
  readonly vxMps: number;
  readonly vyMps: number;
  /** False while the person is carried over a gap by their motion. */
  readonly seen: boolean;
  readonly level: Level | null;
}

/** Everybody in view at `tMs`, the exposure of the frame. */
export interface People {
  readonly tMs: number;
  /** People in the shop, in view or not; who is in view may still be outside the door. */
  readonly inside: number;
  readonly people: readonly Person[];
}

/** The shop's grid from above. */
export interface FloorGrid {
  readonly tMs: number;
  readonly cellM: number;
  /** Column 0 covers `[originX * cellM, (originX + 1) * cellM)`. */
  readonly originX: number;
  readonly originY: number;
  readonly nx: number;
  readonly ny: number;
  /** `nx * ny` bytes, index `iy * nx + ix`; see {@link columnTop} and {@link columnMoving}. */
  readonly columns: Uint8Array;
}

/** People flow over one window, and over the shop's day so far. */
export interface FlowCounts {
  readonly startMs: number;
  readonly endMs: number;
  /** Until then a later one of the same start replaces this one. */
  readonly closed: boolean;
  readonly entered: number;
  readonly left: number;
  readonly inside: number;
  readonly lines: readonly LineFlow[];
  readonly today: DayFlow;
}

/** People flow since the shop's midnight, or since the box was started where that was later. */
export interface DayFlow {
  readonly sinceMs: number;
  readonly entered: number;
  readonly left: number;
  readonly lines: readonly LineFlow[];
}

export interface LineFlow {
  readonly id: string;
  readonly in: number;
  readonly out: number;
}

export const COLUMN_UNKNOWN = 0;
export const COLUMN_FREE = 1;
const MOVING_BIT = 0x80;

/** {@link COLUMN_UNKNOWN}, {@link COLUMN_FREE}, or 2 + the topmost occupied layer. */
export function columnTop(column: number): number {
  return column & ~MOVING_BIT;
}

/** Whether a moving thing is over the column. */
export function columnMoving(column: number): boolean {
  return (column & MOVING_BIT) !== 0;
}

function readPerson(value: unknown, where: string): Person {
  const fields = new Fields(where, value);
  return {
    id: fields.text("id", 64),
    xM: fields.number("x", -1000, 1000),
    yM: fields.number("y", -1000, 1000),
    vxMps: fields.number("vx", -50, 50),
    vyMps: fields.number("vy", -50, 50),
    seen: fields.oneOf("state", TRACK_STATES) === "seen",
    level: fields.nullable("level", (key) => fields.oneOf(key, LEVELS)),
  };
}

/** Raises WireError when the payload is not of topic `people`. */
export function readPeople(value: unknown): People {
  const fields = versioned("people", value);
  return {
    tMs: fields.time("t_ms"),
    inside: fields.integer("inside", 0, 10_000),
    people: fields.array("people", 500, readPerson),
  };
}

/** Raises WireError when the payload is not of topic `map`, or holds another number of columns than it says. */
export function readFloorGrid(value: unknown): FloorGrid {
  const fields = versioned("map", value);
  const [originX = 0, originY = 0] = fields.numbers("origin", 2, -10_000, 10_000);
  const [nx = 0, ny = 0] = fields.numbers("size", 2, 1, 35_000);
  const columns = fromBase64(fields.text("columns", 48_000));
  if (columns.length !== nx * ny) {
    throw new WireError("map.columns", `holds ${String(columns.length)} columns, not ${String(nx)} x ${String(ny)}`);
  }
  return { tMs: fields.time("t_ms"), cellM: fields.number("cell_m", 0.01, 100), originX, originY, nx, ny, columns };
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new WireError("map.columns", "is not base64");
  }
}

function readLineFlow(value: unknown, where: string): LineFlow {
  const fields = new Fields(where, value);
  return { id: fields.text("id", 64), in: fields.integer("in"), out: fields.integer("out") };
}

/** Raises WireError when the payload is not of topic `counts`. */
export function readFlowCounts(value: unknown): FlowCounts {
  const fields = versioned("counts", value);
  return {
    startMs: fields.time("t_start_ms"),
    endMs: fields.time("t_end_ms"),
    closed: fields.boolean("closed"),
    entered: fields.integer("entered"),
    left: fields.integer("left"),
    inside: fields.integer("inside"),
    lines: fields.array("lines", 64, readLineFlow),
    today: readDayFlow(fields.object("today")),
  };
}

function readDayFlow(fields: Fields): DayFlow {
  return {
    sinceMs: fields.time("since_ms"),
    entered: fields.integer("entered"),
    left: fields.integer("left"),
    lines: fields.array("lines", 64, readLineFlow),
  };
}
