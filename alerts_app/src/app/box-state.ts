/** How the box does: alive or silent since when, and its sensors. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Link } from "./connection";
import type { Health, SensorHealth, Status, Watched } from "./wire/box";

/** The heartbeat comes every 2 s; three lost ones are silence. */
export const SILENT_AFTER_MS = 7_000;

/** What one calm line says about the way from the cameras to this phone. */
export type Condition =
  | { readonly is: "connecting" | "live" | "reconnecting" | "offline" | "no-broker" }
  | { readonly is: "box-off"; readonly sinceMs: number }
  | { readonly is: "box-silent"; readonly sinceMs: number };

export interface SensorSummary {
  readonly working: number;
  readonly total: number;
  readonly cameras: number;
  readonly microphones: number;
  readonly starting: readonly SensorHealth[];
  readonly failing: readonly SensorHealth[];
}

export class BoxState {
  readonly #status = signal<Status | null>(null);
  readonly #health = signal<Health | null>(null);
  /** Phone time of the newest sign of life, and of the connection that should bring some. */
  readonly #lastSignMs = signal<number | null>(null);
  readonly #listeningSinceMs = signal<number | null>(null);
  /** Advanced once a second by the owner, so that silence is noticed. */
  readonly #nowMs = signal(0);

  readonly sensors: ReadonlySignal<SensorSummary | null> = computed(() => {
    const health = this.#health.value;
    return health === null ? null : summarize(health.sensors);
  });

  /** Every camera and microphone. */
  readonly all: ReadonlySignal<readonly SensorHealth[]> = computed(() => this.#health.value?.sensors ?? []);

  /** Shelves and zones that cannot be watched. */
  readonly unwatched: ReadonlySignal<readonly Watched[]> = computed(
    () => this.#health.value?.watched.filter((watched) => watched.fault !== null) ?? [],
  );

  constructor(private readonly link: ReadonlySignal<Link>) {}

  readonly condition: ReadonlySignal<Condition> = computed(() => {
    const link = this.link.value;
    if (link !== "connected") return { is: link };
    const status = this.#status.value;
    if (status !== null && !status.online) return { is: "box-off", sinceMs: status.tMs };
    const heardMs = Math.max(this.#lastSignMs.value ?? 0, this.#listeningSinceMs.value ?? 0);
    if (this.#nowMs.value - heardMs > SILENT_AFTER_MS) return { is: "box-silent", sinceMs: heardMs };
    return this.#lastSignMs.value === null ? { is: "connecting" } : { is: "live" };
  });

  heardStatus(status: Status): void {
    this.#status.value = status;
  }

  heardHealth(health: Health): void {
    this.#health.value = health;
  }

  heardHeartbeat(phoneMs: number): void {
    this.#lastSignMs.value = phoneMs;
    this.#nowMs.value = Math.max(this.#nowMs.peek(), phoneMs);
  }

  listening(phoneMs: number): void {
    this.#listeningSinceMs.value = phoneMs;
    this.#nowMs.value = phoneMs;
  }

  tick(phoneMs: number): void {
    this.#nowMs.value = phoneMs;
  }
}

function summarize(sensors: readonly SensorHealth[]): SensorSummary {
  return {
    total: sensors.length,
    cameras: sensors.filter((sensor) => sensor.kind === "camera").length,
    microphones: sensors.filter((sensor) => sensor.kind === "microphone").length,
    working: sensors.filter((sensor) => sensor.state === "ok").length,
    starting: sensors.filter((sensor) => sensor.state === "starting"),
    failing: sensors.filter((sensor) => sensor.state === "stalled" || sensor.state === "lost"),
  };
}
