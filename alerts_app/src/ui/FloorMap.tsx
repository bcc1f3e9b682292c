/** The live floor: canvases for the eye, a list for the ear, a legend for the first visit. */

import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { insidePolygon } from "../app/extent";
import { wordsOf, zoneInWords } from "../i18n/speak";
import { useExtent, useWords, useWorld } from "./context";
import { attachGestures } from "./floor/gestures";
import { Stage } from "./floor/stage";
import { naturalHeight } from "./floor/view";
import { FitMark, type LegendItem, LegendMark, MinusMark, PlusMark } from "./marks";
import { useSettledColours } from "./theme";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const WIDE = matchMedia("(min-width: 60rem)");
/** The text beside the map is renewed no more often: a screen reader must be able to finish a sentence. */
const TEXT_EVERY_MS = 4_000;

export function FloorMap(): JSX.Element {
  const { shop, preferences } = useWorld();
  const words = useWords();
  const extent = useExtent();
  const frame = useRef<HTMLDivElement>(null);
  const ground = useRef<HTMLCanvasElement>(null);
  const people = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage | null>(null);
  const isZoomed = useSignal(false);
  const colours = useSettledColours();
  const hasMap = useComputed(() => extent.value !== null);
  const isLive = useComputed(() => shop.box.condition.value.is === "live");

  useEffect(() => {
    if (ground.current === null || people.current === null || frame.current === null) return undefined;
    const made = new Stage(ground.current, people.current, () => !STILL.matches, (zoomed) => (isZoomed.value = zoomed));
    stage.current = made;
    const element = frame.current;
    const detach = attachGestures(element, made, () => isZoomed.peek());
    const watch = new ResizeObserver(() => {
      made.resize({ widthPx: element.clientWidth, heightPx: element.clientHeight });
    });
    watch.observe(element);
    return () => {
      detach();
      watch.disconnect();
      made.stop();
      stage.current = null;
    };
  }, []);

  useSignalEffect(() => {
    const bounds = extent.value;
    const store = shop.store.value;
    const grid = shop.grid.value;
    const spoken = wordsOf(preferences.language.value);
    if (bounds === null) return;
    if (frame.current !== null && !WIDE.matches) {
      const height = naturalHeight(bounds, frame.current.clientWidth, innerHeight * 0.62);
      frame.current.style.height = `${String(height)}px`;
    }
    stage.current?.show({
      extent: bounds,
      grid,
      store,
      words: {
        zone: (zone) => zoneInWords(spoken, zone, store?.zones ?? []),
        metres: spoken.map.metres,
      },
    });
  });

  useSignalEffect(() => {
    const heard = shop.people.value;
    if (heard !== null) stage.current?.heard(heard);
  });
  useSignalEffect(() => {
    if (colours.value > 0) stage.current?.recolour();
  });

  const state = `${hasMap.value ? "" : " is-waiting"}${isLive.value ? "" : " is-stale"}${isZoomed.value ? " is-zoomed" : ""}`;
  return (
    <section class="card map-card" aria-labelledby="map-title">
      <header class="map-head">
        <h2 id="map-title">{words.map.title}</h2>
        <div class="map-tools">
          <button type="button" class="tool" aria-label={words.map.zoomOut} disabled={!isZoomed.value} onClick={() => stage.current?.zoom(1 / 1.6)}>
            <MinusMark />
          </button>
          <button type="button" class="tool" aria-label={words.map.zoomIn} disabled={!hasMap.value} onClick={() => stage.current?.zoom(1.6)}>
            <PlusMark />
          </button>
          <button type="button" class="tool" aria-label={words.map.fit} disabled={!isZoomed.value} onClick={() => stage.current?.fit()}>
            <FitMark />
          </button>
        </div>
      </header>
      <div ref={frame} class={`map-frame${state}`}>
        <canvas ref={ground} class="map-canvas" aria-hidden="true" />
        <canvas ref={people} class="map-canvas map-people" aria-hidden="true" />
        {hasMap.value ? null : (
          <p class="map-waiting">{words.map.waiting}</p>
        )}
        {hasMap.value && !isLive.value && shop.people.value !== null ? <p class="map-stale">{words.map.stale}</p> : null}
      </div>
      <MapInWords />
      <Legend />
    </section>
  );
}

/** The same as the picture, for people who cannot see it. */
function MapInWords(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const shown = useSignal(shop.people.peek());
  useEffect(() => {
    const timer = setInterval(() => {
      shown.value = shop.people.peek();
    }, TEXT_EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  const people = shown.value?.people ?? [];
  const zones = shop.store.value?.zones ?? [];
  const counts = zones.map((zone) => ({
    name: zoneInWords(words, zone, zones),
    count: people.filter((person) => insidePolygon(person.xM, person.yM, zone.polygon)).length,
  }));
  const elsewhere = people.filter((person) => !zones.some((zone) => insidePolygon(person.xM, person.yM, zone.polygon)));
  return (
    <div class="visually-hidden">
      <p>{words.map.summary(people.length)}</p>
      <ul>
        {counts.map(({ name, count }) => (
          <li key={name}>
            {name}: {words.now.people(count)}
          </li>
        ))}
        {elsewhere.length > 0 ? (
          <li>
            {words.map.elsewhere}: {words.now.people(elsewhere.length)}
          </li>
        ) : null}
      </ul>
    </div>
  );
}

function Legend(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const store = shop.store.value;
  const has: Readonly<Record<LegendItem, boolean>> = {
    person: true,
    unseen: true,
    flagged: true,
    furniture: true,
    shelf: (store?.shelves.length ?? 0) > 0,
    line: (store?.lines.length ?? 0) > 0,
    camera: (store?.cameras.length ?? 0) > 0,
  };
  const text: Readonly<Record<LegendItem, string>> = {
    person: words.map.person,
    unseen: words.map.unseen,
    flagged: words.map.flagged,
    furniture: words.map.furniture,
    shelf: words.map.shelf,
    line: words.map.line,
    camera: words.map.camera,
  };
  const items = (Object.keys(has) as LegendItem[]).filter((item) => has[item]);
  return (
    <ul class="legend" aria-label={words.map.legend}>
      {items.map((item) => (
        <li key={item}>
          <LegendMark item={item} />
          {text[item]}
        </li>
      ))}
    </ul>
  );
}
