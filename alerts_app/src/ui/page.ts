/** Which page is shown, kept in the address so that back works and a page can be bookmarked. */

import { signal } from "@preact/signals";

export type Page = "now" | "alerts" | "shelves";

function fromAddress(): Page {
  if (location.hash.startsWith("#/alerts")) return "alerts";
  return location.hash.startsWith("#/shelves") ? "shelves" : "now";
}

export const page = signal<Page>(fromAddress());

addEventListener("hashchange", () => {
  // "#content" is the skip link, not a page.
  if (!location.hash.startsWith("#/")) return;
  page.value = fromAddress();
  scrollTo(0, 0);
});
