/** Those who may open the page, for their owner. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Change } from "./api";
import { fetchJson, type FetchJson } from "./sync";
import { type Invitation, type Member, readInvitation, readMembers, type Role } from "./wire/session";

export class Members {
  readonly #all = signal<readonly Member[] | null>(null);
  /** The code that was made last; it is not told again. */
  readonly #invitation = signal<Invitation | null>(null);

  constructor(
    private readonly change: Change,
    private readonly getJson: FetchJson = fetchJson,
  ) {}

  /** Null until the box has told. */
  get all(): ReadonlySignal<readonly Member[] | null> {
    return this.#all;
  }
  get invitation(): ReadonlySignal<Invitation | null> {
    return this.#invitation;
  }

  async refresh(): Promise<void> {
    this.#all.value = readMembers(await this.getJson("/api/users"));
  }

  async invite(name: string, role: Role): Promise<void> {
    this.#invitation.value = readInvitation(await this.change("POST", "/api/users", { name, role }));
    await this.refresh();
  }

  /** A new code; the old password is void. */
  async inviteAgain(name: string): Promise<void> {
    this.#invitation.value = readInvitation(await this.change("PATCH", pathOf(name), { invite: true }));
    await this.refresh();
  }

  async setRole(name: string, role: Role): Promise<void> {
    await this.change("PATCH", pathOf(name), { role });
    await this.refresh();
  }

  async setEnabled(name: string, enabled: boolean): Promise<void> {
    await this.change("PATCH", pathOf(name), { enabled });
    await this.refresh();
  }

  async remove(name: string): Promise<void> {
    await this.change("DELETE", pathOf(name));
    if (this.#invitation.peek()?.name === name) this.#invitation.value = null;
    await this.refresh();
  }
}

function pathOf(name: string): string {
  return `/api/users/${encodeURIComponent(name)}`;
}
