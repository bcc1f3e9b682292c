/** What is silent for a while: recorded as ever, and back by itself. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { RINGING_KINDS } from "../app/snoozes";
import type { Snooze } from "../app/wire/snoozes";
import { kindInWords, timeInWords } from "../i18n/speak";
import { useWords, useWorld } from "./context";

const MINUTES = [15, 30, 60, 240] as const;

export function SnoozeSection(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const snoozes = shop.snoozes.all.value;
  return (
    <section class="card" aria-labelledby="snooze-title">
      <h2 id="snooze-title">{words.snooze.title}</h2>
      <p class="hint">{words.snooze.hint}</p>
      {snoozes.length === 0 ? null : (
        <ul class="rows">
          {snoozes.map((snooze) => (
            <SnoozeRow key={snooze.id} snooze={snooze} />
          ))}
        </ul>
      )}
      <NewSnooze />
    </section>
  );
}

function SnoozeRow({ snooze }: { readonly snooze: Snooze }): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const what = [
    snooze.kind === null ? words.snooze.everything : kindInWords(words, snooze.kind),
    snooze.zone,
    snooze.sensor,
  ].filter((part) => part !== null);
  const until = timeInWords(words, snooze.untilMs, shop.nowMs.peek(), shop.store.value?.timezone);
  return (
    <li>
      <span>
        <b>{what.join(" · ")}</b>
        <span class="hint">{words.snooze.until(until, snooze.by)}</span>
      </span>
      <button type="button" class="plain" onClick={() => void shop.snoozes.end(snooze.id).catch(() => undefined)}>
        {words.snooze.end}
      </button>
    </li>
  );
}

function NewSnooze(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const failed = useSignal(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const kind = data.get("kind");
    const zone = data.get("zone");
    failed.value = await shop.snoozes
      .add({
        kind: typeof kind === "string" && kind !== "" ? kind : null,
        zone: typeof zone === "string" && zone !== "" ? zone : null,
        sensor: null,
        minutes: Number(data.get("minutes")),
      })
      .then(
        () => false,
        () => true,
      );
  };
  return (
    <form class="fields row-form" onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span>{words.snooze.what}</span>
        <select name="kind">
          {RINGING_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {kindInWords(words, kind)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.snooze.where}</span>
        <select name="zone">
          <option value="">{words.snooze.anywhere}</option>
          {(shop.store.value?.zones ?? []).map((zone) => (
            <option key={zone.id} value={zone.id}>
              {zone.id}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.snooze.howLong}</span>
        <select name="minutes">
          {MINUTES.map((minutes) => (
            <option key={minutes} value={minutes} selected={minutes === 30}>
              {words.duration(minutes * 60_000)}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="plain">
        {words.snooze.begin}
      </button>
      <p role="alert">{failed.value ? words.snooze.failed : ""}</p>
    </form>
  );
}
