/** Shelves: which levels to fill first, and what cannot be watched and why. */

import type { JSX } from "preact";
import { emptiestFirst, type LevelFill, LOW_PERCENT } from "../app/restock";
import { hindranceInWords, timeInWords, watchedInWords } from "../i18n/speak";
import { useWords, useWorld } from "./context";
import { ShelfMark } from "./marks";

export function ShelvesPage(): JSX.Element {
  return (
    <div class="shelves">
      <Restock />
      <Unwatched />
    </div>
  );
}

function Restock(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const told = shop.shelves.value;
  const levels = emptiestFirst(told?.shelves ?? []);
  if (told === null || levels.length === 0) {
    return (
      <div class="card empty">
        <ShelfMark />
        <p class="hint">{words.shelves.nothingYet}</p>
      </div>
    );
  }
  const time = timeInWords(words, told.tMs, shop.nowMs.peek(), shop.store.value?.timezone);
  return (
    <section class="card restock" aria-labelledby="restock-title">
      <header>
        <h2 id="restock-title">{words.shelves.restock}</h2>
        <p class="hint">{words.shelves.asOf(time)}</p>
      </header>
      <p class="hint">{words.shelves.restockHint}</p>
      <ol>
        {levels.map((level) => (
          <Level key={`${level.shelf} ${String(level.level)}`} level={level} />
        ))}
      </ol>
    </section>
  );
}

function Level({ level }: { readonly level: LevelFill }): JSX.Element {
  const words = useWords();
  return (
    <li class={level.percent < LOW_PERCENT ? "level-fill is-low" : "level-fill"} data-percent={level.percent}>
      <span class="level-name">
        {words.place.shelf(level.shelf)} · {words.place.shelfLevel(level.level)}
      </span>
      <b>{words.shelves.percent(level.percent)}</b>
      <svg class="level-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect class="level-room" width="100" height="1" />
        <rect class="level-goods" width={level.percent} height="1" />
      </svg>
    </li>
  );
}

function Unwatched(): JSX.Element | null {
  const { shop } = useWorld();
  const words = useWords();
  const unwatched = shop.box.unwatched.value;
  if (unwatched.length === 0) return null;
  return (
    <section class="card unwatched" aria-labelledby="unwatched-title">
      <h2 id="unwatched-title">{words.shelves.unwatched}</h2>
      <ul>
        {unwatched.map((watched) => (
          <li key={`${watched.shelf ?? ""}/${watched.zone ?? ""}`}>
            <h3>{watchedInWords(words, watched, shop.store.value)}</h3>
            <p>{hindranceInWords(words, watched)}</p>
            <p class="hint">
              {words.shelves.forInstaller} <span lang="en">{watched.fault}</span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
