/** What the box tells of itself when it is asked. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { fetchJson, type FetchJson } from "./sync";
import { type About, readAbout } from "./wire/about";

export class AboutBox {
  readonly #told = signal<About | null>(null);

  constructor(private readonly getJson: FetchJson = fetchJson) {}

  get told(): ReadonlySignal<About | null> {
    return this.#told;
  }

  /** Ask again; what was told stays when there is no answer. */
  async refresh(): Promise<void> {
    this.#told.value = await this.getJson("/api/box").then(readAbout).catch(() => this.#told.peek());
  }
}
