/** What every part of the page may ask for. */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { floorExtent } from "../app/extent";
import type { Preferences } from "../app/preferences";
import type { Session } from "../app/session";
import type { Shop } from "../app/shop";
import type { Bounds } from "../app/wire/box";
import { wordsOf } from "../i18n/speak";
import type { Words } from "../i18n/words";

export interface World {
  readonly shop: Shop;
  readonly preferences: Preferences;
  readonly session: Session;
}

export const WorldContext = createContext<World | null>(null);

export function useWorld(): World {
  const world = useContext(WorldContext);
  if (world === null) throw new Error("the page has no world around it");
  return world;
}

/** The words of the chosen language; the caller is drawn again when it changes. */
export function useWords(): Words {
  return wordsOf(useWorld().preferences.language.value);
}

export function useExtent(): ReadonlySignal<Bounds | null> {
  const { shop } = useWorld();
  return useComputed(() => floorExtent(shop.store.value, shop.grid.value));
}
