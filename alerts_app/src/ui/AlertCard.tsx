/** One alert: what, where, since when, why; and one tap to answer. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { isOpen } from "../app/alert-book";
import { ago } from "../app/shop-time";
import { ACTIONS, type Action, type Alert } from "../app/wire/alert";
import { amountInWords, kindInWords, placeInWords, reasonInWords, timeInWords } from "../i18n/speak";
import { useExtent, useWords, useWorld } from "./context";
import { CheckMark, LevelMark } from "./marks";
import { Picture } from "./Picture";

interface AlertCardProps {
  readonly alert: Alert;
  /** Without its reasons, for where space is short. */
  readonly isBrief?: boolean;
}

export function AlertCard({ alert, isBrief = false }: AlertCardProps): JSX.Element {
  const { shop, session } = useWorld();
  const words = useWords();
  const extent = useExtent();
  const store = shop.store.value;
  const titleId = `alert-${alert.alertId}`;
  const place = placeInWords(words, alert.place, store, extent.value);
  const amount = amountInWords(words, alert);
  return (
    <article
      class={`card alert alert-${alert.level}${isOpen(alert) ? "" : " is-ended"}`}
      aria-labelledby={titleId}
      data-alert={alert.alertId}
      data-state={alert.state}
    >
      <header class="alert-head">
        <LevelMark level={alert.level} />
        <span class="alert-level">{words.level[alert.level]}</span>
        <AlertTime alert={alert} />
      </header>
      <h3 id={titleId}>{kindInWords(words, alert.kind)}</h3>
      <p class="alert-where">
        <span class="alert-place">{place}</span>
        {alert.count > 0 && amount !== "" ? <span class="alert-count">{amount}</span> : null}
      </p>
      <Notes alert={alert} />
      {isBrief || alert.reasons.length === 0 ? null : <Reasons alert={alert} />}
      {session.may("answer") ? <Answer alert={alert} /> : <Answered alert={alert} />}
      {!isBrief && isOpen(alert) && session.may("snooze") ? <QuickSnooze alert={alert} /> : null}
    </article>
  );
}

/** What is to be known beside the alert itself: how often, and whether it rang, or rings on. */
function Notes({ alert }: { readonly alert: Alert }): JSX.Element | null {
  const words = useWords();
  const notes = [
    alert.episodes > 1 ? words.alerts.again(alert.episodes) : null,
    alert.hush === null ? null : words.alerts.hushed,
    alert.escalation > 0 && alert.ack === null ? words.alerts.unanswered : null,
  ].filter((note) => note !== null);
  return notes.length === 0 ? null : <p class="alert-notes">{notes.join(" · ")}</p>;
}

const QUICK_MINUTES = 30;

function QuickSnooze({ alert }: { readonly alert: Alert }): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const said = useSignal("");
  const snooze = (): void => {
    const zone = alert.place?.zone ?? null;
    shop.snoozes.add({ kind: alert.kind, zone, sensor: null, minutes: QUICK_MINUTES }).then(
      () => (said.value = words.snooze.quickDone),
      () => (said.value = words.snooze.failed),
    );
  };
  return (
    <p class="quick-snooze">
      <button type="button" class="quiet" onClick={snooze}>
        {words.snooze.quick(words.duration(QUICK_MINUTES * 60_000))}
      </button>
      <span role="status">{said.value}</span>
    </p>
  );
}

/** The answer of somebody else, for those who only look. */
function Answered({ alert }: { readonly alert: Alert }): JSX.Element | null {
  const { shop } = useWorld();
  const words = useWords();
  if (alert.ack === null) return null;
  const time = timeInWords(words, alert.ack.atMs, shop.nowMs.peek(), shop.store.value?.timezone);
  return (
    <div class="answered">
      <CheckMark />
      <span>{words.alerts.answeredBy(words.action[alert.ack.action], alert.ack.by, time)}</span>
    </div>
  );
}

function AlertTime({ alert }: { readonly alert: Alert }): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const nowMs = shop.nowMs.value;
  const opened = timeInWords(words, alert.openedMs, nowMs, shop.store.value?.timezone);
  return (
    <span class="alert-time">
      <time dateTime={new Date(alert.openedMs).toISOString()}>
        {isOpen(alert) ? `${words.ago(ago(alert.openedMs, nowMs))} · ${opened}` : opened}
      </time>
      <span class="alert-state">
        {words.state[alert.state]}
        {alert.endedMs === null ? "" : ` · ${words.alerts.lasted(words.duration(alert.endedMs - alert.openedMs))}`}
      </span>
    </span>
  );
}

function Reasons({ alert }: { readonly alert: Alert }): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const extent = useExtent();
  const store = shop.store.value;
  const reasons = [...alert.reasons].sort((a, b) => a.tMs - b.tMs);
  return (
    <div class="reasons">
      <h4>{words.alerts.reasons}</h4>
      <ol>
        {reasons.map((reason, index) => (
          <li key={index}>
            <time dateTime={new Date(reason.tMs).toISOString()}>
              {timeInWords(words, reason.tMs, shop.nowMs.peek(), store?.timezone)}
            </time>
            <div>
              {reasonInWords(words, reason)}
              {reason.place === null ? null : (
                <span class="reason-place"> {placeInWords(words, reason.place, store, extent.value)}</span>
              )}
              {reason.picture ? (
                <Picture
                  name={reason.picture}
                  alt={words.picture.of(
                    reasonInWords(words, reason),
                    placeInWords(words, reason.place, store, extent.value),
                  )}
                />
              ) : null}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Answer({ alert }: { readonly alert: Alert }): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const isChanging = useSignal(false);
  const waiting = shop.waiting.value.get(alert.alertId);
  const standing = alert.ack;
  const given = waiting ?? standing;
  const answer = (action: Action): void => {
    isChanging.value = false;
    void shop.answer(alert, action, words.settings.anonymous);
  };
  if (given !== null && !isChanging.value) {
    const time = timeInWords(words, given.atMs, shop.nowMs.peek(), shop.store.value?.timezone);
    return (
      <div class={waiting === undefined ? "answered" : "answered is-waiting"} role="status">
        <CheckMark />
        <span>
          {waiting === undefined
            ? words.alerts.answeredBy(words.action[given.action], given.by, time)
            : words.alerts.sending(words.action[given.action])}
        </span>
        <button type="button" class="quiet" onClick={() => (isChanging.value = true)}>
          {words.alerts.change}
        </button>
      </div>
    );
  }
  return (
    <div class="answers" role="group" aria-label={words.alerts.answer}>
      {ACTIONS.map((action) => (
        <button key={action} type="button" class="answer" data-action={action} onClick={() => answer(action)}>
          {words.action[action]}
        </button>
      ))}
    </div>
  );
}
