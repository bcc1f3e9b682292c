/** A patch of depth before and after, small in its place and large when tapped. */

import { useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useWords, useWorld } from "./context";

interface PictureProps {
  readonly name: string;
  /** What it shows, for those who do not see it. */
  readonly alt: string;
}

export function Picture({ name, alt }: PictureProps): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const large = useRef<HTMLDialogElement>(null);
  const failed = useSignal(false);
  const isConnected = shop.link.value === "connected";
  // What failed without a network is asked for once more when there is one.
  useSignalEffect(() => {
    if (shop.link.value === "connected") failed.value = false;
  });
  if (failed.value) return <p class="picture-gone">{isConnected ? words.picture.gone : words.picture.offline}</p>;
  const source = `/api/pictures/${name}`;
  return (
    <>
      <button type="button" class="picture" onClick={() => large.current?.showModal()}>
        <img src={source} alt={alt} loading="lazy" decoding="async" onError={() => (failed.value = true)} />
        <span class="visually-hidden">{words.picture.enlarge}</span>
      </button>
      <dialog
        ref={large}
        class="picture-large"
        aria-label={alt}
        onClick={(event) => {
          if (event.target === large.current) large.current?.close();
        }}
      >
        <form method="dialog">
          <figure>
            <img src={source} alt={alt} loading="lazy" decoding="async" />
            <figcaption>
              <span>{words.picture.before}</span>
              <span>{words.picture.after}</span>
            </figcaption>
          </figure>
          <p class="hint">{words.picture.scale}</p>
          <button type="submit" class="primary">
            {words.picture.close}
          </button>
        </form>
      </dialog>
    </>
  );
}
