/** Now: who is in the shop, where, and whether anything needs a person. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import type { Link } from "../app/connection";
import { startOfDay } from "../app/shop-time";
import { timeInWords } from "../i18n/speak";
import { AlertCard } from "./AlertCard";
import { useWords, useWorld } from "./context";
import { FloorMap } from "./FloorMap";
import { CheckMark } from "./marks";

const SHOWN_ALERTS = 2;

export function NowPage(): JSX.Element {
  const { shop } = useWorld();
  // The map waits until it is known whether an alert stands above it: nothing moves under a finger.
  const isKnown = useComputed(() => shop.caughtUp.value || shop.alerts.all.value.size > 0 || isOut(shop.link.value));
  const isFirst = useComputed(() => shop.people.value === null && (shop.store.value === null || !isKnown.value));
  return (
    <div class="now">
      <div class="now-side">
        <Inside />
        <OpenAlerts />
      </div>
      {isFirst.value ? (
        <div key="first" class="now-map">
          <FirstTime />
        </div>
      ) : (
        <div key="map" class="now-map">
          <FloorMap />
        </div>
      )}
    </div>
  );
}

function isOut(link: Link): boolean {
  return link === "offline" || link === "no-broker";
}

function FirstTime(): JSX.Element {
  const words = useWords();
  return (
    <section class="card first">
      <div class="first-floor" aria-hidden="true">
        <span class="first-dot" />
        <span class="first-dot" />
        <span class="first-dot" />
      </div>
      <h2>{words.now.waitingFirst}</h2>
      <p>{words.now.waitingHint}</p>
    </section>
  );
}

function Inside(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const inside = useComputed(() => shop.people.value?.inside ?? null);
  const count = inside.value;
  return (
    <section class="card inside" aria-labelledby="inside-title">
      <div class="inside-now">
        <h2 id="inside-title">{words.now.inside}</h2>
        <p class="inside-count" data-inside={count ?? undefined}>
          <span class="figure">{count ?? "–"}</span>
          {count === null ? null : <span class="unit">{words.now.unit(count)}</span>}
        </p>
        {count === 0 ? <p class="inside-nobody">{words.now.nobody}</p> : null}
      </div>
      <Comings />
    </section>
  );
}

function Comings(): JSX.Element | null {
  const { shop } = useWorld();
  const words = useWords();
  const today = shop.flow.today.value;
  if (today === null) return null;
  const timezone = shop.store.value?.timezone;
  const fullDay = timezone !== undefined && today.sinceMs <= startOfDay(shop.nowMs.peek(), timezone);
  const span = fullDay ? words.now.today : words.now.since(timeInWords(words, today.sinceMs, shop.nowMs.peek(), timezone));
  return (
    <div class="comings">
      <dl class="flow">
        <div>
          <dt>{words.now.entered}</dt>
          <dd data-entered>{today.entered}</dd>
        </div>
        <div>
          <dt>{words.now.left}</dt>
          <dd data-left>{today.left}</dd>
        </div>
      </dl>
      {today.lines.length === 0 ? null : (
        <ul class="line-flow" aria-label={words.now.lines}>
          {today.lines.map((line) => (
            <li key={line.id}>
              <span class="line-name">{line.id}</span>
              <span>
                {words.now.in} <b>{line.in}</b>
              </span>
              <span>
                {words.now.out} <b>{line.out}</b>
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="flow-span">{span}</p>
    </div>
  );
}

function OpenAlerts(): JSX.Element | null {
  const { shop } = useWorld();
  const words = useWords();
  const open = shop.alerts.open.value;
  if (open.length === 0) {
    if (!shop.caughtUp.value) return null;
    return (
      <p class="card calm">
        <CheckMark />
        {words.now.allCalm}
      </p>
    );
  }
  return (
    <section class="needs" aria-labelledby="needs-title">
      <h2 id="needs-title">{words.now.needsYou}</h2>
      {open.slice(0, SHOWN_ALERTS).map((alert) => (
        <AlertCard key={alert.alertId} alert={alert} isBrief />
      ))}
      {open.length > SHOWN_ALERTS ? (
        <a class="more" href="#/alerts">
          {words.now.more(open.length - SHOWN_ALERTS)}
        </a>
      ) : null}
    </section>
  );
}
