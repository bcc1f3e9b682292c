// src/sw.ts
var e = self, t = "miseban-0d9cbfec16f0", n = "/", r = 2500;
e.addEventListener("install", (n) => {
	n.waitUntil((async () => {
		await (await caches.open(t)).addAll([
			"/assets/index-CxBP1xiN.css",
			"/assets/index-D-J1TQXD.js",
			"/assets/mqtt.esm-QzmTTts4.js",
			"/icons/apple-touch-icon.png",
			"/icons/icon-192.png",
			"/icons/icon-512.png",
			"/icons/icon.svg",
			"/icons/maskable-512.png",
			"/",
			"/manifest.webmanifest",
			"/theme.js"
		].map((e) => new Request(e, { cache: "reload" }))), await e.skipWaiting();
	})());
}), e.addEventListener("activate", (n) => {
	n.waitUntil((async () => {
		let n = await caches.keys();
		await Promise.all(n.filter((e) => e.startsWith("miseban-") && e !== t).map((e) => caches.delete(e))), await e.clients.claim();
	})());
}), e.addEventListener("fetch", (t) => {
	let { request: r } = t, o = new URL(r.url);
	r.method === "GET" && o.origin === e.location.origin && (r.mode === "navigate" && o.pathname === n ? t.respondWith(i(r)) : [
		"/assets/index-CxBP1xiN.css",
		"/assets/index-D-J1TQXD.js",
		"/assets/mqtt.esm-QzmTTts4.js",
		"/icons/apple-touch-icon.png",
		"/icons/icon-192.png",
		"/icons/icon-512.png",
		"/icons/icon.svg",
		"/icons/maskable-512.png",
		"/",
		"/manifest.webmanifest",
		"/theme.js"
	].includes(o.pathname) && o.pathname !== n && t.respondWith(a(r)));
});
async function i(e) {
	try {
		let t = await fetch(e, { signal: AbortSignal.timeout(r) });
		if (t.ok) return t;
	} catch {}
	return await caches.match(n, { cacheName: t }) ?? Response.error();
}
async function a(e) {
	return await caches.match(e, { cacheName: t }) ?? fetch(e);
}
