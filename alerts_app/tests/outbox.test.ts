import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { memoryDatabase, openDatabase } from "../src/app/database";
import { Outbox, randomId } from "../src/app/outbox";
import type { Ack, StandingAck } from "../src/app/wire/alert";
import { alert } from "./example-alert";

function answered(ack: StandingAck | null): ReadonlyMap<string, ReturnType<typeof alert>> {
  return new Map([["a", alert("a", 5, { ack })]]);
}

describe("the outbox", () => {
  it("keeps an answer until the box's own alert carries it, through a restart of the app", async () => {
    const factory = new IDBFactory();
    const sent: Ack[] = [];
    let isConnected = false;
    const publish = (ack: Ack): boolean => isConnected && sent.push(ack) > 0;
    const before = new Outbox(await openDatabase(factory), publish, () => 1000);
    await before.answer("a", "spoke", "田中");
    expect(sent).toHaveLength(0);

    const after = new Outbox(await openDatabase(factory), publish, () => 2000);
    await after.load();
    expect(after.waiting.value.get("a")?.action).toBe("spoke");
    isConnected = true;
    after.flush();
    after.flush();
    expect(new Set(sent.map((ack) => ack.ackId)).size).toBe(1);
    await after.confirm(answered(null));
    expect(after.waiting.value.size).toBe(1);
    const ackId = sent[0]?.ackId ?? "";
    await after.confirm(answered({ ackId, action: "spoke", by: "田中", atMs: 900 }));
    expect(after.waiting.value.size).toBe(0);
    expect(await (await openDatabase(factory)).acks()).toEqual([]);
  });

  it("lets the newest answer of an alert stand", async () => {
    const database = await openDatabase(new IDBFactory());
    let now = 0;
    const outbox = new Outbox(database, () => true, () => (now += 1));
    await outbox.answer("a", "false", "x");
    await outbox.answer("a", "spoke", "x");
    expect((await database.acks()).map((ack) => ack.action)).toEqual(["spoke"]);
  });

  it("is settled by a later answer of somebody else, after ours had its time", async () => {
    const database = await openDatabase(new IDBFactory());
    let now = 1_000;
    const outbox = new Outbox(database, () => true, () => now);
    await outbox.answer("a", "seen", "x");
    const theirs = { ackId: "theirs", action: "spoke", by: "y", atMs: 5_000 } as const;
    await outbox.confirm(answered(theirs));
    expect(outbox.waiting.value.size).toBe(1);
    now += 20_000;
    await outbox.confirm(answered(theirs));
    expect(outbox.waiting.value.size).toBe(0);
  });

  it("gives up what nobody waits for any more", async () => {
    const factory = new IDBFactory();
    await new Outbox(await openDatabase(factory), () => false, () => 0).answer("a", "seen", "x");
    const later = new Outbox(await openDatabase(factory), () => false, () => 25 * 3600_000);
    await later.load();
    expect(later.waiting.value.size).toBe(0);
  });

  it("names answers by UUIDs of version 4", () => {
    expect(randomId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(randomId()).not.toBe(randomId());
  });
});

describe("several people on one phone", () => {
  it("keeps an answer until the one who gave it is signed in again", async () => {
    const sent: Ack[] = [];
    let name: string | null = "佐藤";
    let isConnected = false;
    const publish = (ack: Ack): boolean => {
      if (isConnected) sent.push(ack);
      return isConnected;
    };
    const outbox = new Outbox(memoryDatabase(), publish, () => 1000, randomId, () => name);
    await outbox.answer("a", "spoke", "佐藤");
    isConnected = true;
    name = "店長";
    outbox.flush();
    expect(sent).toEqual([]);
    name = "佐藤";
    outbox.flush();
    expect(sent.map((ack) => ack.by)).toEqual(["佐藤"]);
  });
});
