/**
 * Who uses this phone.
 *
 * What was known at the last visit holds until the box says otherwise, so that a phone without a network still shows its
 * alerts and keeps its answers.  Nothing secret is kept here: the proof is a cookie that no script can read.
 */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { type Change, changer, Refusal } from "./api";
import { fetchJson, type FetchJson } from "./sync";
import { WireError } from "./wire/json";
import { readSession, type Right, type SessionTold, type User } from "./wire/session";

const KEPT = "miseban.session";

export type Standing =
  | { readonly is: "asking" | "setup" | "signed_out" }
  | { readonly is: "in"; readonly user: User | null; readonly rights: readonly Right[]; readonly signIn: boolean };

/** Why signing in did not work. */
export type Failure = { readonly is: "wrong" | "weak" | "unreachable" | "refused" } | { readonly is: "wait"; readonly seconds: number };

export class Session {
  readonly #standing: Signal<Standing>;
  #csrf: string | null = null;
  readonly change: Change;

  constructor(
    readonly storage: Storage | null,
    private readonly getJson: FetchJson = fetchJson,
    send?: typeof fetch,
  ) {
    this.#standing = signal(this.#remembered() ?? { is: "asking" });
    this.change = changer(() => this.#csrf, send);
  }

  get standing(): ReadonlySignal<Standing> {
    return this.#standing;
  }

  /** Whether the one who uses this phone may do something; what cannot be known yet is not offered. */
  may(right: Right): boolean {
    const standing = this.#standing.value;
    return standing.is === "in" && standing.rights.includes(right);
  }

  /** The name that answers carry; null where nobody signs in, so that the phone's own is taken. */
  readonly name: ReadonlySignal<string | null> = computed(() => {
    const standing = this.#standing.value;
    return standing.is === "in" && standing.signIn ? (standing.user?.name ?? null) : null;
  });

  /** Ask the box who we are; out of reach, what was known stays. */
  async ask(): Promise<void> {
    try {
      this.#take(readSession(await this.getJson("/api/session")));
    } catch (error) {
      if (error instanceof WireError) throw error;
    }
  }

  async signIn(name: string, password: string): Promise<Failure | null> {
    return this.#try("/api/session", { name, password });
  }

  /** Use the code of the console or of an invitation to become a user. */
  async setUp(code: string, name: string, password: string): Promise<Failure | null> {
    return this.#try("/api/setup", { code, name, password });
  }

  async signOut(): Promise<void> {
    await this.change("DELETE", "/api/session").catch(() => undefined);
    await this.ask();
  }

  async #try(path: string, body: unknown): Promise<Failure | null> {
    try {
      // The proof of a page that has not signed in yet.
      if (this.#csrf === null) await this.ask();
      this.#take(readSession(await this.change("POST", path, body)));
      return null;
    } catch (error) {
      if (!(error instanceof Refusal)) return { is: "unreachable" };
      if (error.retryAfterS !== null) return { is: "wait", seconds: error.retryAfterS };
      if (error.code === "weak_password") return { is: "weak" };
      return { is: error.status === 401 ? "wrong" : "refused" };
    }
  }

  #take(told: SessionTold): void {
    this.#csrf = told.csrf;
    const standing: Standing =
      told.state === "signed_in"
        ? { is: "in", user: told.user, rights: told.rights, signIn: told.signIn }
        : { is: told.state };
    if (JSON.stringify(standing) !== JSON.stringify(this.#standing.peek())) this.#standing.value = standing;
    this.#remember(standing);
  }

  #remember(standing: Standing): void {
    try {
      if (standing.is === "in") this.storage?.setItem(KEPT, JSON.stringify(standing));
      else this.storage?.removeItem(KEPT);
    } catch {
      // A full or refused storage costs an offline visit, nothing else.
    }
  }

  #remembered(): Standing | null {
    try {
      const kept = JSON.parse(this.storage?.getItem(KEPT) ?? "null") as { user: unknown; rights: unknown; signIn: unknown } | null;
      if (kept === null) return null;
      const told = readSession({ v: 1, state: "signed_in", sign_in: kept.signIn, user: kept.user, rights: kept.rights, csrf: null });
      return { is: "in", user: told.user, rights: told.rights, signIn: told.signIn };
    } catch {
      return null; // written by another version, or refused
    }
  }
}
