/**
 * Catching up with the box's journal.
 *
 * A broker's receipt only says that the broker holds a message in memory, so after each subscription the app asks the
 * journal what changed since the last `seq` that it has seen there, and merges by alert.
 */

import type { AlertBook } from "./alert-book";
import { readAlertPage } from "./wire/alert";

const PAGE = 200;
/** No journal is longer than this many pages in one go; the next subscription goes on. */
const MAX_PAGES = 50;

/** Fetch a path of this origin as JSON; rejects when the origin cannot be reached or answers with an error. */
export type FetchJson = (path: string) => Promise<unknown>;

export const fetchJson: FetchJson = async (path) => {
  const response = await fetch(path, { headers: { accept: "application/json" }, cache: "no-store" });
  if (!response.ok) throw new Error(`${path}: HTTP ${String(response.status)}`);
  return response.json() as Promise<unknown>;
};

export class AlertSync {
  #cursor = 0;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(
    private readonly book: AlertBook,
    private readonly getJson: FetchJson = fetchJson,
  ) {}

  /** Go on from the `seq` that an earlier visit had reached. */
  resumeFrom(cursor: number): void {
    this.#cursor = cursor;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** Ask for what changed; a call while one is under way makes it ask once more. Rejects when the box is out of reach. */
  async catchUp(): Promise<void> {
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#pages();
    try {
      await this.#running;
    } finally {
      this.#running = null;
    }
  }

  async #pages(): Promise<void> {
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { alerts, next } = readAlertPage(
        await this.getJson(`/api/alerts?since=${String(this.#cursor)}&limit=${String(PAGE)}`),
      );
      if (next < this.#cursor) {
        // The journal starts anew (a box was replaced): what we know belongs to another journal.
        this.book.clear();
        this.#cursor = 0;
        continue;
      }
      this.book.merge(alerts);
      this.#cursor = next;
      if (alerts.length > 0) continue;
      if (!this.#again) return;
      this.#again = false;
    }
  }
}
