/** Which day is looked at, and what is known of it. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { fetchJson, type FetchJson } from "./sync";
import { type Day, readDay } from "./wire/day";

export type Shown =
  | { readonly is: "loading" | "unreachable" }
  | { readonly is: "known"; readonly day: Day };

export class DayBook {
  readonly #shown = signal<Shown>({ is: "loading" });
  /** The day that was asked for last; null is today. */
  #date: string | null = null;

  constructor(private readonly getJson: FetchJson = fetchJson) {}

  get shown(): ReadonlySignal<Shown> {
    return this.#shown;
  }

  /** Look at a day, today without a date; what is shown stays until the answer is there. */
  async show(date: string | null): Promise<void> {
    this.#date = date;
    let shown: Shown;
    try {
      shown = { is: "known", day: readDay(await this.getJson(date === null ? "/api/day" : `/api/day?date=${date}`)) };
    } catch {
      // Offline, or an answer that cannot be read: the page says so, and asks again when it is opened again.
      shown = { is: "unreachable" };
    }
    if (this.#date === date) this.#shown.value = shown;
  }

  /** Ask again for the day that is shown. */
  async refresh(): Promise<void> {
    await this.show(this.#date);
  }
}

/** The known days before and after one, null where there is none. */
export function neighbours(day: Day): { readonly before: string | null; readonly after: string | null } {
  const before = day.days.filter((date) => date !== "" && date < day.date).at(-1) ?? null;
  const after = day.days.find((date) => date > day.date) ?? null;
  return { before, after };
}

/** A day that has just begun is not drawn as one wide bar. */
const LEAST_HOURS = 8;

/** Every hour from the first to the last in which anything happened, with the quiet ones between them. */
export function wholeHours(day: Day): Day["hours"] {
  const busy = day.hours.filter((hour) => hour.entered + hour.left + hour.mostInside > 0);
  const first = busy.at(0)?.hour;
  const last = busy.at(-1)?.hour;
  if (first === undefined || last === undefined) return [];
  const start = Math.max(0, Math.min(first, 24 - LEAST_HOURS));
  return Array.from({ length: Math.max(last - start + 1, LEAST_HOURS) }, (_, k) => {
    const nothing = { hour: start + k, entered: 0, left: 0, mostInside: 0 };
    return busy.find((hour) => hour.hour === start + k) ?? nothing;
  });
}
