/** One calm line: whether this phone hears the shop. */

import type { JSX } from "preact";
import type { Condition } from "../app/box-state";
import { timeInWords, watchedInWords } from "../i18n/speak";
import type { Words } from "../i18n/words";
import { useWords, useWorld } from "./context";
import { page } from "./page";

export function ConditionLine(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const condition = shop.box.condition.value;
  const tone = { live: "good", connecting: "wait", reconnecting: "wait", offline: "bad", "no-broker": "bad", "box-off": "bad", "box-silent": "bad" }[condition.is];
  const clock = (tMs: number): string => timeInWords(words, tMs, Date.now(), shop.store.value?.timezone);
  return (
    <div class="lines">
      <p class={`condition tone-${tone}`} role="status" data-condition={condition.is}>
        <span class="lamp" aria-hidden="true" />
        {inWords(words, condition, clock)}
      </p>
      <SensorLine />
      <UnwatchedLine />
    </div>
  );
}

const NAMED = 3;

/** Which shelves are not watched, and the way to why. */
function UnwatchedLine(): JSX.Element | null {
  const { shop } = useWorld();
  const words = useWords();
  const unwatched = shop.box.unwatched.value;
  if (unwatched.length === 0 || page.value === "shelves" || shop.box.condition.value.is !== "live") return null;
  const names = unwatched.slice(0, NAMED).map((watched) => watchedInWords(words, watched, shop.store.value));
  return (
    <a class="unwatched-line" href="#/shelves">
      {words.shelves.unwatchedLine(names, unwatched.length - names.length)}
    </a>
  );
}

function inWords(words: Words, condition: Condition, clock: (tMs: number) => string): string {
  switch (condition.is) {
    case "connecting":
      return words.condition.connecting;
    case "live":
      return words.condition.live;
    case "reconnecting":
      return words.condition.reconnecting;
    case "offline":
      return words.condition.offline;
    case "no-broker":
      return words.condition.noBroker;
    case "box-off":
      return words.condition.boxOff(clock(condition.sinceMs));
    case "box-silent":
      return words.condition.boxSilent(clock(condition.sinceMs));
  }
}

function SensorLine(): JSX.Element | null {
  const { shop } = useWorld();
  const words = useWords();
  const sensors = shop.box.sensors.value;
  if (sensors === null || shop.box.condition.value.is !== "live") return null;
  const failing = sensors.failing.map((sensor) => sensor.id);
  let text = words.sensors.allWell(sensors.cameras, sensors.microphones);
  if (sensors.total === 0) text = words.sensors.none;
  else if (failing.length > 0) text = words.sensors.failing(failing, sensors.working, sensors.total);
  else if (sensors.starting.length > 0) text = words.sensors.starting(sensors.working, sensors.total);
  return <p class={failing.length > 0 ? "sensors tone-bad" : "sensors"}>{text}</p>;
}
