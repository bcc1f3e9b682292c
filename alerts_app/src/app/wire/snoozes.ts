/** What rings nobody for a while, because somebody asked for that. */

import { Fields, versioned } from "./json";

/** An alert is meant when it fits all that is not null. */
export interface Snooze {
  readonly id: string;
  readonly kind: string | null;
  readonly zone: string | null;
  readonly sensor: string | null;
  readonly untilMs: number;
  /** Empty where nobody signs in. */
  readonly by: string;
  readonly atMs: number;
}

export function readSnooze(value: unknown, where = "snooze"): Snooze {
  const fields = new Fields(where, value);
  const name = (key: string): string => fields.text(key, 64);
  return {
    id: fields.text("id", 64),
    kind: fields.nullable("kind", (key) => fields.text(key, 40)),
    zone: fields.nullable("zone", name),
    sensor: fields.nullable("sensor", name),
    untilMs: fields.time("until_ms"),
    by: fields.text("by", 64),
    atMs: fields.time("at_ms"),
  };
}

/** Raises WireError when the payload is not a list of snoozes. */
export function readSnoozes(value: unknown): readonly Snooze[] {
  return versioned("snoozes", value).array("snoozes", 50, readSnooze);
}
