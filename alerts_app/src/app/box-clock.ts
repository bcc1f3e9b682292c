/**
 * The box's clock as the phone can know it.
 *
 * A cheap phone's clock may be minutes off; "3 minutes ago" must still be right. Each message that carries the box's
 * time bounds the difference from above (it travelled for a while), so the smallest difference of late is the best.
 */

const WINDOW_MS = 60_000;
/** A smaller difference is travel time and normal drift; the phone's clock is then taken as it is. */
const TRUSTED_MS = 2_000;

interface Sample {
  readonly arrivedMs: number;
  readonly differenceMs: number;
}

export class BoxClock {
  #samples: Sample[] = [];

  constructor(private readonly phoneNow: () => number = Date.now) {}

  /** The box said that it was `boxMs` when it sent a message that has just arrived. */
  observe(boxMs: number): void {
    const arrivedMs = this.phoneNow();
    this.#samples = this.#samples.filter((sample) => arrivedMs - sample.arrivedMs < WINDOW_MS).slice(-100);
    this.#samples.push({ arrivedMs, differenceMs: arrivedMs - boxMs });
  }

  /** Box time now, UTC milliseconds. */
  now(): number {
    return this.phoneNow() - this.#differenceMs();
  }

  #differenceMs(): number {
    if (this.#samples.length === 0) return 0;
    const smallest = Math.min(...this.#samples.map((sample) => sample.differenceMs));
    return Math.abs(smallest) < TRUSTED_MS ? 0 : smallest;
  }
}
