/** A sign for the door, in both languages: what is measured here, from what is really plugged in, and what is kept. */

import type { JSX } from "preact";
import { wordsOf } from "../i18n/speak";
import type { Words } from "../i18n/words";
import { useWords, useWorld } from "./context";
import { Noren } from "./marks";

export function DoorSignPage(): JSX.Element {
  const words = useWords();
  return (
    <div class="door-sign">
      <p class="door-sign-tools">
        <a class="plain" href="#/settings">
          {words.sign.back}
        </a>
        <button
          type="button"
          class="plain"
          onClick={() => {
            print();
          }}
        >
          {words.sign.print}
        </button>
      </p>
      <article class="card sheet">
        <Noren />
        <Told words={wordsOf("ja")} lang="ja" />
        <Told words={wordsOf("en")} lang="en" />
      </article>
    </div>
  );
}

function Told({ words, lang }: { readonly words: Words; readonly lang: string }): JSX.Element {
  const { shop } = useWorld();
  const sensors = shop.box.sensors.value;
  const name = shop.store.value?.name ?? "";
  return (
    <section lang={lang}>
      <h2>{words.sign.title}</h2>
      <ul>
        {sensors !== null && sensors.cameras > 0 ? <li>{words.sign.depth}</li> : null}
        {sensors !== null && sensors.microphones > 0 ? <li>{words.sign.sound}</li> : <li>{words.sign.noSound}</li>}
        <li>{words.sign.nobody}</li>
        <li>{words.sign.kept}</li>
      </ul>
      <p>{words.sign.ask(name)}</p>
    </section>
  );
}
