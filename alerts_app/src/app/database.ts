/** What a phone keeps between visits: answers on their way, and the alerts that it knew. IndexedDB, two stores. */

import type { Ack, Alert } from "./wire/alert";

const NAME = "miseban";
const VERSION = 1;
const ACKS = "acks";
const SNAPSHOTS = "snapshots";

/** The alerts of one box as they were known at `cursor`. */
export interface Snapshot {
  readonly topic: string;
  readonly cursor: number;
  readonly alerts: readonly Alert[];
}

export interface Database {
  acks(): Promise<Ack[]>;
  putAck(ack: Ack): Promise<void>;
  deleteAck(ackId: string): Promise<void>;
  snapshot(topic: string): Promise<Snapshot | null>;
  /** Whatever is kept, for a page that is opened while the box is out of reach and its name is not known. */
  lastSnapshot(): Promise<Snapshot | null>;
  /** Keep it, and forget those of other boxes: this origin is another box's now. */
  putSnapshot(snapshot: Snapshot): Promise<void>;
}

/** Open the phone's database; rejects where the browser keeps none (some private windows). */
export async function openDatabase(factory: IDBFactory = indexedDB): Promise<Database> {
  const request = factory.open(NAME, VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(ACKS, { keyPath: "ackId" });
    request.result.createObjectStore(SNAPSHOTS, { keyPath: "topic" });
  };
  const opened = await settled(request);
  // Another tab with a newer app must not wait for this one.
  opened.onversionchange = () => {
    opened.close();
  };
  const store = (name: string, mode: IDBTransactionMode): IDBObjectStore =>
    opened.transaction(name, mode, { durability: "strict" }).objectStore(name);
  return {
    acks: () => settled(store(ACKS, "readonly").getAll() as IDBRequest<Ack[]>),
    putAck: async (ack) => {
      await committed(store(ACKS, "readwrite"), (acks) => acks.put(ack));
    },
    deleteAck: async (ackId) => {
      await committed(store(ACKS, "readwrite"), (acks) => acks.delete(ackId));
    },
    snapshot: async (topic) =>
      (await settled(store(SNAPSHOTS, "readonly").get(topic) as IDBRequest<Snapshot | undefined>)) ?? null,
    lastSnapshot: async () =>
      (await settled(store(SNAPSHOTS, "readonly").getAll() as IDBRequest<Snapshot[]>))[0] ?? null,
    putSnapshot: async (snapshot) => {
      await committed(store(SNAPSHOTS, "readwrite"), (snapshots) => {
        snapshots.clear();
        return snapshots.put(snapshot);
      });
    },
  };
}

/** A database that forgets with the page, for browsers that keep none. */
export function memoryDatabase(): Database {
  const acks = new Map<string, Ack>();
  const snapshots = new Map<string, Snapshot>();
  return {
    acks: () => Promise.resolve([...acks.values()]),
    putAck: (ack) => Promise.resolve(void acks.set(ack.ackId, ack)),
    deleteAck: (ackId) => Promise.resolve(void acks.delete(ackId)),
    snapshot: (topic) => Promise.resolve(snapshots.get(topic) ?? null),
    lastSnapshot: () => Promise.resolve([...snapshots.values()][0] ?? null),
    putSnapshot: (snapshot) => {
      snapshots.clear();
      return Promise.resolve(void snapshots.set(snapshot.topic, snapshot));
    },
  };
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("the phone's database failed"));
    };
  });
}

function committed(store: IDBObjectStore, change: (store: IDBObjectStore) => IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const { transaction } = store;
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = () => {
      reject(transaction.error ?? new Error("the phone's database refused a change"));
    };
    change(store);
  });
}
