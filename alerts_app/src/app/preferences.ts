/** What a person chose on this phone: language, colours, and the name that their answers carry. */

import { signal, type Signal } from "@preact/signals-core";
import { RING_FROM, type RingFrom } from "./ringer";

export type Language = "ja" | "en";
export type Theme = "auto" | "light" | "dark";

/** Longest name that an answer may carry. */
export const MAX_NAME = 40;

const KEYS = { language: "miseban.language", theme: "miseban.theme", name: "miseban.name", ring: "miseban.ring" } as const;

export class Preferences {
  readonly language: Signal<Language>;
  readonly theme: Signal<Theme>;
  readonly name: Signal<string>;
  /** From which level on this phone makes itself heard while the page is open. */
  readonly ringFrom: Signal<RingFrom>;

  constructor(
    private readonly storage: Storage | null,
    languages: readonly string[],
  ) {
    const language = this.#read(KEYS.language);
    const theme = this.#read(KEYS.theme);
    this.language = signal(language === "ja" || language === "en" ? language : preferredLanguage(languages));
    this.theme = signal(theme === "light" || theme === "dark" ? theme : "auto");
    this.ringFrom = signal(RING_FROM.find((from) => from === this.#read(KEYS.ring)) ?? "red");
    this.name = signal(cleanName(this.#read(KEYS.name) ?? ""));
  }

  setLanguage(language: Language): void {
    this.language.value = language;
    this.#write(KEYS.language, language);
  }

  setTheme(theme: Theme): void {
    this.theme.value = theme;
    this.#write(KEYS.theme, theme);
  }

  setName(name: string): void {
    this.name.value = cleanName(name);
    this.#write(KEYS.name, this.name.value);
  }

  setRingFrom(from: RingFrom): void {
    this.ringFrom.value = from;
    this.#write(KEYS.ring, from);
  }

  #read(key: string): string | null {
    try {
      return this.storage?.getItem(key) ?? null;
    } catch {
      // A browser that refuses storage still shows the shop; choices then last as long as the page.
      return null;
    }
  }

  #write(key: string, value: string): void {
    try {
      this.storage?.setItem(key, value);
    } catch {
      // As above: a full or refused storage costs the memory of a choice, nothing else.
    }
  }
}

/** The first language of the browser that the app speaks, else English. */
export function preferredLanguage(languages: readonly string[]): Language {
  for (const language of languages) {
    const primary = language.toLowerCase().split("-")[0];
    if (primary === "ja" || primary === "en") return primary;
  }
  return "en";
}

/** A name without control characters, not longer than the wire allows. */
export function cleanName(name: string): string {
  return Array.from(name.replace(/\p{Cc}/gu, "").trim()).slice(0, MAX_NAME).join("");
}
