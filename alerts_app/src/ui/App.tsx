/** The page around the pages: sign, one calm line, settings, and the tabs. */

import { useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { placeInWords, kindInWords } from "../i18n/speak";
import { AlertsPage } from "./AlertsPage";
import { BoxPage } from "./BoxPage";
import { ConditionLine } from "./ConditionLine";
import { useExtent, useWords, useWorld } from "./context";
import { BellMark, BoxMark, DayMark, Noren, NowMark, SettingsMark, ShelfMark } from "./marks";
import { DayPage } from "./DayPage";
import { DoorSignPage } from "./DoorSignPage";
import { NowPage } from "./NowPage";
import { type Page, page } from "./page";
import { SettingsPage } from "./SettingsPage";
import { ShelvesPage } from "./ShelvesPage";
import { SignInPage } from "./SignInPage";

const PAGES: Readonly<Record<Page, () => JSX.Element>> = {
  now: NowPage,
  alerts: AlertsPage,
  shelves: ShelvesPage,
  day: DayPage,
  box: BoxPage,
  settings: SettingsPage,
  sign: DoorSignPage,
};

export function App(): JSX.Element {
  const { shop, session } = useWorld();
  const words = useWords();
  const store = shop.store.value;
  const standing = session.standing.value;
  const isIn = standing.is === "in" || standing.is === "asking";
  const Shown = PAGES[page.value];
  return (
    <>
      <a class="skip" href="#content">
        {words.skipToContent}
      </a>
      <header class="top">
        <Noren />
        <div class="top-names">
          <h1>{words.productName}</h1>
          {store === null ? null : (
            <p class="top-store">
              <span>{store.name}</span>
              <span class={store.open ? "hours is-open" : "hours"}>{store.open ? words.now.open : words.now.closed}</span>
            </p>
          )}
        </div>
        {isIn ? <Tabs /> : null}
        {isIn ? (
          <a class="icon-button" href="#/settings" aria-label={words.settings.open} aria-current={page.value === "settings" ? "page" : undefined}>
            <SettingsMark />
          </a>
        ) : null}
      </header>
      <main id="content" tabIndex={-1}>
        {standing.is === "setup" || standing.is === "signed_out" ? (
          <SignInPage isFirst={standing.is === "setup"} />
        ) : (
          <>
            <ConditionLine />
            <Shown />
          </>
        )}
      </main>
      <Announcer />
    </>
  );
}

function Tabs(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const open = shop.alerts.open.value;
  const worst = open[0]?.level ?? "white";
  return (
    <nav class="tabs" aria-label={words.nav.label}>
      <a href="#/now" class="tab" aria-current={page.value === "now" ? "page" : undefined}>
        <NowMark />
        <span>{words.nav.now}</span>
      </a>
      <a href="#/alerts" class="tab" aria-current={page.value === "alerts" ? "page" : undefined}>
        <BellMark />
        <span>{words.nav.alerts}</span>
        {open.length > 0 ? <span class={`badge badge-${worst}`}>{open.length}</span> : null}
      </a>
      {(shop.store.value?.shelves.length ?? 0) > 0 ? (
        <a href="#/shelves" class="tab" aria-current={page.value === "shelves" ? "page" : undefined}>
          <ShelfMark />
          <span>{words.nav.shelves}</span>
        </a>
      ) : null}
      <a href="#/day" class="tab" aria-current={page.value === "day" ? "page" : undefined}>
        <DayMark />
        <span>{words.nav.day}</span>
      </a>
      <a href="#/box" class="tab" aria-current={page.value === "box" ? "page" : undefined}>
        <BoxMark />
        <span>{words.nav.box}</span>
      </a>
    </nav>
  );
}

/** Says each new alert once to a screen reader, and nothing else. */
function Announcer(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const extent = useExtent();
  const said = useSignal("");
  const known = useRef(new Set<string>());
  useSignalEffect(() => {
    for (const alert of shop.alerts.open.value) {
      const step = `${alert.alertId} ${alert.level}`;
      if (known.current.has(step)) continue;
      known.current.add(step);
      const place = placeInWords(words, alert.place, shop.store.peek(), extent.peek());
      said.value = words.alerts.announce(words.level[alert.level], kindInWords(words, alert.kind), place);
    }
  });
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {said.value}
    </p>
  );
}
