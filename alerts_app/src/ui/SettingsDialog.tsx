/** Language, colours, and the name that answers carry. */

import type { JSX, RefObject } from "preact";
import { type Language, MAX_NAME, type Theme } from "../app/preferences";
import { useWords, useWorld } from "./context";

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ["ja", "日本語"],
  ["en", "English"],
];
const THEMES: readonly Theme[] = ["auto", "light", "dark"];

export function SettingsDialog({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }): JSX.Element {
  const { preferences } = useWorld();
  const words = useWords();
  const closeOnBackdrop = (event: MouseEvent): void => {
    if (event.target === dialog.current) dialog.current?.close();
  };
  return (
    <dialog ref={dialog} class="settings" aria-labelledby="settings-title" onClick={closeOnBackdrop}>
      <form method="dialog">
        <h2 id="settings-title">{words.settings.title}</h2>
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
        <label class="name">
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
        </label>
        <p id="name-hint" class="hint">
          {words.settings.nameHint}
        </p>
        <p class="privacy">{words.settings.privacy}</p>
        <button type="submit" class="primary">
          {words.settings.close}
        </button>
      </form>
    </dialog>
  );
}
