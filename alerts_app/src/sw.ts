/**
 * The service worker: the page opens without a network, and never shows yesterday's data as today's; and alerts ring
 * while no page is open.
 *
 * It keeps the shell alone. Nothing of `/api`, `/mqtt` or `/healthz` passes through it.
 */

import { PhoneMemory } from "./app/phone-memory";
import { Answers } from "./worker/answer";
import { Ringer } from "./worker/ring";

// The page's and the worker's types are checked together; here the global object is the worker's.
const worker = self as unknown as ServiceWorkerGlobalScope;
/** Filled in by the build: the files of the shell, and a digest of their contents. */
declare const __SHELL__: readonly string[];
declare const __VERSION__: string;

const CACHE = `miseban-${__VERSION__}`;
const PAGE = "/";
/** A shop's weak network must not keep the page white. */
const PAGE_PATIENCE_MS = 2_500;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(__SHELL__.map((path) => new Request(path, { cache: "reload" })));
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name.startsWith("miseban-") && name !== CACHE).map((name) => caches.delete(name)));
      await worker.clients.claim();
    })(),
  );
});

const ringer = new Ringer(worker, new PhoneMemory(), new Answers());

worker.addEventListener("push", (event) => {
  event.waitUntil(ringer.pushed(event.data));
});

worker.addEventListener("notificationclick", (event) => {
  event.waitUntil(ringer.clicked(event.notification, event.action));
});

worker.addEventListener("pushsubscriptionchange", (event) => {
  const { oldSubscription } = event as ExtendableEvent & { readonly oldSubscription: PushSubscription | null };
  (event as ExtendableEvent).waitUntil(ringer.readdressed(oldSubscription));
});

// Background Sync is not in TypeScript's types: not every browser has it.
worker.addEventListener("sync", (event) => {
  const { tag } = event as ExtendableEvent & { readonly tag: string };
  (event as ExtendableEvent).waitUntil(ringer.synced(tag));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request));
  else if (__SHELL__.includes(url.pathname) && url.pathname !== PAGE) event.respondWith(shell(request));
});

/** The newest page when the box answers in time, else the kept one. */
async function page(request: Request): Promise<Response> {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PAGE_PATIENCE_MS) });
    if (response.ok) return response;
  } catch {
    // Out of reach or too slow: the kept page says so in its own words.
  }
  return (await caches.match(PAGE, { cacheName: CACHE })) ?? Response.error();
}

async function shell(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}
