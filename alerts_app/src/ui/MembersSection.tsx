/** Who may come in, and as what: for the owner. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Refusal } from "../app/api";
import { ROLES, type Invitation, type Member, type Role } from "../app/wire/session";
import { timeInWords } from "../i18n/speak";
import { useWords, useWorld } from "./context";

export function MembersSection(): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const failure = useSignal("");
  const members = shop.members.all.value;
  const invitation = shop.members.invitation.value;
  useEffect(() => {
    void shop.members.refresh().catch(() => undefined);
  }, []);
  const attempt = (work: Promise<void>): void => {
    work.then(
      () => (failure.value = ""),
      (error: unknown) => {
        const code = error instanceof Refusal ? error.code : "";
        failure.value = code === "last_owner" ? words.members.lastOwner : code === "name_taken" ? words.members.nameTaken : words.members.failed;
      },
    );
  };
  return (
    <section class="card" aria-labelledby="members-title">
      <h2 id="members-title">{words.members.title}</h2>
      <ul class="rows">
        {(members ?? []).map((member) => (
          <MemberRow key={member.name} member={member} attempt={attempt} />
        ))}
      </ul>
      <p role="alert">{failure.value}</p>
      {invitation === null ? null : <Code invitation={invitation} />}
      <NewMember attempt={attempt} />
    </section>
  );
}

type Attempt = (work: Promise<void>) => void;

function MemberRow({ member, attempt }: { readonly member: Member; readonly attempt: Attempt }): JSX.Element {
  const { shop, session } = useWorld();
  const words = useWords();
  const seen =
    member.seenMs === null ? words.members.neverSeen : words.members.seen(timeInWords(words, member.seenMs, shop.nowMs.peek(), shop.store.value?.timezone));
  const isMe = member.name === session.name.value;
  return (
    <li class={member.enabled ? "" : "is-off"} data-member={member.name}>
      <span>
        <b>{member.name}</b>
        <span class="hint">
          {member.enabled ? (member.invited ? words.members.invited : seen) : words.members.off}
        </span>
      </span>
      <select
        aria-label={words.members.roleOf(member.name)}
        value={member.role}
        onChange={(event) => {
          attempt(shop.members.setRole(member.name, event.currentTarget.value as Role));
        }}
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {words.account.role[role]}
          </option>
        ))}
      </select>
      {isMe ? null : (
        <details>
          <summary>{words.members.more}</summary>
          <div class="row-actions">
            <button type="button" class="plain" onClick={() => attempt(shop.members.setEnabled(member.name, !member.enabled))}>
              {member.enabled ? words.members.switchOff : words.members.switchOn}
            </button>
            <button type="button" class="plain" onClick={() => attempt(shop.members.inviteAgain(member.name))}>
              {words.members.inviteAgain}
            </button>
            <button type="button" class="plain is-grave" onClick={() => attempt(shop.members.remove(member.name))}>
              {words.members.remove}
            </button>
          </div>
        </details>
      )}
    </li>
  );
}

function Code({ invitation }: { readonly invitation: Invitation }): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const until = timeInWords(words, invitation.expiresMs, shop.nowMs.peek(), shop.store.value?.timezone);
  return (
    <div class="invitation" role="status">
      <p>{words.members.codeFor(invitation.name)}</p>
      <p class="invitation-code">{invitation.code}</p>
      <p class="hint">{words.members.codeHint(until)}</p>
    </div>
  );
}

function NewMember({ attempt }: { readonly attempt: Attempt }): JSX.Element {
  const { shop } = useWorld();
  const words = useWords();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const name = form.elements.namedItem("name") as HTMLInputElement;
    attempt(
      shop.members.invite(name.value.trim(), data.get("role") as Role).then(() => {
        name.value = "";
      }),
    );
  };
  return (
    <form class="fields row-form" onSubmit={submit}>
      <label class="field">
        <span>{words.signIn.name}</span>
        <input name="name" required maxLength={40} autoComplete="off" autoCapitalize="none" spellcheck={false} />
      </label>
      <label class="field">
        <span>{words.members.role}</span>
        <select name="role">
          {ROLES.map((role) => (
            <option key={role} value={role} selected={role === "staff"}>
              {words.account.role[role]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="plain">
        {words.members.invite}
      </button>
    </form>
  );
}
