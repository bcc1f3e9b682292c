/**
 * Answers on their way to the box.
 *
 * A tap is written to the phone's database before anything else, sent again after each reconnection and every few
 * seconds, and only forgotten when the box's own alert carries an answer: a broker's receipt proves nothing. The box
 * takes the same `ack_id` once, so sending twice is harmless.
 */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Database } from "./database";
import type { Ack, Action, Alert } from "./wire/alert";

/** An answer that the box has not confirmed for this long will not be missed by anybody. */
const GIVE_UP_MS = 24 * 3600_000;
/** Ours was sent for this long; a later answer of somebody else then settles it too. */
const SETTLED_BY_OTHERS_MS = 15_000;

/** Hand an answer to the broker; false when there is no connection. */
export type Publish = (ack: Ack) => boolean;

export class Outbox {
  readonly #waiting = signal<ReadonlyMap<string, Ack>>(new Map());

  constructor(
    private readonly database: Database,
    private readonly publish: Publish,
    private readonly now: () => number = Date.now,
    private readonly newId: () => string = randomId,
    /** Who may give answers now; null where everybody may. An answer of somebody else waits for them. */
    private readonly signedIn: () => string | null = () => null,
  ) {}

  /** The newest unconfirmed answer of each alert, by `alertId`. */
  get waiting(): ReadonlySignal<ReadonlyMap<string, Ack>> {
    return this.#waiting;
  }

  /** Take up the answers that an earlier visit left. */
  async load(): Promise<void> {
    const kept = await this.database.acks();
    const waiting = new Map(this.#waiting.peek());
    for (const ack of kept.sort((a, b) => a.atMs - b.atMs)) {
      if (this.now() - ack.atMs > GIVE_UP_MS) await this.database.deleteAck(ack.ackId);
      else if (!waiting.has(ack.alertId)) waiting.set(ack.alertId, ack);
    }
    this.#waiting.value = waiting;
    this.flush();
  }

  /** Keep an answer, then send it. Resolves when it is safe on the phone. */
  async answer(alertId: string, action: Action, by: string): Promise<void> {
    const ack: Ack = { ackId: this.newId(), alertId, action, by, atMs: this.now() };
    const replaced = this.#waiting.peek().get(alertId);
    this.#waiting.value = new Map(this.#waiting.peek()).set(alertId, ack);
    await this.database.putAck(ack);
    if (replaced !== undefined) await this.database.deleteAck(replaced.ackId);
    this.publish(ack);
  }

  /** Send everything that waits. */
  flush(): void {
    const name = this.signedIn();
    for (const ack of this.#waiting.peek().values()) {
      if (name !== null && ack.by !== name) continue;
      if (!this.publish(ack)) return;
    }
  }

  /** Forget the answers that the box's alerts carry. */
  async confirm(alerts: ReadonlyMap<string, Alert>): Promise<void> {
    const settled = [...this.#waiting.peek().values()].filter((ack) => this.#isSettled(ack, alerts.get(ack.alertId)));
    if (settled.length === 0) return;
    const waiting = new Map(this.#waiting.peek());
    for (const ack of settled) waiting.delete(ack.alertId);
    this.#waiting.value = waiting;
    for (const ack of settled) await this.database.deleteAck(ack.ackId);
  }

  #isSettled(ack: Ack, alert: Alert | undefined): boolean {
    const standing = alert?.ack;
    if (standing === undefined || standing === null) return false;
    if (standing.ackId === ack.ackId) return true;
    return standing.atMs >= ack.atMs && this.now() - ack.atMs > SETTLED_BY_OTHERS_MS;
  }
}

/** A random UUID; `crypto.randomUUID` exists on secure origins only, and a shop's LAN address may not be one. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
