/** Which page is shown, kept in the address so that back works and a page can be bookmarked. */

import { signal } from "@preact/signals";

const PAGES = ["now", "alerts", "shelves", "day", "box", "settings", "sign"] as const;
export type Page = (typeof PAGES)[number];

function fromAddress(): Page {
  return PAGES.find((page) => location.hash.startsWith(`#/${page}`)) ?? "now";
}

export const page = signal<Page>(fromAddress());

addEventListener("hashchange", () => {
  // "#content" is the skip link, not a page.
  if (!location.hash.startsWith("#/")) return;
  page.value = fromAddress();
  scrollTo(0, 0);
});
