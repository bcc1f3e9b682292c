/**
 * Notifications while the page is closed: this phone's subscription at its browser's push service, and at the box.
 *
 * They need https (or localhost), a browser that can, and the person's permission, which may only be asked for in
 * answer to a tap.
 */

import type { Change } from "./api";
import { type AboutPhone, PhoneMemory } from "./phone-memory";
import type { Language } from "./preferences";
import { fetchJson, type FetchJson } from "./sync";
import type { Level } from "./wire/alert";
import { Fields } from "./wire/json";

/** `unsupported`: not by this browser, or not without https. `blocked`: the person said no in the browser. */
export type PushState = "unsupported" | "blocked" | "off" | "on";

export class Push {
  constructor(
    private readonly change: Change,
    private readonly storage: Storage | null,
    private readonly getJson: FetchJson = fetchJson,
    private readonly memory: PhoneMemory = new PhoneMemory(),
  ) {}

  async state(): Promise<PushState> {
    if (!isSupported()) return "unsupported";
    if (Notification.permission === "denied") return "blocked";
    const known = await (await registration()).pushManager.getSubscription();
    return known !== null && Notification.permission === "granted" && this.#id() !== null ? "on" : "off";
  }

  /**
   * Switch them on, or change language or levels; to be called in answer to a tap. Rejects with the box's Refusal, or
   * when the browser's push service cannot be reached.
   */
  async subscribe(about: { language: Language; name: string; levels: readonly Level[] }): Promise<PushState> {
    if (!isSupported()) return "unsupported";
    if ((await Notification.requestPermission()) !== "granted") return await this.state();
    const key = new Fields("push key", await this.getJson("/api/push/key")).text("key", 200);
    const manager = (await registration()).pushManager;
    let subscription = await manager.getSubscription();
    if (subscription !== null && !isFor(subscription, key)) {
      // The box has a new key: what was made for the old one would never ring.
      await subscription.unsubscribe();
      subscription = null;
    }
    subscription ??= await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await this.memory.remember(about);
    await this.#tell(subscription, about);
    return "on";
  }

  /** Switch them off, here and at the box. */
  async unsubscribe(): Promise<PushState> {
    if (!isSupported()) return "unsupported";
    const subscription = await (await registration()).pushManager.getSubscription();
    await subscription?.unsubscribe();
    const id = this.#id();
    this.storage?.removeItem(ID);
    // Out of reach, the box finds out by itself that nobody is there any more.
    if (id !== null) await this.change("DELETE", `/api/push/${id}`).catch(() => undefined);
    return await this.state();
  }

  /**
   * Language and name, at the start and when they change: the worker has to know, also where notifications are off. Where
   * they are on, the box is told again: it may have been told by its push service that nobody is there.
   */
  async remember(language: Language, name: string): Promise<void> {
    const about = { ...(await this.memory.about()), language, name };
    await this.memory.remember(about);
    // A memory that was lost says nothing about what the person wants: what the box knows stays.
    if (about.levels.length === 0 || (await this.state()) !== "on") return;
    const subscription = await (await registration()).pushManager.getSubscription();
    // Out of reach: the next start of the app tells it.
    if (subscription !== null) await this.#tell(subscription, about).catch(() => undefined);
  }

  /** Take away the notifications of alerts that were answered or are over, wherever that was. */
  async settle(alertIds: ReadonlySet<string>): Promise<void> {
    if (!("serviceWorker" in navigator)) return;
    const shown = await (await navigator.serviceWorker.getRegistration())?.getNotifications();
    for (const notification of shown ?? []) if (alertIds.has(notification.tag)) notification.close();
  }

  async #tell(subscription: PushSubscription, about: AboutPhone): Promise<void> {
    const told = await this.change("POST", "/api/push", asked(subscription, about));
    this.storage?.setItem(ID, new Fields("subscription", told).text("id", 64));
  }

  #id(): string | null {
    return this.storage?.getItem(ID) ?? null;
  }
}

const ID = "miseban.push";

function isSupported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
}

function registration(): Promise<ServiceWorkerRegistration> {
  return navigator.serviceWorker.ready;
}

/** What the box has to know of a subscription. */
export function asked(subscription: Pick<PushSubscription, "toJSON">, about: AboutPhone): unknown {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, keys, language: about.language, levels: about.levels };
}

/** Whether a subscription was made with this key of the box. */
export function isFor(subscription: Pick<PushSubscription, "options">, key: string): boolean {
  const used = subscription.options.applicationServerKey;
  if (used === null) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(used)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/u, "") === key;
}
