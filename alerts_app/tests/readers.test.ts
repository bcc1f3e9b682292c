/** Whatever comes as a payload: a reader gives what it promises, or says that it is none; nothing else is thrown. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAlert, readAlertPage } from "../src/app/wire/alert";
import { readHealth, readHeartbeat, readStatus, readStore } from "../src/app/wire/box";
import { readChannels } from "../src/app/wire/channels";
import { readDay } from "../src/app/wire/day";
import { readFloorGrid, readFlowCounts, readPeople } from "../src/app/wire/floor";
import { parseJson, WireError } from "../src/app/wire/json";
import { readShelves } from "../src/app/wire/shelves";
import { readSnoozes } from "../src/app/wire/snoozes";

const EXAMPLES = join(import.meta.dirname, "../../tests/wire");
/** Of all readers together. */
const CASES = 10_000;

const READERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  alert: (value) => readAlert(value),
  "alert-page": readAlertPage,
  counts: readFlowCounts,
  health: readHealth,
  heartbeat: readHeartbeat,
  map: readFloorGrid,
  people: readPeople,
  shelves: readShelves,
  snoozes: readSnoozes,
  status: readStatus,
  store: readStore,
};

const texts = Object.keys(READERS).map((kind) => ({
  kind,
  examples: readdirSync(EXAMPLES)
    .filter((name) => name.startsWith(`${kind}.`) && name.endsWith(".json"))
    .map((name) => readFileSync(join(EXAMPLES, name), "utf-8")),
}));

/** Values that look like what belongs there, and do not. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, -1, 0, 1, 2 ** 53, -(2 ** 53), 1e308, 0.5, "", "\u0000", "__proto__", [], {}, true, false),
  fc.integer({ min: 0, max: 20 }),
  fc.string({ maxLength: 2_000 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** The places in a value, as ways to them. */
function places(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...way, key]))];
}

/** The same with another value at one place, or without it. */
function changed(value: unknown, way: readonly string[], put: unknown): unknown {
  const [key, ...rest] = way;
  if (key === undefined) return put;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (String(index) === key ? changed(item, rest, put) : item));
  // A change before this one may have taken the place away.
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value as Record<string, unknown>);
  if (rest.length === 0 && put === undefined) return Object.fromEntries(fields.filter(([name]) => name !== key));
  return Object.fromEntries(fields.map(([name, inner]) => [name, name === key ? changed(inner, rest, put) : inner]));
}

/** An example with a few places changed, or with some bytes of its text. */
function spoilt(text: string): fc.Arbitrary<Uint8Array> {
  const value = JSON.parse(text) as unknown;
  const ways = places(value);
  const put = fc.oneof({ weight: 4, arbitrary: odd }, { weight: 1, arbitrary: fc.constant(undefined) });
  const values = fc
    .array(fc.tuple(fc.nat(ways.length - 1), put), { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce<unknown>((before, [at, what]) => changed(before, ways[at] ?? [], what), value));
  const encoder = new TextEncoder();
  const bytes = fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((flips) => {
    const flipped = encoder.encode(text);
    for (const [at, byte] of flips) flipped[at] = byte;
    return flipped;
  });
  return fc.oneof({ weight: 3, arbitrary: values.map((one) => encoder.encode(JSON.stringify(one ?? null))) }, { weight: 1, arbitrary: bytes });
}

/** True where it was read. */
function isRead(kind: string, payload: Uint8Array): boolean {
  try {
    READERS[kind]?.(parseJson(kind, payload));
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

describe("spoilt payloads", () => {
  it.each(texts)("of $kind are read or refused", ({ kind, examples }) => {
    let read = 0;
    const runs = Math.ceil(CASES / texts.length);
    const payloads = fc.oneof(...examples.map(spoilt));
    fc.assert(
      fc.property(payloads, (payload) => {
        if (isRead(kind, payload)) read += 1;
      }),
      { numRuns: runs, seed: 7 },
    );
    // Neither is every one refused, nor none: both ways were looked at.
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(runs);
  });

  it("of what is only asked over HTTP are read or refused", () => {
    fc.assert(
      fc.property(odd, fc.dictionary(fc.constantFrom("v", "date", "days", "hours", "dwell", "alerts", "greeting", "channels"), odd), (value, fields) => {
        for (const read of [readDay, readChannels])
          for (const one of [value, { v: 1, ...fields }])
            try {
              read(one);
            } catch (error) {
              if (!(error instanceof WireError)) throw error;
            }
      }),
      { numRuns: Math.ceil(CASES / texts.length), seed: 7 },
    );
  });
});
