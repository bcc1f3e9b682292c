/** Settings: this phone's, one's own account, what is silent for a while, and who may come in. */

import type { JSX } from "preact";
import { type Language, MAX_NAME, type Theme } from "../app/preferences";
import { AccountSection } from "./AccountSection";
import { useWords, useWorld } from "./context";
import { MembersSection } from "./MembersSection";
import { NoticeSection } from "./NoticeSection";
import { SnoozeSection } from "./SnoozeSection";

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ["ja", "日本語"],
  ["en", "English"],
];
const THEMES: readonly Theme[] = ["auto", "light", "dark"];

export function SettingsPage(): JSX.Element {
  const { session } = useWorld();
  const words = useWords();
  return (
    <div class="settings">
      <AccountSection />
      <PhoneSection />
      <NoticeSection />
      {session.may("snooze") ? <SnoozeSection /> : null}
      {session.may("users") && session.name.value !== null ? <MembersSection /> : null}
      <a class="plain" href="#/sign">
        {words.sign.open}
      </a>
      <p class="privacy">{words.settings.privacy}</p>
    </div>
  );
}

function PhoneSection(): JSX.Element {
  const { preferences, session } = useWorld();
  const words = useWords();
  return (
    <section class="card" aria-labelledby="phone-title">
      <h2 id="phone-title">{words.settings.phone}</h2>
      <fieldset>
        <legend>{words.settings.language}</legend>
        <div class="choices">
          {LANGUAGES.map(([language, name]) => (
            <label key={language} lang={language}>
              <input
                type="radio"
                name="language"
                value={language}
                checked={preferences.language.value === language}
                onChange={() => {
                  preferences.setLanguage(language);
                }}
              />
              <span>{name}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>{words.settings.theme}</legend>
        <div class="choices">
          {THEMES.map((theme) => (
            <label key={theme}>
              <input
                type="radio"
                name="theme"
                value={theme}
                checked={preferences.theme.value === theme}
                onChange={() => {
                  preferences.setTheme(theme);
                }}
              />
              <span>{words.settings.themes[theme]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {session.name.value === null ? (
        <label class="field">
          <span>{words.settings.name}</span>
          <input
            type="text"
            maxLength={MAX_NAME}
            autoComplete="nickname"
            value={preferences.name.value}
            aria-describedby="name-hint"
            onChange={(event) => {
              preferences.setName(event.currentTarget.value);
            }}
          />
          <span id="name-hint" class="hint">
            {words.settings.nameHint}
          </span>
        </label>
      ) : null}
    </section>
  );
}
