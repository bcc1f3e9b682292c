/** How this phone rings, and by which other ways the box tells. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { PushState } from "../app/push";
import { RING_FROM } from "../app/ringer";
import type { Level } from "../app/wire/alert";
import type { Channel } from "../app/wire/channels";
import { useWords, useWorld } from "./context";

export function NoticeSection(): JSX.Element {
  const { preferences } = useWorld();
  const words = useWords();
  return (
    <section class="card" aria-labelledby="notice-title">
      <h2 id="notice-title">{words.notice.title}</h2>
      <fieldset>
        <legend>{words.notice.ring}</legend>
        <div class="choices">
          {RING_FROM.map((from) => (
            <label key={from}>
              <input
                type="radio"
                name="ring"
                value={from}
                checked={preferences.ringFrom.value === from}
                onChange={() => {
                  preferences.setRingFrom(from);
                }}
              />
              <span>{words.notice.ringFrom[from]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <PushSwitch />
      <ChannelList />
    </section>
  );
}

/** While the page is closed, for the same levels; white ones never ring. */
function levelsFrom(from: (typeof RING_FROM)[number]): readonly Level[] {
  return from === "yellow" ? ["red", "yellow"] : ["red"];
}

function PushSwitch(): JSX.Element {
  const { shop, preferences, session } = useWorld();
  const words = useWords();
  const state = useSignal<PushState | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    void shop.push.state().then((known) => (state.value = known));
  }, []);
  const turn = (): void => {
    const about = {
      language: preferences.language.peek(),
      name: session.name.peek() ?? preferences.name.peek(),
      levels: levelsFrom(preferences.ringFrom.peek()),
    };
    const work = state.peek() === "on" ? shop.push.unsubscribe() : shop.push.subscribe(about);
    work.then(
      (now) => {
        state.value = now;
        failed.value = false;
      },
      () => (failed.value = true),
    );
  };
  const known = state.value;
  return (
    <div class="push">
      <p>
        <b>{words.notice.push}</b>
        <span class="hint">{known === null ? "" : words.notice.pushState[known]}</span>
      </p>
      {known === "on" || known === "off" ? (
        <button type="button" class="plain" aria-pressed={known === "on"} onClick={turn}>
          {known === "on" ? words.notice.pushOff : words.notice.pushOn}
        </button>
      ) : null}
      <p role="alert">{failed.value ? words.notice.pushFailed : ""}</p>
    </div>
  );
}

function ChannelList(): JSX.Element | null {
  const { shop } = useWorld();
  const words = useWords();
  useEffect(() => {
    void shop.channels.refresh();
  }, []);
  const channels = shop.channels.all.value;
  if (channels.length === 0) return null;
  return (
    <div>
      <h3>{words.notice.channels}</h3>
      <ul class="rows">
        {channels.map((channel) => (
          <ChannelRow key={channel.id} channel={channel} />
        ))}
      </ul>
    </div>
  );
}

function ChannelRow({ channel }: { readonly channel: Channel }): JSX.Element {
  const { shop, session } = useWorld();
  const words = useWords();
  const result = useSignal("");
  const test = (): void => {
    result.value = words.notice.testing;
    shop.channels.test(channel.id).then(
      (trial) => (result.value = trial.ok ? words.notice.testOk : words.notice.testFailed(trial.fault ?? "")),
      () => (result.value = words.notice.testFailed("")),
    );
  };
  const levels = channel.levels.map((level) => words.level[level]).join("・");
  const step = channel.step === 0 ? "" : ` · ${words.notice.afterStep(channel.step)}`;
  return (
    <li data-channel={channel.id}>
      <span>
        <b>{words.notice.kind[channel.kind]}</b>
        <span class="hint">
          {channel.id} · {levels}
          {step}
        </span>
        {channel.fault === null ? null : (
          <span class="sensor-fault" lang="en">
            {channel.fault}
          </span>
        )}
        <span role="status">{result.value}</span>
      </span>
      <span class={`tone-${{ ok: "good", failing: "bad", untried: "wait", off: "wait" }[channel.state]}`}>
        {words.notice.state[channel.state]}
      </span>
      {session.may("box") ? (
        <button type="button" class="plain" onClick={test}>
          {words.notice.test}
        </button>
      ) : null}
    </li>
  );
}
