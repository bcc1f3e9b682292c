/**
 * People who came and went today, as the box counts them: every phone shows the same, whenever it began to listen.
 */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { DayFlow, FlowCounts } from "./wire/floor";

export class Flow {
  readonly #heard = signal<DayFlow | null>(null);
  readonly #dayStartMs = signal(0);

  /** Null until the box has told of this day: what it said last may be of a day that is over. */
  readonly today: ReadonlySignal<DayFlow | null> = computed(() => {
    const heard = this.#heard.value;
    return heard !== null && heard.sinceMs >= this.#dayStartMs.value ? heard : null;
  });

  /** The shop's day began then: its midnight, UTC milliseconds. */
  startDay(dayStartMs: number): void {
    this.#dayStartMs.value = dayStartMs;
  }

  heard(counts: FlowCounts): void {
    this.#heard.value = counts.today;
  }
}
