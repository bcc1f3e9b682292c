/** Light and dark: what the phone prefers, unless a person chose. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Preferences } from "../app/preferences";
import { wordsOf } from "../i18n/speak";

const PREFERS_DARK = matchMedia("(prefers-color-scheme: dark)");
/** Counts changes of the page's colours that have taken effect. */
const settled = signal(0);

/** Put language and colours on the document, now and at each change. */
export function dressDocument(preferences: Preferences): void {
  const root = document.documentElement;
  effect(() => {
    const theme = preferences.theme.value;
    if (theme === "auto") root.removeAttribute("data-theme");
    else root.dataset.theme = theme;
    tintBrowser();
    settled.value = settled.peek() + 1;
  });
  PREFERS_DARK.addEventListener("change", () => {
    tintBrowser();
    settled.value += 1;
  });
  effect(() => {
    root.lang = preferences.language.value;
    document.title = wordsOf(preferences.language.value).productName;
  });
}

/** The browser's own bars take the page's ground. */
function tintBrowser(): void {
  const ground = getComputedStyle(document.documentElement).getPropertyValue("--ground").trim();
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", ground);
}

export function useSettledColours(): ReadonlySignal<number> {
  return settled;
}
