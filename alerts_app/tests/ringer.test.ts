/** What an open page rings for, and what it does not. */

import { signal } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import { type Bell, Ringer, type RingFrom } from "../src/app/ringer";
import type { Alert } from "../src/app/wire/alert";
import { alert } from "./example-alert";

const NOW = 1_000_000;

function ringing(from: RingFrom = "red"): { open: ReturnType<typeof signal<readonly Alert[]>>; rung: string[]; badges: number[] } {
  const open = signal<readonly Alert[]>([]);
  const rung: string[] = [];
  const badges: number[] = [];
  const bell: Bell = { sound: (level) => rung.push(level), vibrate: () => undefined, badge: (count) => badges.push(count) };
  new Ringer(open, signal(from), () => NOW, bell).start();
  return { open, rung, badges };
}

const red = (id: string, more: Partial<Alert> = {}): Alert => alert(id, 1, { level: "red", tMs: NOW, openedMs: NOW, ack: null, hush: null, escalation: 0, ...more });

describe("the bell of an open page", () => {
  it("rings once for one alert, again when it rises or goes unanswered, and never twice for the same", () => {
    const { open, rung } = ringing("yellow");
    open.value = [red("a", { level: "yellow" })];
    open.value = [red("a", { level: "yellow", seq: 2 })];
    expect(rung).toEqual(["yellow"]);
    open.value = [red("a")];
    open.value = [red("a", { escalation: 1 })];
    open.value = [red("a", { escalation: 1, seq: 9 })];
    expect(rung).toEqual(["yellow", "red", "red"]);
  });
  it("rings once for many at a time, as loudly as the worst", () => {
    const { open, rung } = ringing("yellow");
    open.value = [red("a", { level: "yellow" }), red("b"), red("c", { level: "yellow" })];
    expect(rung).toEqual(["red"]);
  });
  it.each([
    ["hushed", { hush: "snoozed" }],
    ["answered", { ack: { ackId: "1", action: "seen", by: "x", atMs: NOW } }],
    ["old", { tMs: NOW - 600_000 }],
    ["below what was chosen", { level: "yellow" }],
  ] as const)("does not ring for what is %s", (_, more) => {
    const { open, rung } = ringing();
    open.value = [red("a", more)];
    expect(rung).toEqual([]);
  });
  it("is silent when that was chosen", () => {
    const { open, rung } = ringing("off");
    open.value = [red("a")];
    expect(rung).toEqual([]);
  });
  it("counts what is open, and not what is hushed", () => {
    const { open, badges } = ringing();
    open.value = [red("a"), red("b", { hush: "snoozed" })];
    open.value = [];
    expect(badges).toEqual([0, 1, 0]);
  });
});
