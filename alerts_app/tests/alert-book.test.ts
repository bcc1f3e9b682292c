import { describe, expect, it } from "vitest";
import { AlertBook, KEPT_ALERTS } from "../src/app/alert-book";
import { AlertSync } from "../src/app/sync";
import type { Alert } from "../src/app/wire/alert";
import { alert } from "./example-alert";

function onTheWire(item: Alert): object {
  const { alertId, tMs, openedMs, endedMs, volumeL, ...same } = item;
  return { v: 1, alert_id: alertId, t_ms: tMs, opened_ms: openedMs, ended_ms: endedMs, volume_l: volumeL, ...same };
}

describe("the alert book", () => {
  it("keeps the highest seq of each alert, in whatever order and however often they come", () => {
    const changes = [alert("a", 1), alert("a", 4, { state: "ended" }), alert("b", 2), alert("a", 3, { level: "red" })];
    for (const order of [changes, [...changes].reverse(), [...changes, ...changes]]) {
      const book = new AlertBook();
      for (const change of order) book.merge([change]);
      expect(book.open.value.map((item) => item.alertId)).toEqual(["b"]);
      expect(book.ended.value.map((item) => [item.alertId, item.seq])).toEqual([["a", 4]]);
    }
  });

  it("says whether anything was news", () => {
    const book = new AlertBook();
    expect(book.merge([alert("a", 2)])).toBe(true);
    expect(book.merge([alert("a", 2), alert("a", 1)])).toBe(false);
  });

  it("puts the most urgent first, then the newest", () => {
    const book = new AlertBook();
    book.merge([alert("old", 1), alert("new", 2), alert("red", 3, { level: "red", openedMs: 0 }), alert("white", 4, { level: "white" })]);
    expect(book.open.value.map((item) => item.alertId)).toEqual(["red", "new", "old", "white"]);
  });

  it("forgets the oldest ended alerts, never an open one", () => {
    const book = new AlertBook();
    book.merge([alert("open", 1)]);
    book.merge(Array.from({ length: KEPT_ALERTS + 20 }, (_, index) => alert(`e${String(index)}`, index + 2, { state: "ended" })));
    expect(book.ended.value).toHaveLength(KEPT_ALERTS);
    expect(book.ended.value.at(-1)?.alertId).toBe("e20");
    expect(book.open.value).toHaveLength(1);
  });
});

describe("catching up", () => {
  /** A journal behind `GET /api/alerts`, with pages of `size`. */
  function journal(alerts: Alert[], size: number): { asked: string[]; get: (path: string) => Promise<unknown> } {
    const asked: string[] = [];
    const get = (path: string): Promise<unknown> => {
      asked.push(path);
      const since = Number(new URL(path, "http://box").searchParams.get("since"));
      const found = alerts.filter((item) => item.seq > since).slice(0, size);
      return Promise.resolve({ v: 1, alerts: found.map(onTheWire), next: found.at(-1)?.seq ?? since });
    };
    return { asked, get };
  }

  it("reads page after page until there is nothing new, and goes on from there", async () => {
    const kept = [alert("a", 3), alert("b", 5), alert("c", 9)];
    const { asked, get } = journal(kept, 2);
    const book = new AlertBook();
    const sync = new AlertSync(book, get);
    await sync.catchUp();
    expect(book.all.value.size).toBe(3);
    expect(asked.map((path) => path.split("&")[0])).toEqual(["/api/alerts?since=0", "/api/alerts?since=5", "/api/alerts?since=9"]);
    kept.push(alert("a", 12, { state: "ended" }));
    await sync.catchUp();
    expect(book.ended.value.map((item) => item.seq)).toEqual([12]);
  });

  it("asks once more when asked during a round", async () => {
    const kept = [alert("a", 1)];
    const { get } = journal(kept, 10);
    const book = new AlertBook();
    const sync = new AlertSync(book, get);
    const first = sync.catchUp();
    kept.push(alert("b", 2));
    await Promise.all([first, sync.catchUp()]);
    expect(book.all.value.size).toBe(2);
  });

  it("starts over when the box has another journal", async () => {
    const book = new AlertBook();
    book.merge([alert("gone", 900)]);
    const answers = [
      { v: 1, alerts: [], next: 2 },
      { v: 1, alerts: [onTheWire(alert("new", 2))], next: 2 },
      { v: 1, alerts: [], next: 2 },
    ];
    const sync = new AlertSync(book, () => Promise.resolve(answers.shift()));
    sync.resumeFrom(900);
    await sync.catchUp();
    expect([...book.all.value.keys()]).toEqual(["new"]);
  });

  it("fails when the box is out of reach, and works the next time", async () => {
    let isUp = false;
    const { get } = journal([alert("a", 1)], 10);
    const book = new AlertBook();
    const sync = new AlertSync(book, (path) => (isUp ? get(path) : Promise.reject(new Error("no network"))));
    await expect(sync.catchUp()).rejects.toThrow("no network");
    isUp = true;
    await sync.catchUp();
    expect(book.all.value.size).toBe(1);
  });
});
