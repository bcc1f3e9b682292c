/** Which alerts are listed: all, or those of one level and worse. */

import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { levelRank } from "../app/alert-book";
import type { Alert, Level } from "../app/wire/alert";
import { useWords } from "./context";

export type Least = Exclude<Level, "white"> | null;

const CHOICES: readonly Least[] = [null, "yellow", "red"];

export function isListed(alert: Alert, least: Least): boolean {
  return least === null || levelRank(alert.level) >= levelRank(least);
}

export function LevelFilter({ least }: { readonly least: Signal<Least> }): JSX.Element {
  const words = useWords();
  return (
    <div class="level-filter" role="group" aria-label={words.alerts.filter}>
      {CHOICES.map((choice) => (
        <button key={choice ?? "all"} type="button" aria-pressed={least.value === choice} onClick={() => (least.value = choice)}>
          {choice === null ? words.alerts.all : words.alerts.andWorse(words.level[choice], choice === "red")}
        </button>
      ))}
    </div>
  );
}
