/** A page that is open rings by itself: a sound and a vibration for what is new, and a count on the app's picture. */

import { effect, type ReadonlySignal } from "@preact/signals-core";
import { levelRank } from "./alert-book";
import type { Alert, Level } from "./wire/alert";

export const RING_FROM = ["red", "yellow", "off"] as const;
export type RingFrom = (typeof RING_FROM)[number];

/** Alerts whose loudness is remembered: one that goes on is no news. */
const MOST_RUNG = 500;
/** An alert that is older when the page first hears of it, after a night in a pocket, is shown and does not ring. */
const FRESH_MS = 120_000;
const PATTERN: Readonly<Record<Level, number[]>> = { white: [], yellow: [120], red: [250, 120, 250, 120, 250] };
/** Hertz and seconds: a rising pair for yellow, three falling for red, told apart without looking. */
const TONES: Readonly<Record<Level, readonly (readonly [number, number])[]>> = {
  white: [],
  yellow: [
    [660, 0.16],
    [880, 0.24],
  ],
  red: [
    [1175, 0.18],
    [880, 0.18],
    [1175, 0.18],
    [880, 0.3],
  ],
};

export interface Bell {
  readonly sound: (level: Level) => void;
  readonly vibrate: (level: Level) => void;
  readonly badge: (count: number) => void;
}

/** Rings for what is new in a book of alerts, as loudly as it has become; never for what is hushed or was answered. */
export class Ringer {
  readonly #rung = new Map<string, string>();

  constructor(
    private readonly open: ReadonlySignal<readonly Alert[]>,
    private readonly from: ReadonlySignal<RingFrom>,
    private readonly now: () => number,
    private readonly bell: Bell = phoneBell(),
  ) {}

  /** Begin; the return value ends it. */
  start(): () => void {
    return effect(() => {
      const open = this.open.value;
      this.bell.badge(open.filter((alert) => alert.hush === null).length);
      let loudest: Level | null = null;
      for (const alert of open) {
        const loudness = `${String(levelRank(alert.level))} ${String(alert.escalation)}`;
        const before = this.#rung.get(alert.alertId) ?? "";
        if (loudness <= before) continue;
        this.#rung.delete(alert.alertId);
        this.#rung.set(alert.alertId, loudness);
        if (!this.#rings(alert)) continue;
        if (loudest === null || levelRank(alert.level) > levelRank(loudest)) loudest = alert.level;
      }
      for (const id of [...this.#rung.keys()].slice(0, -MOST_RUNG)) this.#rung.delete(id);
      if (loudest === null) return;
      this.bell.sound(loudest);
      this.bell.vibrate(loudest);
    });
  }

  #rings(alert: Alert): boolean {
    const from = this.from.peek();
    if (from === "off" || levelRank(alert.level) < levelRank(from)) return false;
    return alert.hush === null && alert.ack === null && this.now() - alert.tMs <= FRESH_MS;
  }
}

/** The phone's own loudspeaker, motor and app picture, each as far as there is one. */
export function phoneBell(): Bell {
  let context: AudioContext | null = null;
  return {
    sound: (level) => {
      if (!("AudioContext" in globalThis)) return;
      context ??= new AudioContext();
      // Before the first tap a browser lets no page make a sound; the vibration and the colour have to do.
      void context.resume().catch(() => undefined);
      play(context, TONES[level]);
    },
    vibrate: (level) => {
      if ("vibrate" in navigator && PATTERN[level].length > 0) navigator.vibrate(PATTERN[level]);
    },
    badge: (count) => {
      if (!("setAppBadge" in navigator)) return;
      void (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => undefined);
    },
  };
}

function play(context: AudioContext, tones: readonly (readonly [number, number])[]): void {
  let at = context.currentTime + 0.02;
  for (const [hertz, seconds] of tones) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.type = "triangle";
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.5, at + 0.015);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds;
  }
}
