/** What a camera sees now, in depth only, while the page is looked at. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useWords } from "./context";

/** From one picture to the next; each is drawn by the camera's own process. */
const PAUSE_MS = 700;

export function LiveDepth({ camera }: { readonly camera: string }): JSX.Element {
  const words = useWords();
  const source = useSignal<string | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    const stop = new AbortController();
    const follow = async (): Promise<void> => {
      if (document.visibilityState === "visible") {
        const picture = await fetchPicture(camera);
        failed.value = picture === null;
        if (picture !== null) source.value = picture;
      }
      if (!stop.signal.aborted) setTimeout(() => void follow(), PAUSE_MS);
    };
    void follow();
    return () => {
      stop.abort();
    };
  }, [camera]);
  return (
    <figure class="live-depth">
      {source.value === null ? null : <img src={source.value} alt={words.box.sees(camera)} class={failed.value ? "is-stale" : ""} />}
      <figcaption class="hint">{failed.value ? words.box.noPicture : words.box.onlyDepth}</figcaption>
    </figure>
  );
}

/** As a data address: the page's rules let pictures come from nowhere else. */
async function fetchPicture(camera: string): Promise<string | null> {
  try {
    const response = await fetch(`/api/cameras/${encodeURIComponent(camera)}/depth.png`, { cache: "no-store" });
    if (!response.ok) return null;
    const bytes = await response.blob();
    return await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => {
        resolve(typeof reader.result === "string" ? reader.result : null);
      };
      reader.onerror = () => {
        resolve(null);
      };
      reader.readAsDataURL(bytes);
    });
  } catch {
    return null; // out of reach; the next try is soon
  }
}
