import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { Refusal } from "../src/app/api";
import { openDatabase } from "../src/app/database";
import { PhoneMemory } from "../src/app/phone-memory";
import { isFor } from "../src/app/push";
import { Answers } from "../src/worker/answer";
import { notification, readPushed, unreadable } from "../src/worker/notice";
import { Ringer, type Scope } from "../src/worker/ring";

const PLACE = { zone: "aisle-2", zone_kind: "aisle", shelf: "A", level: 1, line: null };
const PUSHED = {
  v: 1, alert_id: "a-1", seq: 7, t_ms: 1_795_478_400_000, level: "red", kind: "intrusion", place: PLACE,
  state: "open", count: 1, escalation: 0, silent: false, name: "みせばん 本店", topic: "miseban/v1/store/box",
};

/** Cache Storage as far as the phone's memory uses it. */
function caches(): CacheStorage {
  const kept = new Map<string, string>();
  const cache = {
    match: (path: string) => Promise.resolve(kept.has(path) ? new Response(kept.get(path)) : undefined),
    put: async (path: string, response: Response) => void kept.set(path, await response.text()),
  };
  return { open: () => Promise.resolve(cache) } as unknown as CacheStorage;
}

describe("a notification", () => {
  it("says what and where in the phone's language, and offers two answers", () => {
    const { title, options } = notification(readPushed(PUSHED), "ja", true);
    expect(title).toBe("至急 · 営業時間外に人がいる");
    expect(options.body).toBe("通路 · 棚 A · 下から2段目\nみせばん 本店");
    expect(options.tag).toBe("a-1");
    expect(options.actions?.map((action) => action.title)).toEqual(["声をかけた", "確認した"]);
    expect([options.silent, options.renotify, options.requireInteraction]).toEqual([false, true, true]);
    const english = notification(readPushed({ ...PUSHED, escalation: 1, place: null }), "en", true);
    expect(english.options.body).toContain("Nobody has answered yet");
  });

  it("makes no sound beside an open page, and does not vibrate either", () => {
    const { options } = notification(readPushed(PUSHED), "en", false);
    expect([options.silent, options.renotify, options.vibrate]).toEqual([true, false, undefined]);
  });

  it("tells of an outage, of a test, and of what it cannot read", () => {
    const away = readPushed({ ...PUSHED, alert_id: null, kind: "away", count: 12, silent: true, place: null });
    expect(notification(away, "en", true).title).toBe("12 alerts while notifications could not be sent");
    expect(notification(away, "en", true).options.actions).toBeUndefined();
    const test = readPushed({ ...PUSHED, alert_id: null, kind: "test", place: null });
    expect(notification(test, "ja", true).title).toBe("通知の試験");
    expect(() => readPushed({ ...PUSHED, v: 2 })).toThrow();
    expect(() => readPushed(null)).toThrow();
    expect(unreadable("ja").title).not.toBe("");
  });
});

describe("the phone's memory", () => {
  it("lets an alert ring once, and again only when it is louder", async () => {
    const storage = caches();
    const rings = (rank: number, escalation = 0): Promise<boolean> => new PhoneMemory(storage).rings("a", { rank, escalation });
    expect(await rings(1)).toBe(true);
    expect(await rings(1)).toBe(false);
    expect(await rings(2)).toBe(true);
    expect(await rings(2, 1)).toBe(true);
    expect(await rings(1, 1)).toBe(false);
  });

  it("keeps language and name, and else takes the browser's", async () => {
    const storage = caches();
    expect(await new PhoneMemory(storage).about(["ja-JP"])).toEqual({ language: "ja", name: "", levels: [] });
    const about = { language: "en", name: "Mori", levels: ["yellow", "red"] } as const;
    await new PhoneMemory(storage).remember(about);
    expect(await new PhoneMemory(storage).about(["ja-JP"])).toEqual(about);
  });

  it("does without, where the browser keeps nothing", async () => {
    const memory = new PhoneMemory(undefined);
    expect(await memory.rings("a", { rank: 1, escalation: 0 })).toBe(true);
    expect(await memory.about(["en"])).toEqual({ language: "en", name: "", levels: [] });
  });
});

describe("an answer on the notification", () => {
  const session = { v: 1, csrf: "proof", user: { name: "Mori", role: "staff" } };

  it("is kept before it is sent, and forgotten when the box has it", async () => {
    const factory = new IDBFactory();
    const asked: unknown[] = [];
    const open = (): ReturnType<typeof openDatabase> => openDatabase(factory);
    const answers = new Answers(open, () => Promise.resolve(session), (csrf) => async (_method, path, body) => {
      expect(await (await open()).acks()).toHaveLength(1);
      asked.push([csrf, path, body]);
      return { stored: true };
    });
    expect(await answers.give("a", "spoke", "Mori")).toBe(true);
    expect(asked).toEqual([["proof", "/api/acks", expect.objectContaining({ alert_id: "a", action: "spoke" })]]);
    expect(await (await open()).acks()).toEqual([]);
  });

  it("waits while the box is out of reach or the phone is signed out, and goes later", async () => {
    const factory = new IDBFactory();
    const open = (): ReturnType<typeof openDatabase> => openDatabase(factory);
    let failure: Error | null = new TypeError("out of reach");
    const answers = new Answers(open, () => Promise.resolve(session), () => () =>
      failure === null ? Promise.resolve({ stored: true }) : Promise.reject(failure),
    );
    expect(await answers.give("a", "seen", "Mori")).toBe(false);
    failure = new Refusal(401, "signed_out", null);
    expect(await answers.flush()).toBe(false);
    expect(await (await open()).acks()).toMatchObject([{ alertId: "a", action: "seen", by: "Mori" }]);
    failure = null;
    expect(await answers.flush()).toBe(true);
    expect(await (await open()).acks()).toEqual([]);
  });

  it("is dropped when the alert is forgotten, and waits for the one who gave it", async () => {
    const factory = new IDBFactory();
    const open = (): ReturnType<typeof openDatabase> => openDatabase(factory);
    const refusing = new Answers(open, () => Promise.resolve(session), () => () =>
      Promise.reject(new Refusal(404, "no_alert", null)),
    );
    expect(await refusing.give("gone", "seen", "Mori")).toBe(true);
    expect(await (await open()).acks()).toEqual([]);
    expect(await refusing.give("a", "seen", "Sato")).toBe(false);
    expect(await (await open()).acks()).toHaveLength(1);
  });
});

describe("a phone whose address has changed", () => {
  it("subscribes with the box's key again and tells the box, in the phone's language and for its levels", async () => {
    const storage = caches();
    await new PhoneMemory(storage).remember({ language: "ja", name: "Mori", levels: ["red"] });
    const told: unknown[] = [];
    const answers = new Answers(
      () => Promise.reject(new Error("not needed")),
      () => Promise.resolve({ v: 1, csrf: "proof", user: null }),
      (csrf) => (method, path, body) => Promise.resolve(told.push([csrf, method, path, body])),
    );
    const key = new Uint8Array([1]).buffer;
    const made = { toJSON: () => ({ endpoint: "https://push.example/new", keys: { p256dh: "p", auth: "a" } }) };
    const pushManager = {
      getSubscription: () => Promise.resolve(null),
      subscribe: (options: PushSubscriptionOptionsInit) => Promise.resolve(options.applicationServerKey === key ? made : null),
    };
    const scope = { registration: { pushManager } } as unknown as Scope;
    const old = { options: { applicationServerKey: key } } as unknown as PushSubscription;
    await new Ringer(scope, new PhoneMemory(storage), answers).readdressed(old);
    const body = { endpoint: "https://push.example/new", keys: { p256dh: "p", auth: "a" }, language: "ja", levels: ["red"] };
    expect(told).toEqual([["proof", "POST", "/api/push", body]]);
  });
});

describe("a subscription", () => {
  it("is known by the box's key that it was made for", () => {
    const bytes = new Uint8Array([251, 255, 1]);
    expect(isFor({ options: { applicationServerKey: bytes.buffer, userVisibleOnly: true } }, "-_8B")).toBe(true);
    expect(isFor({ options: { applicationServerKey: bytes.buffer, userVisibleOnly: true } }, "AAAA")).toBe(false);
    expect(isFor({ options: { applicationServerKey: null, userVisibleOnly: true } }, "AAAA")).toBe(false);
  });
});
