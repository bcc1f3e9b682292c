/**
 * People who came and went, from what this phone has heard.
 *
 * The box sends closed windows; what happened since the newest of them is added from the single events, so that a
 * person who walks in is counted at once. Windows are told apart by their start, so a repeated one counts once.
 */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { FlowWindow, ShopEvent } from "./wire/floor";

export interface LineTally {
  readonly in: number;
  readonly out: number;
}

/** Sums since `sinceMs`; null before anything was heard. */
export interface FlowTally {
  readonly sinceMs: number;
  readonly entered: number;
  readonly left: number;
  readonly lines: ReadonlyMap<string, LineTally>;
}

/** Two days of one-minute windows. */
const MAX_WINDOWS = 2_880;
const MAX_EVENTS = 2_000;

export class Flow {
  readonly #windows = signal<readonly FlowWindow[]>([]);
  readonly #recent = signal<readonly ShopEvent[]>([]);
  readonly #dayStartMs = signal(0);

  readonly tally: ReadonlySignal<FlowTally | null> = computed(() => {
    const dayStartMs = this.#dayStartMs.value;
    const windows = this.#windows.value.filter((window) => window.endMs > dayStartMs);
    const events = this.#recent.value.filter((event) => event.startMs >= dayStartMs);
    return tallyOf(windows, events);
  });

  /** Count from here on only: midnight of the shop, UTC milliseconds. */
  startDay(dayStartMs: number): void {
    this.#dayStartMs.value = dayStartMs;
  }

  heardWindow(window: FlowWindow): void {
    const others = this.#windows.peek().filter((known) => known.startMs !== window.startMs);
    this.#windows.value = [...others, window].slice(-MAX_WINDOWS);
    this.#recent.value = this.#recent.peek().filter((event) => event.startMs >= window.endMs);
  }

  heardEvent(event: ShopEvent): void {
    if (event.kind !== "enter" && event.kind !== "exit" && event.kind !== "cross") return;
    const closedMs = Math.max(0, ...this.#windows.peek().map((window) => window.endMs));
    if (event.startMs < closedMs) return;
    this.#recent.value = [...this.#recent.peek(), event].slice(-MAX_EVENTS);
  }
}

function tallyOf(windows: readonly FlowWindow[], events: readonly ShopEvent[]): FlowTally | null {
  const starts = [...windows.map((window) => window.startMs), ...events.map((event) => event.startMs)];
  if (starts.length === 0) return null;
  const lines = new Map<string, LineTally>();
  const add = (id: string, into: number, out: number): void => {
    const known = lines.get(id) ?? { in: 0, out: 0 };
    lines.set(id, { in: known.in + into, out: known.out + out });
  };
  for (const window of windows) for (const line of window.lines) add(line.id, line.in, line.out);
  for (const event of events) {
    const line = event.kind === "cross" ? event.place?.line : undefined;
    if (line !== undefined && line !== null) add(line, event.direction === "in" ? 1 : 0, event.direction === "out" ? 1 : 0);
  }
  const happened = (kind: string): number => events.filter((event) => event.kind === kind).length;
  return {
    sinceMs: starts.reduce((first, start) => Math.min(first, start)),
    entered: sum(windows.map((window) => window.entered)) + happened("enter"),
    left: sum(windows.map((window) => window.left)) + happened("exit"),
    lines,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
