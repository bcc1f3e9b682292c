/** A day of the shop: people by the hour, where they stood, what became of the alerts. */

import { ACTIONS, type Action, LEVELS, type Level } from "./alert";
import { Fields, versioned } from "./json";

export interface Hour {
  readonly hour: number;
  readonly entered: number;
  readonly left: number;
  readonly mostInside: number;
}

export interface DwellCell {
  readonly ix: number;
  readonly iy: number;
  readonly seconds: number;
}

export interface Day {
  /** `YYYY-MM-DD`, of the shop's calendar. */
  readonly date: string;
  /** Days of which something is known, oldest first. */
  readonly days: readonly string[];
  readonly hours: readonly Hour[];
  readonly cellM: number;
  readonly cells: readonly DwellCell[];
  readonly byLevel: Readonly<Record<Level, number>>;
  readonly byAnswer: Readonly<Record<Action | "none", number>>;
  readonly reds: number;
  readonly spoken: number;
  /** From ringing to `spoke`. */
  readonly medianS: number | null;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MAX_COUNT = 10_000_000;

function readHour(value: unknown, where: string): Hour {
  const fields = new Fields(where, value);
  return {
    hour: fields.integer("hour", 0, 23),
    entered: fields.integer("in", 0, MAX_COUNT),
    left: fields.integer("out", 0, MAX_COUNT),
    mostInside: fields.integer("most_inside", 0, MAX_COUNT),
  };
}

function readCell(value: unknown, where: string): DwellCell {
  const [ix = 0, iy = 0, seconds = 0] = new Fields(where, { cell: value }).numbers("cell", 3, -1e6, 1e9);
  return { ix, iy, seconds };
}

function readDate(value: unknown, where: string): string {
  const date = new Fields(where, { date: value }).text("date", 10);
  return DATE.test(date) ? date : "";
}

function counts<K extends string>(fields: Fields, keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, fields.integer(key, 0, MAX_COUNT)])) as Record<K, number>;
}

/** Raises WireError when the answer is not that of `GET /api/day`. */
export function readDay(value: unknown): Day {
  const fields = versioned("day", value);
  const dwell = fields.object("dwell");
  const alerts = fields.object("alerts");
  const greeting = fields.object("greeting");
  return {
    date: fields.text("date", 10),
    days: fields.array("days", 1000, readDate),
    hours: fields.array("hours", 25, readHour),
    cellM: dwell.number("cell_m", 0.01, 10),
    cells: dwell.array("cells", 50_000, readCell),
    byLevel: counts(alerts.object("by_level"), LEVELS),
    byAnswer: counts(alerts.object("by_answer"), [...ACTIONS, "none"] as const),
    reds: greeting.integer("reds", 0, MAX_COUNT),
    spoken: greeting.integer("spoken", 0, MAX_COUNT),
    medianS: greeting.nullable("median_s", (key) => greeting.number(key, 0, 1e9)),
  };
}
