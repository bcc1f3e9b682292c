/** The box: each camera and microphone, its disk, its version, and help for those who help. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { About } from "../app/wire/about";
import type { SensorHealth } from "../app/wire/box";
import { bytesInWords } from "../i18n/speak";
import { useWords, useWorld } from "./context";
import { LiveDepth } from "./LiveDepth";
import { CameraMark, MicrophoneMark } from "./marks";

const REFRESH_MS = 10_000;
/** The quietest and the loudest that the level meter shows. */
const METER_DBFS = [-80, 0] as const;

export function BoxPage(): JSX.Element {
  const { shop, session } = useWorld();
  useEffect(() => {
    void shop.about.refresh();
    const timer = setInterval(() => void shop.about.refresh(), REFRESH_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return (
    <div class="box">
      <Sensors />
      <AboutBox about={shop.about.told.value} />
      {session.may("box") ? <ForHelpers /> : null}
    </div>
  );
}

function Sensors(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const sensors = shop.box.all.value;
  return (
    <section class="card" aria-labelledby="sensors-title">
      <h2 id="sensors-title">{words.box.sensors}</h2>
      {sensors.length === 0 ? <p class="hint">{words.sensors.none}</p> : null}
      <ul class="sensor-list">
        {sensors.map((sensor) => (
          <Sensor key={sensor.id} sensor={sensor} />
        ))}
      </ul>
    </section>
  );
}

function Sensor({ sensor }: { readonly sensor: SensorHealth }): JSX.Element {
  const { session } = useWorld();
  const words = useWords();
  const isOpen = useSignal(false);
  const tone = { ok: "good", starting: "wait", stalled: "bad", lost: "bad" }[sensor.state];
  return (
    <li data-sensor={sensor.id}>
      <h3>
        {sensor.kind === "camera" ? <CameraMark /> : <MicrophoneMark />}
        {sensor.id}
        <span class={`sensor-state tone-${tone}`}>
          <span class="lamp" aria-hidden="true" />
          {words.box.state[sensor.state]}
        </span>
      </h3>
      {sensor.fault === null ? null : (
        <p class="sensor-fault" lang="en">
          {sensor.fault}
        </p>
      )}
      <p class="hint">{factsInWords(words, sensor)}</p>
      {sensor.levelDbfs === null ? null : <Meter dbfs={sensor.levelDbfs} />}
      {sensor.kind === "camera" && sensor.state === "ok" && session.may("box") ? (
        <>
          <button type="button" class="plain" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
            {isOpen.value ? words.box.hide : words.box.look}
          </button>
          {isOpen.value ? <LiveDepth camera={sensor.id} /> : null}
        </>
      ) : null}
    </li>
  );
}

function factsInWords(words: ReturnType<typeof useWords>, sensor: SensorHealth): string {
  const facts = [sensor.model];
  if (sensor.state === "ok") facts.push(words.box.rate(sensor.kind, sensor.fps));
  if (sensor.frameAgeMs !== null) facts.push(words.box.age(words.duration(Math.max(1000, sensor.frameAgeMs))));
  if (sensor.drops > 0) facts.push(words.box.drops(sensor.drops));
  return facts.filter((fact) => fact !== "").join(" · ");
}

function Meter({ dbfs }: { readonly dbfs: number }): JSX.Element {
  const words = useWords();
  const [quiet, loud] = METER_DBFS;
  const part = Math.min(1, Math.max(0, (dbfs - quiet) / (loud - quiet)));
  return (
    <div class="meter">
      <span>{words.box.level}</span>
      <svg class="level-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect class="level-room" width="100" height="1" />
        <rect class="level-goods" width={(100 * part).toFixed(1)} height="1" />
      </svg>
      <b>{words.box.dbfs(Math.round(dbfs))}</b>
    </div>
  );
}

function AboutBox({ about }: { readonly about: About | null }): JSX.Element | null {
  const words = useWords();
  if (about === null) return null;
  const facts: readonly (readonly [string, string])[] = [
    [words.box.disk, words.box.diskFree(bytesInWords(words, about.freeBytes), bytesInWords(words, about.totalBytes))],
    [words.box.uptime, words.duration(about.uptimeS * 1000)],
    [words.box.version, about.version],
    [words.box.system, about.system],
  ];
  return (
    <section class="card" aria-labelledby="about-title">
      <h2 id="about-title">{words.box.about}</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function ForHelpers(): JSX.Element {
  const words = useWords();
  return (
    <section class="card" aria-labelledby="support-title">
      <h2 id="support-title">{words.box.support}</h2>
      <p class="hint">{words.box.supportHint}</p>
      <a class="plain" href="/api/support" download>
        {words.box.download}
      </a>
    </section>
  );
}
