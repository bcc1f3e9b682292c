/** A day as the box tells it, and as the page shows it. */

import { describe, expect, it } from "vitest";
import { DayBook, neighbours, wholeHours } from "../src/app/day-book";
import { readDay } from "../src/app/wire/day";
import { strength } from "../src/ui/floor/dwell";

const TOLD = {
  v: 1,
  date: "2026-05-04",
  days: ["2026-05-01", "2026-05-04", "2026-05-06"],
  hours: [
    { hour: 9, in: 5, out: 1, most_inside: 4 },
    { hour: 12, in: 3, out: 7, most_inside: 6 },
    { hour: 23, in: 0, out: 0, most_inside: 0 },
  ],
  dwell: { cell_m: 0.2, cells: [[-2, 7, 1.5]] },
  alerts: { by_level: { white: 0, yellow: 1, red: 2 }, by_answer: { spoke: 1, staff: 0, false: 0, seen: 1, none: 1 } },
  greeting: { reds: 2, spoken: 1, median_s: 20.5 },
};

describe("a day", () => {
  it("is read with all its numbers", () => {
    const day = readDay(TOLD);
    expect(day.cells).toEqual([{ ix: -2, iy: 7, seconds: 1.5 }]);
    expect(day.byAnswer.none).toBe(1);
    expect([day.reds, day.spoken, day.medianS]).toEqual([2, 1, 20.5]);
  });
  it.each(["date", "days", "hours", "dwell", "alerts", "greeting"])("without %s is refused", (key) => {
    expect(() => readDay({ ...TOLD, [key]: undefined })).toThrow(/day/);
  });
  it("shows the quiet hours between the busy ones, and at least eight hours", () => {
    const entered = wholeHours(readDay(TOLD)).map((hour) => [hour.hour, hour.entered]);
    expect(entered.slice(0, 5)).toEqual([
      [9, 5],
      [10, 0],
      [11, 0],
      [12, 3],
      [13, 0],
    ]);
    expect(entered).toHaveLength(8);
    const late = wholeHours(readDay({ ...TOLD, hours: [{ hour: 23, in: 1, out: 0, most_inside: 1 }] }));
    expect([late.at(0)?.hour, late.at(-1)?.hour]).toEqual([16, 23]);
    expect(wholeHours(readDay({ ...TOLD, hours: [] }))).toEqual([]);
  });
  it("knows its neighbours, of which not every date has one", () => {
    expect(neighbours(readDay(TOLD))).toEqual({ before: "2026-05-01", after: "2026-05-06" });
    expect(neighbours(readDay({ ...TOLD, date: "2026-05-06" }))).toEqual({ before: "2026-05-04", after: null });
  });
});

describe("the book of days", () => {
  it("shows the day that was asked for last, however the answers come", async () => {
    const waiting = new Map<string, (value: unknown) => void>();
    const book = new DayBook((path) => new Promise((resolve) => waiting.set(path, resolve)));
    const first = book.show("2026-05-01");
    const second = book.show("2026-05-04");
    waiting.get("/api/day?date=2026-05-04")?.(TOLD);
    waiting.get("/api/day?date=2026-05-01")?.({ ...TOLD, date: "2026-05-01" });
    await Promise.all([first, second]);
    const shown = book.shown.value;
    expect(shown.is === "known" && shown.day.date).toBe("2026-05-04");
  });
  it("says so when the box is out of reach, and finds back", async () => {
    let there = false;
    const book = new DayBook(() => (there ? Promise.resolve(TOLD) : Promise.reject(new Error("offline"))));
    await book.show(null);
    expect(book.shown.value.is).toBe("unreachable");
    there = true;
    await book.refresh();
    expect(book.shown.value.is).toBe("known");
  });
});

describe("the colour of a cell", () => {
  it("grows with the time that people stood there, and is nothing for those who walk past", () => {
    expect(strength(0.5, 1000)).toBe(0);
    const steps = [2, 20, 200, 1000].map((seconds) => strength(seconds, 1000));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBeCloseTo(0.85);
    expect(strength(1, 1)).toBe(0);
  });
});
