/** Alerts: what goes on first, what is over below. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { AlertCard } from "./AlertCard";
import { useWords, useWorld } from "./context";
import { isListed, type Least, LevelFilter } from "./LevelFilter";
import { CheckMark } from "./marks";

export function AlertsPage(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const least = useSignal<Least>(null);
  const open = shop.alerts.open.value.filter((alert) => isListed(alert, least.value));
  const ended = shop.alerts.ended.value.filter((alert) => isListed(alert, least.value));
  const isKnown = shop.caughtUp.value || shop.alerts.all.value.size > 0;
  if (!isKnown) return <p class="card empty">{words.alerts.loading}</p>;
  return (
    <>
      <LevelFilter least={least} />
      <div class="alerts">
        <section aria-labelledby="open-title">
          <h2 id="open-title">{words.alerts.open}</h2>
          {open.length === 0 ? (
            <div class="card empty">
              <CheckMark />
              <p>{words.alerts.nothingOpen}</p>
              <p class="hint">{words.alerts.nothingOpenHint}</p>
            </div>
          ) : (
            open.map((alert) => <AlertCard key={alert.alertId} alert={alert} />)
          )}
        </section>
        <section aria-labelledby="ended-title">
          <h2 id="ended-title">{words.alerts.ended}</h2>
          {ended.length === 0 ? (
            <p class="hint">{words.alerts.nothingYet}</p>
          ) : (
            ended.map((alert) => <AlertCard key={alert.alertId} alert={alert} />)
          )}
        </section>
      </div>
    </>
  );
}
