/** Every alert that this phone knows, each as it stands at its highest `seq`. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { type Alert, type Level, LEVELS } from "./wire/alert";

/** Ended alerts beyond this many, oldest first, are forgotten here; the box's journal keeps them. */
export const KEPT_ALERTS = 300;

export class AlertBook {
  readonly #alerts = signal<ReadonlyMap<string, Alert>>(new Map());

  /** Open alerts: the most urgent first, then the newest. */
  readonly open: ReadonlySignal<readonly Alert[]> = computed(() =>
    [...this.#alerts.value.values()].filter(isOpen).sort(byUrgency),
  );
  /** Ended alerts, newest first. */
  readonly ended: ReadonlySignal<readonly Alert[]> = computed(() =>
    [...this.#alerts.value.values()].filter((alert) => !isOpen(alert)).sort(byOpening),
  );

  /** All alerts, in no order. */
  get all(): ReadonlySignal<ReadonlyMap<string, Alert>> {
    return this.#alerts;
  }

  /** Take in alerts, however old or repeated they are; true when anything is news. */
  merge(incoming: readonly Alert[]): boolean {
    const known = this.#alerts.peek();
    const news = incoming.filter((alert) => alert.seq > (known.get(alert.alertId)?.seq ?? 0));
    if (news.length === 0) return false;
    const merged = new Map(known);
    for (const alert of news) {
      if (alert.seq > (merged.get(alert.alertId)?.seq ?? 0)) merged.set(alert.alertId, alert);
    }
    this.#alerts.value = forgetOldest(merged);
    return true;
  }

  /** The box has another journal than before: nothing known here is true any more. */
  clear(): void {
    this.#alerts.value = new Map();
  }
}

export function isOpen(alert: Alert): boolean {
  return alert.state !== "ended";
}

export function levelRank(level: Level): number {
  return LEVELS.indexOf(level);
}

function byOpening(a: Alert, b: Alert): number {
  return b.openedMs - a.openedMs || b.seq - a.seq;
}

function byUrgency(a: Alert, b: Alert): number {
  return levelRank(b.level) - levelRank(a.level) || byOpening(a, b);
}

function forgetOldest(alerts: Map<string, Alert>): Map<string, Alert> {
  const ended = [...alerts.values()].filter((alert) => !isOpen(alert)).sort(byOpening);
  for (const alert of ended.slice(KEPT_ALERTS)) alerts.delete(alert.alertId);
  return alerts;
}
