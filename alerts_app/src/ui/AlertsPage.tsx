/** Alerts: what goes on first, what is over below. */

import type { JSX } from "preact";
import { AlertCard } from "./AlertCard";
import { useWords, useWorld } from "./context";
import { CheckMark } from "./marks";

export function AlertsPage(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const open = shop.alerts.open.value;
  const ended = shop.alerts.ended.value;
  const isKnown = shop.caughtUp.value || open.length + ended.length > 0;
  if (!isKnown) return <p class="card empty">{words.alerts.loading}</p>;
  return (
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
  );
}
