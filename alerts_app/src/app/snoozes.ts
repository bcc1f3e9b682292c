/** What rings nobody for a while, the same on all phones. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Change } from "./api";
import type { Snooze } from "./wire/snoozes";

/** Kinds of alerts that may ring, the most usual first. */
export const RINGING_KINDS = [
  "crowd",
  "raised_voice",
  "bang",
  "alarm_sound",
  "glass_break",
  "scream",
  "machine_anomaly",
  "sweep",
  "unpaid_exit",
  "object_left",
  "object_removed",
  "intrusion",
  "camera_lost",
  "microphone_lost",
  "microphone_silent",
] as const;

export interface NewSnooze {
  readonly kind: string | null;
  readonly zone: string | null;
  readonly sensor: string | null;
  readonly minutes: number;
}

export class Snoozes {
  readonly #told = signal<readonly Snooze[]>([]);

  constructor(
    private readonly change: Change,
    private readonly nowMs: ReadonlySignal<number>,
  ) {}

  /** Those that still last; they end by themselves, also while the box is out of reach. */
  readonly all: ReadonlySignal<readonly Snooze[]> = computed(() =>
    this.#told.value.filter((snooze) => snooze.untilMs > this.nowMs.value),
  );

  heard(snoozes: readonly Snooze[]): void {
    this.#told.value = snoozes;
  }

  /** Rejects when the box refuses, or is out of reach: what could not be agreed on must not look silent. */
  async add(snooze: NewSnooze): Promise<void> {
    await this.change("POST", "/api/snoozes", snooze);
  }

  async end(id: string): Promise<void> {
    await this.change("DELETE", `/api/snoozes/${encodeURIComponent(id)}`);
  }
}
