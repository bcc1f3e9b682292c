/** Where people stood: the floor, and over it how long, from the page's ground to its warmest colour. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Day } from "../app/wire/day";
import { zoneInWords } from "../i18n/speak";
import { useExtent, useWords, useWorld } from "./context";
import { paintDwell } from "./floor/dwell";
import { paintGround } from "./floor/ground";
import { readPalette } from "./floor/palette";
import { paintScale, paintScenery } from "./floor/scenery";
import { fitView, naturalHeight } from "./floor/view";
import { useSettledColours } from "./theme";

export function DwellMap({ day }: { readonly day: Day }): JSX.Element | null {
  const { shop } = useWorld();
  const words = useWords();
  const extent = useExtent().value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useSettledColours().value;
  const store = shop.store.value;
  const grid = shop.grid.value;

  useEffect(() => {
    const element = canvas.current;
    if (element === null || extent === null) return undefined;
    const draw = (): void => {
      const widthPx = element.parentElement?.clientWidth ?? 1;
      const size = { widthPx, heightPx: naturalHeight(extent, widthPx, innerHeight * 0.7) };
      element.width = Math.round(size.widthPx * devicePixelRatio);
      element.height = Math.round(size.heightPx * devicePixelRatio);
      const pen = element.getContext("2d");
      if (pen === null) return;
      pen.scale(devicePixelRatio, devicePixelRatio);
      const view = fitView(extent, size);
      const palette = readPalette(element);
      if (grid !== null) paintGround(pen, grid, view, size, palette);
      paintDwell(pen, day, view, palette);
      const said = { zone: (zone: Parameters<typeof zoneInWords>[1]): string => zoneInWords(words, zone, store?.zones ?? []), metres: words.map.metres };
      if (store !== null) paintScenery(pen, store, view, size, palette, said);
      paintScale(pen, view, size, palette, said);
    };
    draw();
    const watch = new ResizeObserver(draw);
    if (element.parentElement !== null) watch.observe(element.parentElement);
    return () => {
      watch.disconnect();
    };
  }, [day, extent, store, grid, words, colours]);

  if (day.cells.length === 0 || extent === null) return null;
  const longest = Math.max(...day.cells.map((cell) => cell.seconds));
  return (
    <section class="card dwell" aria-labelledby="dwell-title">
      <h2 id="dwell-title">{words.day.stood}</h2>
      <p class="hint">{words.day.stoodHint(words.duration(longest * 1000))}</p>
      <div class="dwell-frame">
        <canvas ref={canvas} class="dwell-map" role="img" aria-label={words.day.stood} />
      </div>
    </section>
  );
}
