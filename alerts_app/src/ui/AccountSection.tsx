/** One's own account: who one is, another password, and out. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Refusal } from "../app/api";
import { useWords, useWorld } from "./context";
import { LEAST_PASSWORD } from "./SignInPage";

export function AccountSection(): JSX.Element | null {
  const { session } = useWorld();
  const words = useWords();
  const standing = session.standing.value;
  if (standing.is !== "in" || standing.user === null) return null;
  return (
    <section class="card" aria-labelledby="account-title">
      <h2 id="account-title">{words.account.title}</h2>
      <p class="account-who">
        <b>{standing.user.name}</b> <span>{words.account.role[standing.user.role]}</span>
      </p>
      <Password />
      <button type="button" class="plain" onClick={() => void session.signOut()}>
        {words.account.signOut}
      </button>
    </section>
  );
}

function Password(): JSX.Element {
  const { session } = useWorld();
  const words = useWords();
  const result = useSignal("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    try {
      await session.change("POST", "/api/password", { old: data.get("old"), new: data.get("new") });
      result.value = words.account.changed;
      form.reset();
    } catch (error) {
      if (!(error instanceof Refusal)) result.value = words.signIn.unreachable;
      else result.value = error.code === "weak_password" ? words.signIn.weak : words.account.wrongOld;
    }
  };
  return (
    <details>
      <summary>{words.account.changePassword}</summary>
      <form class="fields" onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span>{words.account.oldPassword}</span>
          <input name="old" type="password" required maxLength={200} autoComplete="current-password" />
        </label>
        <label class="field">
          <span>{words.signIn.newPassword}</span>
          <input name="new" type="password" required minLength={LEAST_PASSWORD} maxLength={200} autoComplete="new-password" />
        </label>
        <p role="status">{result.value}</p>
        <button type="submit" class="plain">
          {words.account.changePassword}
        </button>
      </form>
    </details>
  );
}
