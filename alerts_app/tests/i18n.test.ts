import { describe, expect, it } from "vitest";
import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { amountInWords, hindranceInWords, kindInWords, placeInWords, reasonInWords, timeInWords, watchedInWords } from "../src/i18n/speak";
import type { Alert, Place } from "../src/app/wire/alert";
import type { Watched } from "../src/app/wire/box";
import { KINDS, type Words } from "../src/i18n/words";
import { alert } from "./example-alert";

/** Every text of a language by its path; functions are called with something plausible. */
function texts(value: unknown, path = ""): Map<string, string> {
  if (typeof value === "string") return new Map([[path, value]]);
  if (typeof value === "function") return new Map();
  const found = new Map<string, string>();
  for (const [key, inner] of Object.entries(value as object)) {
    for (const [innerPath, text] of texts(inner, `${path}.${key}`)) found.set(innerPath, text);
  }
  return found;
}

const PLACE = { xM: 2.5, yM: 6.2, zM: 1, zone: "aisle-1", shelf: "A", shelfLevel: 1, line: null };
const EXTENT = { x0M: 0, y0M: 0, x1M: 9, y1M: 9 };
const ZONE = { id: "aisle-1", kind: "aisle", polygon: [] } as const;
const STORE = { name: "", timezone: "Asia/Tokyo", topic: "", open: true, bounds: EXTENT, zones: [ZONE], shelves: [], lines: [], cameras: [] };

describe("the languages", () => {
  it("say the same things", () => {
    expect([...texts(ja).keys()].sort()).toEqual([...texts(en).keys()].sort());
    for (const words of [ja, en]) for (const [path, text] of texts(words)) expect(text.trim(), path).not.toBe("");
  });

  it("are not mixed up: Japanese texts are Japanese, English ones are not", () => {
    const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/;
    for (const [path, text] of texts(ja)) if (path !== ".locale") expect(text, path).toMatch(japanese);
    for (const [path, text] of texts(en)) expect(text, path).not.toMatch(japanese);
  });

  it.each([["ja", ja], ["en", en]] as const)("%s has words for every kind, and for one that it does not know", (_, words) => {
    for (const kind of KINDS) expect(kindInWords(words, kind)).not.toBe(words.otherKind);
    expect(kindInWords(words, "newer_than_this_app")).toBe(words.otherKind);
    expect(reasonInWords(words, { kind: "newer_than_this_app", text: "seen twice", place: null })).toBe("seen twice");
  });

  it("name what is plugged in", () => {
    expect([ja.sensors.allWell(2, 1), ja.sensors.allWell(0, 1)]).toEqual(["カメラ2台・マイク1本、すべて正常", "マイク1本、すべて正常"]);
    expect([en.sensors.allWell(1, 0), en.sensors.allWell(2, 1)]).toEqual([
      "1 camera, working",
      "2 cameras and 1 microphone, all working",
    ]);
  });

  it("count in the way of the language", () => {
    expect([1, 2].map(en.now.people)).toEqual(["1 person", "2 people"]);
    expect(ja.now.people(2)).toBe("2人");
    expect([en, ja].map((words: Words) => words.ago({ unit: "minute", count: 3 }))).toEqual(["3 min ago", "3分前"]);
    expect([en, ja].map((words) => words.duration(90_000))).toEqual(["2 min", "2分"]);
  });
});

describe("goods", () => {
  it("are counted as goods, and people as people", () => {
    expect(amountInWords(ja, { kind: "sweep", count: 6, volumeL: null })).toBe("6点");
    expect(amountInWords(en, { kind: "unpaid_exit", count: 1, volumeL: null })).toBe("1 item");
    expect(amountInWords(ja, { kind: "crowd", count: 6, volumeL: null })).toBe("6人");
    expect(amountInWords(ja, { kind: "bang", count: 3, volumeL: null })).toBe("3回");
    expect(amountInWords(en, { kind: "scream", count: 1, volumeL: null })).toBe("");
    expect(amountInWords(en, { kind: "camera_lost", count: 1, volumeL: null })).toBe("");
    expect(amountInWords(en, { kind: "microphone_lost", count: 4, volumeL: null })).toBe("4 times");
  });

  it("are told with about how many litres, where that is known", () => {
    const inWords = (words: Words, volumeL: number): string => amountInWords(words, { kind: "sweep", count: 5, volumeL });
    expect([3.21, 12.6, 0.04, 9.49, 9.5].map((litres) => inWords(ja, litres))).toEqual([
      "5点 · 約3.2 L",
      "5点 · 約13 L",
      "5点 · 約0.1 L",
      "5点 · 約9.5 L",
      "5点 · 約10 L",
    ]);
    expect(inWords(en, 3.21)).toBe("5 items · about 3.2 L");
    const keptByAnOlderApp: Partial<Alert> = alert("a", 1, { kind: "sweep", count: 5 });
    Reflect.deleteProperty(keptByAnOlderApp, "volumeL");
    expect(amountInWords(ja, keptByAnOlderApp as Alert)).toBe("5点");
  });

  it("are called goods on a shelf, and things elsewhere", () => {
    const taken = (place: Place | null): string => reasonInWords(ja, { kind: "item_taken", text: "", place });
    expect(taken(PLACE)).toBe("商品が取られた");
    expect(taken({ ...PLACE, shelf: null })).toBe("物が取られた");
    expect(taken(null)).toBe("物が取られた");
  });

  it("that cannot be watched: where, why and what to do", () => {
    const watched = (seen: number | null): Watched => ({ shelf: "A", zone: null, seen, fault: "says the box" });
    expect(hindranceInWords(ja, watched(null))).toBe(ja.shelves.drawn);
    expect(hindranceInWords(ja, watched(0.004))).toBe(ja.shelves.unseen);
    expect(hindranceInWords(en, watched(0.12))).toContain("Only 12 %");
    expect(watchedInWords(ja, watched(0), STORE)).toBe("棚 A");
    expect(watchedInWords(ja, { ...watched(0), shelf: null, zone: "aisle-1" }, STORE)).toBe("通路");
    expect(watchedInWords(ja, { ...watched(0), shelf: null, zone: "gone" }, STORE)).toBe("gone");
  });
});

describe("places and times", () => {
  it("are told by zone, shelf and square", () => {
    expect(placeInWords(ja, PLACE, STORE, EXTENT)).toBe("通路 · 棚 A · 下から2段目 · C-7");
    expect(placeInWords(en, { ...PLACE, shelf: null, shelfLevel: null }, STORE, EXTENT)).toBe("Aisle · C-7");
    expect(placeInWords(ja, null, STORE, EXTENT)).toBe("店内");
  });

  it("use the installer's own words, and ids where a kind of zone is not enough", () => {
    const two = { ...STORE, zones: [ZONE, { ...ZONE, id: "aisle-2" }] };
    expect(placeInWords(en, { ...PLACE, shelf: null, shelfLevel: null }, two, null)).toBe("Aisle aisle-1");
    const own = { ...STORE, zones: [{ ...ZONE, id: "雑誌コーナー" }] };
    expect(placeInWords(en, { ...PLACE, zone: "雑誌コーナー", shelf: null, shelfLevel: null }, own, null)).toBe("雑誌コーナー");
  });

  it("are the shop's, with the date when it is another day", () => {
    const now = Date.UTC(2026, 10, 24, 3);
    expect(timeInWords(ja, now, now, "Asia/Tokyo")).toBe("12:00");
    expect(timeInWords(ja, now - 86_400_000, now, "Asia/Tokyo")).toBe("11月23日 12:00");
  });
});
