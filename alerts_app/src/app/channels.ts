/** The ways by which the box tells of alerts, and the test of each. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Change } from "./api";
import { fetchJson, type FetchJson } from "./sync";
import { type Channel, readChannels, readTrial, type Trial } from "./wire/channels";

export class Channels {
  readonly #all = signal<readonly Channel[]>([]);

  constructor(
    private readonly change: Change,
    private readonly getJson: FetchJson = fetchJson,
  ) {}

  get all(): ReadonlySignal<readonly Channel[]> {
    return this.#all;
  }

  /** Ask again; what was told stays when there is no answer. */
  async refresh(): Promise<void> {
    this.#all.value = await this.getJson("/api/channels").then(readChannels).catch(() => this.#all.peek());
  }

  /** Try one for real; rejects when the box refuses or is out of reach. */
  async test(id: string): Promise<Trial> {
    const trial = readTrial(await this.change("POST", `/api/channels/${encodeURIComponent(id)}/test`, {}));
    await this.refresh();
    return trial;
  }
}
