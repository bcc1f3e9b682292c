import { signal } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import { BoxClock } from "../src/app/box-clock";
import { BoxState, SILENT_AFTER_MS } from "../src/app/box-state";
import type { Link } from "../src/app/connection";
import { columnName, floorExtent, insidePolygon, squareName } from "../src/app/extent";
import { Flow } from "../src/app/flow";
import { cleanName, preferredLanguage, Preferences } from "../src/app/preferences";
import { ago, startOfDay } from "../src/app/shop-time";
import type { Watched } from "../src/app/wire/box";
import type { FloorGrid, FlowCounts } from "../src/app/wire/floor";
import { PeopleMotion } from "../src/ui/floor/motion";
import { fitView, panned, toScreen, zoomed } from "../src/ui/floor/view";

describe("the box's clock", () => {
  it("trusts a phone that is right, and corrects one that is minutes off by its fastest message", () => {
    let phone = 1_000_000;
    const clock = new BoxClock(() => phone);
    clock.observe(999_900);
    expect(clock.now()).toBe(1_000_000);
    phone = 1_300_000;
    const wrong = new BoxClock(() => phone);
    wrong.observe(999_000);
    wrong.observe(999_950);
    expect(wrong.now()).toBe(999_950);
    phone += 500;
    expect(wrong.now()).toBe(1_000_450);
  });
});

describe("the condition", () => {
  it("tells living, silent, off and unreachable apart", () => {
    const link = signal<Link>("connecting");
    const box = new BoxState(link);
    expect(box.condition.value.is).toBe("connecting");
    link.value = "connected";
    box.listening(1_000);
    expect(box.condition.value.is).toBe("connecting");
    box.heardHeartbeat(2_000);
    expect(box.condition.value.is).toBe("live");
    box.tick(2_000 + SILENT_AFTER_MS + 1);
    expect(box.condition.value).toEqual({ is: "box-silent", sinceMs: 2_000 });
    box.heardHeartbeat(20_000);
    expect(box.condition.value.is).toBe("live");
    box.heardStatus({ online: false, tMs: 7 });
    expect(box.condition.value).toEqual({ is: "box-off", sinceMs: 7 });
    for (const gone of ["reconnecting", "offline", "no-broker"] as const) {
      link.value = gone;
      expect(box.condition.value.is).toBe(gone);
    }
  });

  it("sums up the sensors", () => {
    const box = new BoxState(signal<Link>("connected"));
    const states = ["ok", "ok", "stalled", "lost", "starting"] as const;
    const rest = { kind: "camera" as const, fps: 15, model: "", frameAgeMs: null, drops: 0, fault: null, levelDbfs: null };
    const sensors = states.map((state, index) => ({ ...rest, id: String(index), state }));
    box.heardHealth({ tMs: 0, sensors, watched: [] });
    expect(box.sensors.value).toMatchObject({ working: 2, total: 5, cameras: 5, microphones: 0 });
    expect(box.sensors.value?.failing.map((sensor) => sensor.id)).toEqual(["2", "3"]);
  });

  it("knows what is not watched, until it is", () => {
    const box = new BoxState(signal<Link>("connected"));
    const shelf = (id: string, fault: string | null): Watched => ({ shelf: id, zone: null, seen: 0.1, fault });
    box.heardHealth({ tMs: 0, sensors: [], watched: [shelf("A", null), shelf("B", "only 10 % of it can be seen")] });
    expect(box.unwatched.value.map((watched) => watched.shelf)).toEqual(["B"]);
    box.heardHealth({ tMs: 1, sensors: [], watched: [shelf("A", null), shelf("B", null)] });
    expect(box.unwatched.value).toEqual([]);
  });
});

describe("comings and goings", () => {
  const counts = (sinceMs: number, entered: number): FlowCounts => ({
    startMs: sinceMs,
    endMs: sinceMs + 60_000,
    closed: true,
    entered: 1,
    left: 1,
    inside: 0,
    lines: [{ id: "door", in: 1, out: 1 }],
    today: { sinceMs, entered, left: 1, lines: [{ id: "door", in: entered, out: 1 }] },
  });

  it("are the day's as the box last told it", () => {
    const flow = new Flow();
    expect(flow.today.value).toBeNull();
    flow.heard(counts(60_000, 3));
    flow.heard(counts(60_000, 4));
    flow.heard(counts(60_000, 4));
    expect(flow.today.value).toMatchObject({ sinceMs: 60_000, entered: 4, left: 1, lines: [{ id: "door", in: 4, out: 1 }] });
  });

  it("start anew at the shop's midnight", () => {
    const flow = new Flow();
    flow.heard(counts(0, 3));
    flow.startDay(60_000);
    expect(flow.today.value).toBeNull();
    flow.heard(counts(60_000, 0));
    expect(flow.today.value?.entered).toBe(0);
  });
});

describe("the floor", () => {
  const store = {
    name: "s",
    timezone: "Asia/Tokyo",
    topic: "t",
    open: true,
    bounds: { x0M: -1.5, y0M: 0, x1M: 2.2, y1M: 3.0000000001 },
    zones: [],
    shelves: [],
    lines: [],
    cameras: [],
  };

  it("is shown out to whole squares, which are named like those of a street map", () => {
    const extent = floorExtent(store, null);
    expect(extent).toEqual({ x0M: -2, y0M: 0, x1M: 3, y1M: 3 });
    if (extent === null) return;
    expect(squareName(extent, -1.9, 0.1)).toBe("A-1");
    expect(squareName(extent, 0.5, 2.99)).toBe("C-3");
    expect(squareName(extent, 3.1, 1)).toBeNull();
    expect([0, 25, 26, 51, 52, 701, 702].map(columnName)).toEqual(["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
  });

  it("is what the grid knows where nothing is drawn", () => {
    const columns = new Uint8Array(100);
    columns[33] = 1;
    columns[58] = 5;
    const grid: FloorGrid = { tMs: 0, cellM: 0.2, originX: 0, originY: 0, nx: 10, ny: 10, columns };
    expect(floorExtent(null, grid)).toEqual({ x0M: 0, y0M: 0, x1M: 2, y1M: 2 });
    expect(floorExtent(null, { ...grid, columns: new Uint8Array(100) })).toBeNull();
  });

  it("lies the right way round on the screen: x to the right, y up, and back after zooming", () => {
    const extent = { x0M: 0, y0M: 0, x1M: 4, y1M: 4 };
    const size = { widthPx: 400, heightPx: 400 };
    const fit = fitView(extent, size);
    const [low, high] = [toScreen(fit, 0, 0), toScreen(fit, 4, 4)];
    expect(high.x).toBeGreaterThan(low.x);
    expect(high.y).toBeLessThan(low.y);
    const at = toScreen(fit, 3, 1);
    const near = zoomed(fit, 2, at, extent, size);
    expect(near.pxPerM).toBeCloseTo(2 * fit.pxPerM);
    expect(zoomed(near, 0.1, { x: 0, y: 0 }, extent, size)).toEqual(fit);
    const far = toScreen(panned(near, 1e6, 0, extent, size), 0, 0);
    expect(far.x).toBeCloseTo(200);
  });

  it("knows what lies in a polygon", () => {
    const square = [[0, 0], [2, 0], [2, 2], [0, 2]].map(([xM = 0, yM = 0]) => ({ xM, yM }));
    expect(insidePolygon(1, 1, square)).toBe(true);
    expect(insidePolygon(3, 1, square)).toBe(false);
  });
});

describe("motion", () => {
  const walker = (xM: number, tMs: number): Parameters<PeopleMotion["heard"]>[0] => ({
    tMs,
    inside: 1,
    people: [{ id: "a", xM, yM: 0, vxMps: 1, vyMps: 0, seen: true, level: null }],
  });

  it("draws a walker without jumps and close to where they are by now", () => {
    const motion = new PeopleMotion(() => true);
    let worstStepM = 0;
    let worstErrorM = 0;
    let before: number | null = null;
    for (let nowMs = 0; nowMs < 4_000; nowMs += 16) {
      if (nowMs % 208 === 0) motion.heard(walker(nowMs / 1000, nowMs), nowMs);
      expect(motion.step(nowMs)).toBe(true);
      const [mover] = [...motion.movers];
      if (mover === undefined) continue;
      if (before !== null && nowMs > 500) {
        worstStepM = Math.max(worstStepM, Math.abs(mover.xM - before));
        worstErrorM = Math.max(worstErrorM, Math.abs(mover.xM - nowMs / 1000));
      }
      before = mover.xM;
    }
    expect(worstStepM).toBeLessThan(0.04);
    expect(worstErrorM).toBeLessThan(0.1);
  });

  it("comes to rest, and lets go of who is gone", () => {
    const motion = new PeopleMotion(() => true);
    const still = { ...walker(1, 0), people: walker(1, 0).people.map((person) => ({ ...person, vxMps: 0 })) };
    motion.heard(still, 0);
    let nowMs = 0;
    while (motion.step(nowMs)) nowMs += 16;
    expect(nowMs).toBeLessThan(1_000);
    motion.heard({ tMs: 1, inside: 0, people: [] }, nowMs);
    while (motion.step(nowMs)) nowMs += 16;
    expect([...motion.movers]).toHaveLength(0);
  });

  it("does not move at all for people who asked for none", () => {
    const motion = new PeopleMotion(() => false);
    motion.heard(walker(1, 0), 0);
    expect(motion.step(0)).toBe(false);
    const [mover] = [...motion.movers];
    expect(mover).toMatchObject({ xM: 1, opacity: 1, trail: [] });
  });
});

describe("time and choices", () => {
  it("knows the shop's midnight wherever the phone is", () => {
    expect(startOfDay(Date.UTC(2026, 10, 24, 16, 30), "Asia/Tokyo")).toBe(Date.UTC(2026, 10, 24, 15));
    expect(startOfDay(Date.UTC(2026, 10, 24, 14, 59), "Asia/Tokyo")).toBe(Date.UTC(2026, 10, 23, 15));
  });

  it("says how long ago in one unit", () => {
    expect([1, 42, 61, 7_300, 200_000].map((seconds) => ago(0, seconds * 1000))).toEqual([
      { unit: "now" },
      { unit: "second", count: 42 },
      { unit: "minute", count: 1 },
      { unit: "hour", count: 2 },
      { unit: "day", count: 2 },
    ]);
  });

  it("speaks the browser's language, and works where storage is refused", () => {
    expect(preferredLanguage(["fr-FR", "ja-JP"])).toBe("ja");
    expect(preferredLanguage(["fr-FR"])).toBe("en");
    const preferences = new Preferences(null, ["ja"]);
    preferences.setTheme("dark");
    expect(preferences.theme.value).toBe("dark");
    expect(cleanName(" 田中\u0007\n ")).toBe("田中");
    expect(Array.from(cleanName("店".repeat(99)))).toHaveLength(40);
  });
});
