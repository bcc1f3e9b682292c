/** Signing in, and the first time: the code of the console, or of an invitation, and a password of one's own. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Failure } from "../app/session";
import { useWords, useWorld } from "./context";

/** As long as the box asks for. */
export const LEAST_PASSWORD = 8;

/** The code in an address such as `/#setup=CODE`, from a QR picture or a link. */
function codeOfAddress(): string {
  const found = /^#setup=([A-Za-z0-9-]{1,64})$/.exec(location.hash);
  return found?.[1] ?? "";
}

export function SignInPage({ isFirst }: { readonly isFirst: boolean }): JSX.Element {
  const hasCode = useSignal(isFirst || codeOfAddress() !== "");
  const words = useWords();
  return (
    <section class="card sign-in" aria-labelledby="sign-in-title">
      <h2 id="sign-in-title">{isFirst ? words.signIn.first : hasCode.value ? words.signIn.invited : words.signIn.title}</h2>
      {isFirst ? <p class="hint">{words.signIn.firstHint}</p> : null}
      <Form hasCode={hasCode.value} />
      {isFirst ? null : (
        <button type="button" class="quiet" onClick={() => (hasCode.value = !hasCode.value)}>
          {hasCode.value ? words.signIn.haveAccount : words.signIn.haveCode}
        </button>
      )}
    </section>
  );
}

function Form({ hasCode }: { readonly hasCode: boolean }): JSX.Element {
  const { session } = useWorld();
  const words = useWords();
  const failure = useSignal<Failure | null>(null);
  const isBusy = useSignal(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const text = (key: string): string => {
      const value = data.get(key);
      return typeof value === "string" ? value.trim() : "";
    };
    const password = data.get("password");
    isBusy.value = true;
    failure.value = hasCode
      ? await session.setUp(text("code"), text("name"), typeof password === "string" ? password : "")
      : await session.signIn(text("name"), typeof password === "string" ? password : "");
    isBusy.value = false;
    if (failure.value === null && location.hash.startsWith("#setup=")) location.replace("#/now");
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      {hasCode ? (
        <label>
          <span>{words.signIn.code}</span>
          <input name="code" required autoComplete="one-time-code" autoCapitalize="characters" spellcheck={false} defaultValue={codeOfAddress()} />
        </label>
      ) : null}
      <label>
        <span>{words.signIn.name}</span>
        <input name="name" required maxLength={40} autoComplete="username" autoCapitalize="none" spellcheck={false} />
      </label>
      <label>
        <span>{hasCode ? words.signIn.newPassword : words.signIn.password}</span>
        <input
          name="password"
          type="password"
          required
          minLength={hasCode ? LEAST_PASSWORD : 1}
          maxLength={200}
          autoComplete={hasCode ? "new-password" : "current-password"}
          aria-describedby={hasCode ? "password-hint" : undefined}
        />
      </label>
      {hasCode ? (
        <p id="password-hint" class="hint">
          {words.signIn.passwordHint(LEAST_PASSWORD)}
        </p>
      ) : null}
      <p class="sign-in-failure" role="alert">
        {failure.value === null ? "" : failureInWords(words, failure.value, hasCode)}
      </p>
      <button type="submit" class="primary" disabled={isBusy.value}>
        {hasCode ? words.signIn.begin : words.signIn.enter}
      </button>
    </form>
  );
}

function failureInWords(words: ReturnType<typeof useWords>, failure: Failure, hasCode: boolean): string {
  switch (failure.is) {
    case "wait":
      return words.signIn.wait(words.duration(failure.seconds * 1000));
    case "wrong":
      return hasCode ? words.signIn.wrongCode : words.signIn.wrong;
    case "weak":
      return words.signIn.weak;
    case "unreachable":
      return words.signIn.unreachable;
    case "refused":
      return words.signIn.refused;
  }
}
