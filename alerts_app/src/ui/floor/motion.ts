/**
 * Smooth people between the box's updates.
 *
 * A dot is drawn where its person is by now: the newest measured place carried on by the measured speed, approached
 * exponentially, so that it neither jumps nor lags behind by an update. Trails hold measured places only.
 */

import type { Level } from "../../app/wire/alert";
import type { People } from "../../app/wire/floor";

export const TRAIL_MS = 6_000;
/** Time constant of the approach. */
const APPROACH_MS = 70;
/** Speed is believed this long after the newest measurement. */
const PREDICT_MS = 300;
const FADE_IN_MS = 180;
const FADE_OUT_MS = 400;
/** A dot nearer than this to where it should be is there. */
const ARRIVED_M = 0.003;
/** A jump beyond this is another place, not a movement. */
const TELEPORT_M = 2;

export interface TrailPoint {
  readonly xM: number;
  readonly yM: number;
  readonly atMs: number;
}

export interface Mover {
  readonly id: string;
  xM: number;
  yM: number;
  vxMps: number;
  vyMps: number;
  seen: boolean;
  level: Level | null;
  /** 0 to 1. */
  opacity: number;
  trail: TrailPoint[];
  measuredX: number;
  measuredY: number;
  measuredMs: number;
  gone: boolean;
}

export class PeopleMotion {
  readonly #movers = new Map<string, Mover>();
  #steppedMs = 0;

  /** Without motion each update is drawn where it was measured, at once, and leaves no trail. */
  constructor(private readonly smooth: () => boolean) {}

  get movers(): Iterable<Mover> {
    return this.#movers.values();
  }

  /** A new update arrived at `nowMs` (any steady clock of this page). */
  heard(people: People, nowMs: number): void {
    const present = new Set<string>();
    for (const person of people.people) {
      present.add(person.id);
      const mover = this.#movers.get(person.id);
      const far = mover !== undefined && Math.hypot(person.xM - mover.xM, person.yM - mover.yM) > TELEPORT_M;
      const next: Mover =
        mover === undefined || far
          ? { id: person.id, xM: person.xM, yM: person.yM, opacity: mover?.opacity ?? 0, trail: [], ...fresh }
          : mover;
      next.vxMps = person.vxMps;
      next.vyMps = person.vyMps;
      next.seen = person.seen;
      next.level = person.level;
      next.measuredX = person.xM;
      next.measuredY = person.yM;
      next.measuredMs = nowMs;
      next.gone = false;
      if (person.seen) next.trail.push({ xM: person.xM, yM: person.yM, atMs: nowMs });
      this.#movers.set(person.id, next);
    }
    for (const mover of this.#movers.values()) if (!present.has(mover.id)) mover.gone = true;
  }

  /** Move everything on to `nowMs`; true while there is more to come without a new update. */
  step(nowMs: number): boolean {
    const elapsedMs = Math.min(Math.max(nowMs - this.#steppedMs, 0), 1_000);
    this.#steppedMs = nowMs;
    let busy = false;
    for (const mover of this.#movers.values()) {
      busy = (this.smooth() ? glide(mover, nowMs, elapsedMs) : snap(mover)) || busy;
      if (mover.gone && mover.opacity <= 0) this.#movers.delete(mover.id);
    }
    return busy;
  }

  clear(): void {
    this.#movers.clear();
  }
}

const fresh = {
  vxMps: 0,
  vyMps: 0,
  seen: true,
  level: null,
  measuredX: 0,
  measuredY: 0,
  measuredMs: 0,
  gone: false,
} as const;

function snap(mover: Mover): boolean {
  mover.xM = mover.measuredX;
  mover.yM = mover.measuredY;
  mover.trail = [];
  mover.opacity = mover.gone ? 0 : 1;
  return false;
}

function glide(mover: Mover, nowMs: number, elapsedMs: number): boolean {
  const aheadMs = nowMs - mover.measuredMs;
  const aheadS = Math.min(Math.max(aheadMs, 0), PREDICT_MS) / 1000;
  const targetX = mover.measuredX + mover.vxMps * aheadS;
  const targetY = mover.measuredY + mover.vyMps * aheadS;
  const share = 1 - Math.exp(-elapsedMs / APPROACH_MS);
  mover.xM += (targetX - mover.xM) * share;
  mover.yM += (targetY - mover.yM) * share;
  mover.trail = mover.trail.filter((point) => nowMs - point.atMs < TRAIL_MS);
  const fade = mover.gone ? -elapsedMs / FADE_OUT_MS : elapsedMs / FADE_IN_MS;
  mover.opacity = Math.min(Math.max(mover.opacity + fade, 0), 1);
  const moving = Math.hypot(targetX - mover.xM, targetY - mover.yM) > ARRIVED_M;
  const walking = aheadMs < PREDICT_MS && Math.hypot(mover.vxMps, mover.vyMps) > 0.02;
  const fading = mover.gone || mover.opacity < 1;
  return moving || walking || fading || trailMoves(mover.trail);
}

/** A trail of somebody who stands still fades unseen under the dot. */
function trailMoves(trail: readonly TrailPoint[]): boolean {
  const first = trail[0];
  return first !== undefined && trail.some((point) => Math.hypot(point.xM - first.xM, point.yM - first.yM) > 0.1);
}
