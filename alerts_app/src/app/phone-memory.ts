/**
 * What the page and its service worker both have to know: the worker has no `localStorage`, and must speak the phone's
 * language while no page is open. Kept in a cache of its own, which outlives new versions of the app.
 */

import { type Language, preferredLanguage } from "./preferences";
import { type Level, LEVELS } from "./wire/alert";

const CACHE = "phone";
const ABOUT = "/phone/about";
const RUNG = "/phone/rung";
const MOST_RUNG = 100;

export interface AboutPhone {
  readonly language: Language;
  /** The name that answers carry. */
  readonly name: string;
  /** For which levels notifications were asked for. */
  readonly levels: readonly Level[];
}

/** How loud an alert was on this phone: only a higher level or another step of escalation rings again. */
export interface Rung {
  readonly rank: number;
  readonly escalation: number;
}

export class PhoneMemory {
  constructor(private readonly storage: CacheStorage | undefined = globalThis.caches) {}

  async about(languages: readonly string[] = navigator.languages): Promise<AboutPhone> {
    const kept = (await this.#read(ABOUT)) as Partial<AboutPhone> | null;
    const language = kept?.language === "ja" || kept?.language === "en" ? kept.language : preferredLanguage(languages);
    const levels = Array.isArray(kept?.levels) ? LEVELS.filter((level) => kept.levels?.includes(level)) : [];
    return { language, name: typeof kept?.name === "string" ? kept.name : "", levels };
  }

  async remember(about: AboutPhone): Promise<void> {
    await this.#write(ABOUT, about);
  }

  /** Note that an alert rings; false when it was as loud before, because a box that was killed told it twice. */
  async rings(alertId: string, rung: Rung): Promise<boolean> {
    const kept = await this.#read(RUNG);
    const known = new Map(Array.isArray(kept) ? (kept as [string, Rung][]) : []);
    const before = known.get(alertId);
    if (before !== undefined && rung.rank <= before.rank && rung.escalation <= before.escalation) return false;
    known.delete(alertId);
    known.set(alertId, rung);
    await this.#write(RUNG, [...known].slice(-MOST_RUNG));
    return true;
  }

  async #read(path: string): Promise<unknown> {
    try {
      const kept = await (await this.storage?.open(CACHE))?.match(path);
      return kept === undefined ? null : await kept.json();
    } catch {
      // A browser that keeps nothing, or half a file: as if nothing was kept.
      return null;
    }
  }

  async #write(path: string, value: unknown): Promise<void> {
    try {
      await (await this.storage?.open(CACHE))?.put(path, new Response(JSON.stringify(value)));
    } catch {
      // As above: a full or refused storage costs this memory, nothing else.
    }
  }
}
