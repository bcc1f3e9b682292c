/** Push, tap and answer in the service worker. */

import type { AboutPhone, PhoneMemory, Rung } from "../app/phone-memory";
import { asked } from "../app/push";
import { LEVELS } from "../app/wire/alert";
import type { Answers } from "./answer";
import { notification, type Pushed, readPushed, type Shown, unreadable } from "./notice";

/** What this needs of the worker's global object. */
export interface Scope {
  readonly clients: Clients;
  readonly registration: ServiceWorkerRegistration;
  readonly location: { readonly origin: string };
}

const SYNC_TAG = "answers";

export class Ringer {
  constructor(
    private readonly scope: Scope,
    private readonly memory: PhoneMemory,
    private readonly answers: Answers,
  ) {}

  /** Show what was pushed; a browser takes the permission away from who is pushed to and shows nothing. */
  async pushed(data: PushMessageData | null): Promise<void> {
    const about = await this.memory.about();
    const shown = await this.#look(data, about);
    if (shown !== null) await this.scope.registration.showNotification(shown.title, shown.options);
    // The network is there now: an answer that waits may go.
    await this.answers.flush().catch(() => false);
  }

  /** A tap opens the alert; a button answers it without opening anything. */
  async clicked(shown: Notification, action: string): Promise<void> {
    shown.close();
    const alertId = alertOf(shown);
    if (alertId !== null && (action === "spoke" || action === "seen")) {
      const { name } = await this.memory.about();
      if (!(await this.answers.give(alertId, action, name).catch(() => false))) await this.#askForSync();
      for (const page of await this.#pages()) page.postMessage({ type: "answered", alertId, action });
      return;
    }
    await this.#open(alertId);
  }

  /** The browser has given this phone another address at its push service, or taken the old one away. */
  async readdressed(old: PushSubscription | null): Promise<void> {
    const key = old?.options.applicationServerKey;
    if (key === undefined || key === null) return;
    const { pushManager } = this.scope.registration;
    const known = await pushManager.getSubscription();
    const made = known ?? (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
    const about = await this.memory.about();
    // A memory that was lost: what rings everybody rings here too.
    const levels = about.levels.length > 0 ? about.levels : (["red"] as const);
    await this.answers.change("/api/push", asked(made, { ...about, levels }));
  }

  /** The network is back. Rejects while something still waits, so that the browser tries again. */
  async synced(tag: string): Promise<void> {
    if (tag === SYNC_TAG && !(await this.answers.flush())) throw new Error("the box cannot be reached yet");
  }

  async #look(data: PushMessageData | null, about: AboutPhone): Promise<Shown | null> {
    let pushed: Pushed;
    try {
      pushed = readPushed(data?.json());
    } catch {
      return unreadable(about.language);
    }
    if (pushed.alertId !== null && !(await this.memory.rings(pushed.alertId, rungOf(pushed)))) {
      return null;
    }
    const isInView = (await this.#pages()).some((page) => page.visibilityState === "visible");
    return notification(pushed, about.language, !isInView);
  }

  async #open(alertId: string | null): Promise<void> {
    const path = alertId === null ? "/#/alerts" : `/#/alerts/${encodeURIComponent(alertId)}`;
    const [page] = await this.#pages();
    if (page === undefined) {
      await this.scope.clients.openWindow(path);
      return;
    }
    // The page that is there goes to the alerts: only what follows the # changes, so nothing is loaded anew.
    page.postMessage({ type: "open", alertId });
    await page.navigate(path).catch(() => null);
    await page.focus();
  }

  async #pages(): Promise<readonly WindowClient[]> {
    return await this.scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  }

  /** Chromium tries again by itself when the network is back; elsewhere the page, or the next push, does. */
  async #askForSync(): Promise<void> {
    const { sync } = this.scope.registration as ServiceWorkerRegistration & {
      readonly sync?: { register: (tag: string) => Promise<void> };
    };
    await sync?.register(SYNC_TAG).catch(() => undefined);
  }
}

function rungOf(pushed: Pushed): Rung {
  return { rank: LEVELS.indexOf(pushed.level), escalation: pushed.escalation };
}

function alertOf(shown: Notification): string | null {
  const data: unknown = shown.data;
  if (typeof data !== "object" || data === null || !("alertId" in data)) return null;
  return typeof data.alertId === "string" ? data.alertId : null;
}
