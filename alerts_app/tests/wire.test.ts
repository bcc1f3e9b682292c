/** The app reads the same example files as the box writes and tests against. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { describe, expect, it } from "vitest";
import { readAlert, readAlertPage, writeAck } from "../src/app/wire/alert";
import { readHealth, readHeartbeat, readStatus, readStore } from "../src/app/wire/box";
import { columnMoving, columnTop, readFloorGrid, readFlowCounts, readPeople } from "../src/app/wire/floor";
import { parseJson, WireError } from "../src/app/wire/json";
import { readShelves } from "../src/app/wire/shelves";
import { readSnoozes } from "../src/app/wire/snoozes";

const ROOT = join(import.meta.dirname, "../..");
const EXAMPLES = join(ROOT, "tests/wire");
const SCHEMAS = join(ROOT, "edge/delivery/schemas");

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

/** Keys of an alert that an older box does not send. */
const TOLD_LATER = ["sensor", "episodes", "hush", "escalation", "pin"];

function example(name: string): unknown {
  return parseJson(name, readFileSync(join(EXAMPLES, name), "utf-8"));
}

const names = readdirSync(EXAMPLES).filter((name) => name.endsWith(".json"));
/** The app writes `ack`, and does not listen to `events`. */
const read = names.filter((name) => !name.startsWith("ack.") && !name.startsWith("event."));

describe("examples of the wire", () => {
  it.each(read)("%s is read", (name) => {
    const reader = READERS[name.split(".")[0] ?? ""];
    expect(reader, `no reader for ${name}`).toBeDefined();
    expect(reader?.(example(name))).toBeDefined();
  });

  it("covers every reader", () => {
    expect(new Set(read.map((name) => name.split(".")[0]))).toEqual(new Set(Object.keys(READERS)));
  });

  it.each(read)("%s with a key of a newer box is read all the same", (name) => {
    const value = { ...(example(name) as object), added_later: { deep: [1] } };
    expect(() => READERS[name.split(".")[0] ?? ""]?.(value)).not.toThrow();
  });

  it.each(read)("%s without any one of its keys, with another version, or as another type is refused", (name) => {
    const reader = READERS[name.split(".")[0] ?? ""];
    const value = example(name) as Record<string, unknown>;
    const unread = new Set(["site", "device", "broker", "late", "channels", ...TOLD_LATER]);
    for (const key of Object.keys(value)) {
      if (unread.has(key)) continue;
      const without = Object.fromEntries(Object.entries(value).filter(([other]) => other !== key));
      expect(() => reader?.(without), `without ${key}`).toThrow(WireError);
    }
    expect(() => reader?.({ ...value, v: 2 })).toThrow(/version 2/);
    for (const other of [null, [], "text", 7, true]) expect(() => reader?.(other)).toThrow(WireError);
  });
});

describe("values", () => {
  it("of the map: top, moving, size", () => {
    const grid = readFloorGrid(example("map.small.json"));
    expect([grid.nx, grid.ny, grid.originX, grid.cellM]).toEqual([3, 2, -2, 0.2]);
    expect([...grid.columns].map(columnTop)).toEqual([0, 1, 2, 10, 1, 10]);
    expect([...grid.columns].map(columnMoving)).toEqual([false, false, false, false, true, true]);
    const value = example("map.small.json") as object;
    expect(() => readFloorGrid({ ...value, size: [3, 3] })).toThrow(/6 columns, not 3 x 3/);
    expect(() => readFloorGrid({ ...value, columns: "???" })).toThrow(/base64/);
  });

  it("of people: state and level", () => {
    const { people, inside } = readPeople(example("people.three.json"));
    expect(inside).toBe(3);
    expect(people.map((person) => [person.id, person.seen, person.level])).toEqual([
      ["k3f9", true, "red"],
      ["m0ra", true, null],
      ["zz7c", false, "yellow"],
    ]);
  });

  it("of the day, beside the window's own", () => {
    const counts = readFlowCounts(example("counts.so-far.json"));
    expect([counts.closed, counts.entered, counts.today.entered, counts.today.left]).toEqual([false, 1, 32, 27]);
    expect(counts.today.lines).toEqual([{ id: "door", in: 31, out: 27 }]);
    const value = example("counts.so-far.json") as { today: object };
    expect(() => readFlowCounts({ ...value, today: { ...value.today, left: -1 } })).toThrow("counts.today.left: -1");
  });

  it("of shelves, level by level from below, and of what is not watched", () => {
    expect(readShelves(example("shelves.two.json")).shelves).toEqual([
      { id: "A", percents: [100, 35, null, 8] },
      { id: "冷蔵庫", percents: [72] },
    ]);
    const value = example("shelves.two.json") as object;
    for (const levels of [[101], [-1], [0.5], ["7"]]) {
      expect(() => readShelves({ ...value, shelves: [{ id: "A", levels }] }), String(levels)).toThrow(WireError);
    }
    const { watched } = readHealth(example("health.two.json"));
    expect(watched.map(({ shelf, zone, seen }) => [shelf, zone, seen])).toEqual([["A", null, 0.83], ["B", null, null], [null, "hall", null]]);
    expect(watched[1]?.fault).toContain("no size along x");
  });

  it("of an alert's litres: a volume or null", () => {
    const value = example("alert.sweep.json") as object;
    expect(readAlert(value).volumeL).toBe(4.127);
    expect(readAlert({ ...value, volume_l: null }).volumeL).toBeNull();
    for (const volume_l of [-1, "4.1", 1e6]) expect(() => readAlert({ ...value, volume_l })).toThrow(WireError);
  });

  it("of an alert of an older box, which does not tell for how many episodes it stands", () => {
    const value = example("alert.pinned.json") as object;
    const now = readAlert(value);
    expect([now.episodes, now.hush, now.escalation, now.pin?.by]).toEqual([3, null, 1, "田中"]);
    const then = readAlert(Object.fromEntries(Object.entries(value).filter(([key]) => !TOLD_LATER.includes(key))));
    expect([then.episodes, then.hush, then.escalation, then.pin, then.sensor]).toEqual([1, null, 0, null, null]);
    for (const episodes of [0, -1, 1.5, "2"]) expect(() => readAlert({ ...value, episodes })).toThrow(WireError);
    expect(readAlert(example("alert.snoozed.json")).hush).toBe("snoozed");
    expect(readAlert({ ...value, hush: "a later word" }).hush).toBe("a later word");
  });

  it("of a picture's name: nothing that could lead elsewhere", () => {
    const value = example("alert.sweep.json") as { reasons: object[] };
    expect(readAlert(value).reasons.map((reason) => reason.picture)).toEqual(["x3kd09tq", null]);
    for (const picture of ["../store", "a/b", "", "a?b", "%2e", 7]) {
      const other = { ...value, reasons: [{ ...value.reasons[0], picture }] };
      expect(() => readAlert(other), String(picture)).toThrow(WireError);
    }
  });

  it("beyond their bounds are refused, with where and what", () => {
    const value = example("people.three.json") as { people: object[] };
    const far = { ...value, people: [{ ...value.people[0], x: 1e6 }] };
    expect(() => readPeople(far)).toThrow("people.people[0].x: 1000000 is not within -1000 .. 1000");
    const crowd = { ...value, people: Array.from({ length: 501 }, () => value.people[0]) };
    expect(() => readPeople(crowd)).toThrow(/more than 500/);
  });

  it("that are not JSON or not UTF-8 are refused", () => {
    expect(() => parseJson("people", "{")).toThrow(WireError);
    expect(() => parseJson("people", new Uint8Array([0xff, 0x22]))).toThrow(WireError);
  });
});

describe("answers", () => {
  it("are written as the schema says, like the shared examples", () => {
    const validate = new Ajv2020({ strict: false }).compile(
      JSON.parse(readFileSync(join(SCHEMAS, "ack.json"), "utf-8")) as object,
    );
    const text = writeAck({ ackId: "0b9a4a0e-6d0f-4f0c-9a39-52a4a2f0a001", alertId: "a-5d0c91e2", action: "seen", by: "田中", atMs: 1795478409000 });
    expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(JSON.parse(text)).toEqual(example("ack.seen.json"));
  });
});
