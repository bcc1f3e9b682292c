/** A day: when people came, where they stood, what became of the alerts. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { neighbours, wholeHours } from "../app/day-book";
import { ACTIONS } from "../app/wire/alert";
import type { Day } from "../app/wire/day";
import { dateInWords } from "../i18n/speak";
import { useWords, useWorld } from "./context";
import { DwellMap } from "./DwellMap";
import { HourChart } from "./HourChart";
import { BackMark, DayMark, ForthMark } from "./marks";

/** A page that stays open follows the day. */
const REFRESH_MS = 60_000;

export function DayPage(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const shown = shop.day.shown.value;
  useEffect(() => {
    void shop.day.show(null);
    const timer = setInterval(() => void shop.day.refresh(), REFRESH_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  if (shown.is !== "known") {
    return (
      <div class="day">
        <div class="card empty">
          <DayMark />
          <p class="hint">{shown.is === "loading" ? words.day.loading : words.day.unreachable}</p>
        </div>
      </div>
    );
  }
  return (
    <div class="day">
      <Dates day={shown.day} />
      <Hours day={shown.day} />
      <Alerts day={shown.day} />
      <DwellMap day={shown.day} />
    </div>
  );
}

function Dates({ day }: { readonly day: Day }): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const { before, after } = neighbours(day);
  const turn = (label: string, date: string | null, mark: JSX.Element): JSX.Element => (
    <button type="button" class="icon-button" aria-label={label} disabled={date === null} onClick={() => void shop.day.show(date)}>
      {mark}
    </button>
  );
  return (
    <header class="day-dates">
      {turn(words.day.before, before, <BackMark />)}
      <h2 aria-live="polite" data-date={day.date}>
        {dateInWords(words, day.date)}
      </h2>
      {turn(words.day.after, after, <ForthMark />)}
    </header>
  );
}

function Section({ id, title, children }: { readonly id: string; readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}

function Hours({ day }: { readonly day: Day }): JSX.Element {
  const words = useWords();
  const hours = wholeHours(day);
  const total = day.hours.reduce((sum, hour) => sum + hour.entered, 0);
  const most = Math.max(0, ...day.hours.map((hour) => hour.mostInside));
  return (
    <Section id="hours" title={words.day.visitors}>
      <dl class="day-figures">
        <Figure name={words.now.entered} value={words.now.people(total)} />
        <Figure name={words.day.mostInside} value={words.now.people(most)} />
      </dl>
      {hours.length === 0 ? <p class="hint">{words.day.nobody}</p> : <HourChart hours={hours} />}
    </Section>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Alerts({ day }: { readonly day: Day }): JSX.Element {
  const words = useWords();
  const total = Object.values(day.byLevel).reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return (
      <Section id="day-alerts" title={words.nav.alerts}>
        <p class="hint">{words.day.noAlerts}</p>
      </Section>
    );
  }
  const share = day.reds === 0 ? null : Math.round((100 * day.spoken) / day.reds);
  return (
    <Section id="day-alerts" title={words.nav.alerts}>
      <ul class="day-levels">
        {(["red", "yellow", "white"] as const).map((level) => (
          <li key={level} class={`level-chip level-${level}`}>
            {words.level[level]} <b>{day.byLevel[level]}</b>
          </li>
        ))}
      </ul>
      <dl class="day-figures">
        <Figure name={words.day.greeted} value={share === null ? "–" : words.day.greetedOf(day.spoken, day.reds, share)} />
        <Figure name={words.day.howFast} value={day.medianS === null ? "–" : words.duration(day.medianS * 1000)} />
      </dl>
      <ul class="day-answers" aria-label={words.day.answers}>
        {([...ACTIONS, "none"] as const).map((answer) => (
          <li key={answer}>
            <span>{answer === "none" ? words.day.unanswered : words.action[answer]}</span>
            <b>{day.byAnswer[answer]}</b>
            <svg class="level-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
              <rect class="level-room" width="100" height="1" />
              <rect class={`answer-part answer-${answer}`} width={(100 * day.byAnswer[answer]) / total} height="1" />
            </svg>
          </li>
        ))}
      </ul>
    </Section>
  );
}
