/**
 * The way to the box's broker: MQTT over WebSocket at `/mqtt` of the page's own origin.
 *
 * mqtt.js is the largest thing in the app, so it is loaded only when a connection is asked for, after the first paint.
 */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { MqttClient } from "mqtt";
import { randomId } from "./outbox";

/** `offline`: the origin itself cannot be reached; `no-broker`: the origin answers, its broker does not. */
export type Link = "connecting" | "connected" | "reconnecting" | "offline" | "no-broker";

export interface ConnectionEvents {
  /** Subscribed: the broker will deliver from here on. */
  readonly subscribed: () => void;
  /** `topic` without the prefix. */
  readonly message: (topic: string, payload: Uint8Array) => void;
}

const TOPICS = { people: 0, heartbeat: 0, status: 1, map: 1, counts: 1, shelves: 1, health: 1, snoozes: 1, "alerts/+": 1 } as const;
const RETRY_STEPS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000] as const;
const CONNECT_TIMEOUT_MS = 8_000;
/** Long, because a browser slows the timers of a page that nobody looks at; the heartbeat tells silence much earlier. */
const KEEPALIVE_S = 90;

export class Connection {
  readonly #link = signal<Link>("connecting");
  #client: MqttClient | null = null;
  #failures = 0;
  #wasConnected = false;

  constructor(
    private readonly prefix: string,
    private readonly events: ConnectionEvents,
    private readonly origin: Location = location,
  ) {}

  get link(): ReadonlySignal<Link> {
    return this.#link;
  }

  /** Load the MQTT library and connect; reconnects by itself from then on. Rejects when the library cannot be loaded. */
  async open(): Promise<void> {
    const { default: mqtt } = await import("mqtt");
    const scheme = this.origin.protocol === "https:" ? "wss" : "ws";
    const client = mqtt.connect(`${scheme}://${this.origin.host}/mqtt`, {
      clientId: `app-${randomId().slice(0, 13)}`,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: RETRY_STEPS_MS[0],
      resubscribe: false,
      queueQoSZero: false,
      // The default makes a worker from a blob, which the page's content security policy refuses.
      timerVariant: "native",
    });
    this.#client = client;
    client.on("connect", () => {
      this.#subscribe(client);
    });
    client.on("message", (topic, payload) => {
      if (topic.startsWith(`${this.prefix}/`)) this.events.message(topic.slice(this.prefix.length + 1), payload);
    });
    client.on("close", () => {
      this.#lost(client);
    });
    // Each failure also closes; without a listener it would be thrown.
    client.on("error", () => undefined);
  }

  #subscribe(client: MqttClient): void {
    const topics = Object.fromEntries(
      Object.entries(TOPICS).map(([name, qos]) => [`${this.prefix}/${name}`, { qos }] as const),
    );
    client.subscribe(topics, (error) => {
      if (error) {
        client.reconnect();
        return;
      }
      this.#failures = 0;
      this.#wasConnected = true;
      client.options.reconnectPeriod = RETRY_STEPS_MS[0];
      this.#link.value = "connected";
      this.events.subscribed();
    });
  }

  #lost(client: MqttClient): void {
    this.#failures += 1;
    client.options.reconnectPeriod =
      RETRY_STEPS_MS[Math.min(this.#failures, RETRY_STEPS_MS.length) - 1] ?? RETRY_STEPS_MS[0];
    if (this.#link.value === "connected") this.#link.value = "reconnecting";
    if (this.#failures > 1) void this.#tellWhatIsGone();
  }

  async #tellWhatIsGone(): Promise<void> {
    const answers = await originAnswers();
    if (this.#link.value === "connected") return;
    this.#link.value = answers ? "no-broker" : "offline";
  }

  /** Whether there ever was a connection since the page was opened. */
  get wasConnected(): boolean {
    return this.#wasConnected;
  }

  /** Try again at once: the page is looked at again, or the network came back. */
  retryNow(): void {
    if (this.#client !== null && !this.#client.connected) this.#client.reconnect();
  }

  /** The box is silent although the socket looks open: a phone that changed networks never hears of it otherwise. */
  renew(): void {
    this.#client?.stream.destroy();
  }

  /** Publish with QoS 1; false when there is no connection, and nothing is queued then. */
  publish(topic: string, payload: string): boolean {
    if (this.#client === null || this.#link.peek() !== "connected") return false;
    this.#client.publish(`${this.prefix}/${topic}`, payload, { qos: 1 });
    return true;
  }

  close(): void {
    this.#client?.end(true);
    this.#client = null;
  }
}

async function originAnswers(): Promise<boolean> {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4_000) })).status < 500;
  } catch {
    // Any failure of the fetch means the same: the origin is out of reach.
    return false;
  }
}
