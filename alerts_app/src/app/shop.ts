/** The whole shop as this phone knows it: the stores, and what feeds them. Puts the parts together; draws nothing. */

import { effect, type ReadonlySignal, signal } from "@preact/signals-core";
import { AboutBox } from "./about-box";
import { AlertBook, isOpen } from "./alert-book";
import { BoxClock } from "./box-clock";
import { BoxState } from "./box-state";
import { Connection, type Link } from "./connection";
import { DayBook } from "./day-book";
import { Channels } from "./channels";
import { type Database, memoryDatabase, openDatabase } from "./database";
import { refused } from "./diagnostics";
import { Flow } from "./flow";
import { Members } from "./members";
import { Outbox, randomId } from "./outbox";
import type { Preferences } from "./preferences";
import { Push } from "./push";
import { Ringer } from "./ringer";
import type { Session } from "./session";
import { Snoozes } from "./snoozes";
import { AlertSync, fetchJson } from "./sync";
import { type Action, type Alert, readAlert, writeAck } from "./wire/alert";
import { readHealth, readHeartbeat, readStatus, readStore, type Store } from "./wire/box";
import { type FloorGrid, type People, readFloorGrid, readFlowCounts, readPeople } from "./wire/floor";
import { parseJson, WireError } from "./wire/json";
import { readShelves, type Shelves } from "./wire/shelves";
import { readSnoozes } from "./wire/snoozes";
import { startOfDay } from "./shop-time";

const RETRY_STORE_MS = 3_000;
const REFRESH_STORE_MS = 60_000;
const RESEND_MS = 5_000;
const RENEW_AFTER_SILENCE_MS = 30_000;
const KEEP_SNAPSHOT_MS = 1_000;

export class Shop {
  readonly alerts = new AlertBook();
  readonly clock = new BoxClock();
  readonly flow = new Flow();
  readonly day = new DayBook();
  readonly about = new AboutBox();
  readonly box: BoxState;
  readonly #store = signal<Store | null>(null);
  readonly #people = signal<People | null>(null);
  readonly #grid = signal<FloorGrid | null>(null);
  readonly #shelves = signal<Shelves | null>(null);
  readonly #link = signal<Link>("connecting");
  /** Box time, advanced once a second: what "3 minutes ago" is measured from. */
  readonly #nowMs = signal(this.clock.now());
  readonly #caughtUp = signal(false);
  readonly #sync = new AlertSync(this.alerts);
  #database: Database = memoryDatabase();
  #connection: Connection | null = null;
  #outbox = new Outbox(this.#database, () => false);
  readonly #waiting = signal(this.#outbox.waiting.peek());
  #renewedMs = 0;
  #keepTimer: ReturnType<typeof setTimeout> | null = null;

  readonly members: Members;
  readonly channels: Channels;
  readonly push: Push;
  readonly snoozes: Snoozes;

  constructor(
    private readonly preferences: Preferences,
    private readonly session: Session,
  ) {
    this.box = new BoxState(this.#link);
    this.members = new Members(session.change);
    this.channels = new Channels(session.change);
    this.push = new Push(session.change, session.storage);
    this.snoozes = new Snoozes(session.change, this.#nowMs);
  }

  get store(): ReadonlySignal<Store | null> {
    return this.#store;
  }
  get people(): ReadonlySignal<People | null> {
    return this.#people;
  }
  get grid(): ReadonlySignal<FloorGrid | null> {
    return this.#grid;
  }
  /** How full the shelves are; null until the box has told. */
  get shelves(): ReadonlySignal<Shelves | null> {
    return this.#shelves;
  }
  get link(): ReadonlySignal<Link> {
    return this.#link;
  }
  get nowMs(): ReadonlySignal<number> {
    return this.#nowMs;
  }
  /** Whether the box's journal has been read, so that "no alerts" can be said. */
  get caughtUp(): ReadonlySignal<boolean> {
    return this.#caughtUp;
  }
  /** Unconfirmed answers by alert. */
  get waiting(): Outbox["waiting"] {
    return this.#waiting;
  }

  /** Bring the shop to life; resolves when the first connection is under way. */
  async start(): Promise<void> {
    this.#database = await openDatabase().catch(memoryDatabase);
    this.#outbox = new Outbox(
      this.#database,
      (ack) => this.#connection?.publish(`acks/${ack.alertId}`, writeAck(ack)) ?? false,
      () => this.clock.now(),
      randomId,
      () => this.session.name.peek(),
    );
    effect(() => {
      this.#waiting.value = this.#outbox.waiting.value;
    });
    await this.#outbox.load();
    setInterval(() => {
      this.#tick();
    }, 1_000);
    setInterval(() => {
      this.#outbox.flush();
      void this.#outbox.confirm(this.alerts.all.peek());
      // Nobody tells of anything new now; the box itself can still be asked.
      if (this.#link.peek() === "no-broker") void this.#catchUp();
    }, RESEND_MS);
    effect(() => {
      void this.#outbox.confirm(this.alerts.all.value);
      this.#keepSoon();
    });
    await this.#untilIn();
    new Ringer(this.alerts.open, this.preferences.ringFrom, () => this.clock.now()).start();
    effect(() => {
      const name = this.session.name.value ?? this.preferences.name.value;
      void this.push.remember(this.preferences.language.value, name);
    });
    effect(() => {
      const settled = [...this.alerts.all.value.values()].filter((alert) => alert.ack !== null || !isOpen(alert));
      void this.push.settle(new Set(settled.map((alert) => alert.alertId)));
    });
    // Shown before the box answers, so that alerts can be answered on a page that is opened while it does not.
    this.alerts.merge((await this.#database.lastSnapshot())?.alerts ?? []);
    const store = await this.#untilStore();
    await this.#resume(store.topic);
    // Not after the first subscription alone: there may be no broker for a while.
    void this.#catchUp();
    await this.#connect(store.topic);
    setInterval(() => {
      void this.#refreshStore();
    }, REFRESH_STORE_MS);
  }

  /** Answer an alert with one tap; safe on the phone when this resolves. */
  async answer(alert: Alert, action: Action, anonymous: string): Promise<void> {
    const name = this.session.name.peek() ?? this.preferences.name.peek();
    await this.#outbox.answer(alert.alertId, action, name || anonymous);
  }

  /** The page is looked at again, or the network is back. */
  wake(): void {
    this.#tick();
    this.#connection?.retryNow();
  }

  /** Resolves when this phone may see the shop: at once where nobody signs in, or where somebody did. */
  async #untilIn(): Promise<void> {
    while (this.session.standing.peek().is === "asking") {
      await this.session.ask();
      if (this.session.standing.peek().is !== "asking") break;
      this.#link.value = "offline";
      await pause(RETRY_STORE_MS);
    }
    // What was known at the last visit is asked again, and need not be waited for.
    void this.session.ask();
    await new Promise<void>((resolve) => {
      effect(() => {
        if (this.session.standing.value.is === "in") resolve();
      });
    });
  }

  async #untilStore(): Promise<Store> {
    for (;;) {
      const store = await this.#refreshStore();
      if (store !== null) return store;
      this.#link.value = "offline";
      await pause(RETRY_STORE_MS);
    }
  }

  async #refreshStore(): Promise<Store | null> {
    try {
      const store = readStore(await fetchJson("/api/store"));
      if (JSON.stringify(store) !== JSON.stringify(this.#store.peek())) this.#store.value = store;
      return store;
    } catch (error) {
      if (error instanceof WireError) refused(error);
      return null;
    }
  }

  async #resume(topic: string): Promise<void> {
    const snapshot = await this.#database.snapshot(topic);
    if (snapshot === null) {
      this.alerts.clear();
      return;
    }
    this.alerts.merge(snapshot.alerts);
    this.#sync.resumeFrom(snapshot.cursor);
  }

  async #connect(topic: string): Promise<void> {
    const connection = new Connection(topic, {
      subscribed: () => {
        this.#subscribed();
      },
      message: (name, payload) => {
        this.#heard(name, payload);
      },
    });
    this.#connection = connection;
    effect(() => {
      this.#link.value = connection.link.value;
      // A box that closes the door says so nowhere else: the account may be gone, or the role another one.
      if (connection.link.value !== "connected") void this.session.ask();
    });
    effect(() => {
      if (this.session.standing.value.is === "in") connection.retryNow();
    });
    while (!(await opened(connection))) {
      this.#link.value = "offline";
      await pause(RETRY_STORE_MS);
    }
  }

  #subscribed(): void {
    this.box.listening(Date.now());
    void this.#catchUp();
    void this.#refreshStore();
    this.#outbox.flush();
  }

  async #catchUp(): Promise<void> {
    try {
      await this.#sync.catchUp();
      this.#caughtUp.value = true;
      this.#keepSoon();
    } catch (error) {
      if (error instanceof WireError) refused(error);
      // Out of reach: the next subscription asks again; and so does this, while the broker alone is reachable.
      setTimeout(() => {
        if (this.#link.peek() === "connected") void this.#catchUp();
      }, RETRY_STORE_MS);
    }
  }

  #heard(name: string, payload: Uint8Array): void {
    try {
      this.#take(name, parseJson(name, payload));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      refused(error);
    }
  }

  #take(name: string, value: unknown): void {
    if (name === "people") {
      this.#people.value = readPeople(value);
    } else if (name === "map") {
      this.#grid.value = readFloorGrid(value);
    } else if (name === "heartbeat") {
      this.clock.observe(readHeartbeat(value));
      this.box.heardHeartbeat(Date.now());
    } else if (name === "status") {
      this.box.heardStatus(readStatus(value));
    } else if (name === "health") {
      this.box.heardHealth(readHealth(value));
    } else if (name === "counts") {
      this.flow.heard(readFlowCounts(value));
    } else if (name === "snoozes") {
      this.snoozes.heard(readSnoozes(value));
    } else if (name === "shelves") {
      this.#shelves.value = readShelves(value);
    } else if (name.startsWith("alerts/")) {
      this.alerts.merge([readAlert(value)]);
    }
  }

  #tick(): void {
    const phoneMs = Date.now();
    this.box.tick(phoneMs);
    this.#nowMs.value = this.clock.now();
    const timezone = this.#store.peek()?.timezone;
    if (timezone !== undefined) this.flow.startDay(startOfDay(this.#nowMs.peek(), timezone));
    const condition = this.box.condition.peek();
    const silent = condition.is === "box-silent" && phoneMs - condition.sinceMs > RENEW_AFTER_SILENCE_MS;
    if (silent && phoneMs - this.#renewedMs > RENEW_AFTER_SILENCE_MS) {
      this.#renewedMs = phoneMs;
      this.#connection?.renew();
    }
  }

  /** Remember the alerts for the next visit, at most once a second. */
  #keepSoon(): void {
    if (this.#keepTimer !== null) return;
    this.#keepTimer = setTimeout(() => {
      this.#keepTimer = null;
      const topic = this.#store.peek()?.topic;
      if (topic === undefined || !this.#caughtUp.peek()) return;
      const alerts = [...this.alerts.all.peek().values()];
      // A full phone costs the memory of a visit, nothing else: the journal has it all.
      this.#database.putSnapshot({ topic, cursor: this.#sync.cursor, alerts }).catch(() => undefined);
    }, KEEP_SNAPSHOT_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** False when the connection's library could not be fetched: the network went away after the page had come. */
async function opened(connection: Connection): Promise<boolean> {
  try {
    await connection.open();
    return true;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return false;
  }
}
