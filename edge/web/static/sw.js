// src/app/wire/json.ts
var e = class extends Error {
	constructor(e, t) {
		super(`${e}: ${t}`), this.name = "WireError";
	}
}, t = 500, n = class n {
	where;
	#e;
	constructor(t, n) {
		if (this.where = t, typeof n != "object" || !n || Array.isArray(n)) throw new e(t, "is not an object");
		this.#e = n;
	}
	#t(e) {
		return `${this.where}.${e}`;
	}
	number(e, t = -1e9, n = 1e9) {
		return r(this.#t(e), this.#e[e], t, n);
	}
	integer(t, n = 0, r = 2 ** 53 - 1) {
		let i = this.number(t, n, r);
		if (!Number.isSafeInteger(i)) throw new e(this.#t(t), `${String(i)} is not an integer`);
		return i;
	}
	time(e) {
		return this.integer(e);
	}
	boolean(t) {
		let n = this.#e[t];
		if (typeof n != "boolean") throw new e(this.#t(t), "is not true or false");
		return n;
	}
	text(n, r = t) {
		let i = this.#e[n];
		if (typeof i != "string") throw new e(this.#t(n), "is not text");
		if (i.length > r) throw new e(this.#t(n), `is longer than ${String(r)} characters`);
		return i;
	}
	name(t) {
		let n = this.text(t, 64);
		if (!/^[A-Za-z0-9_-]+$/.test(n)) throw new e(this.#t(t), "is not a name");
		return n;
	}
	oneOf(t, n) {
		let r = this.text(t), i = n.find((e) => e === r);
		if (i === void 0) throw new e(this.#t(t), `"${r}" is none of ${n.join(", ")}`);
		return i;
	}
	nullable(e, t) {
		return this.#e[e] === null ? null : t(e);
	}
	optional(e, t, n) {
		return this.#e[e] === void 0 ? t : n(e);
	}
	object(e) {
		return new n(this.#t(e), this.#e[e]);
	}
	array(t, n, r) {
		let i = this.#e[t];
		if (!Array.isArray(i)) throw new e(this.#t(t), "is not a list");
		if (i.length > n) throw new e(this.#t(t), `has more than ${String(n)} items`);
		return i.map((e, n) => r(e, `${this.#t(t)}[${String(n)}]`));
	}
	numbers(t, n, i = -1e9, a = 1e9) {
		let o = this.array(t, n, (e, t) => r(t, e, i, a));
		if (o.length !== n) throw new e(this.#t(t), `needs ${String(n)} numbers`);
		return o;
	}
};
function r(t, n, r, i) {
	if (typeof n != "number" || !Number.isFinite(n)) throw new e(t, "is not a number");
	if (n < r || n > i) throw new e(t, `${String(n)} is not within ${String(r)} .. ${String(i)}`);
	return n;
}
function i(t, r) {
	let i = new n(t, r), a = i.integer("v");
	if (a !== 1) throw new e(t, `version ${String(a)} is not known here`);
	return i;
}
// src/app/wire/alert.ts
var a = [
	"white",
	"yellow",
	"red"
];
// src/app/preferences.ts
function o(e) {
	for (let t of e) {
		let e = t.toLowerCase().split("-")[0];
		if (e === "ja" || e === "en") return e;
	}
	return "en";
}
// src/app/phone-memory.ts
var s = "phone", c = "/phone/about", l = "/phone/rung", u = class {
	storage;
	constructor(e = globalThis.caches) {
		this.storage = e;
	}
	async about(e = navigator.languages) {
		let t = await this.#e(c), n = t?.language === "ja" || t?.language === "en" ? t.language : o(e), r = Array.isArray(t?.levels) ? a.filter((e) => t.levels?.includes(e)) : [];
		return {
			language: n,
			name: typeof t?.name == "string" ? t.name : "",
			levels: r
		};
	}
	async remember(e) {
		await this.#t(c, e);
	}
	async rings(e, t) {
		let n = await this.#e(l), r = new Map(Array.isArray(n) ? n : []), i = r.get(e);
		return i !== void 0 && t.rank <= i.rank && t.escalation <= i.escalation ? !1 : (r.delete(e), r.set(e, t), await this.#t(l, [...r].slice(-100)), !0);
	}
	async #e(e) {
		try {
			let t = await (await this.storage?.open(s))?.match(e);
			return t === void 0 ? null : await t.json();
		} catch {
			return null;
		}
	}
	async #t(e, t) {
		try {
			await (await this.storage?.open(s))?.put(e, new Response(JSON.stringify(t)));
		} catch {}
	}
}, d = "x-miseban-csrf", f = class extends Error {
	status;
	code;
	retryAfterS;
	constructor(e, t, n) {
		super(`refused: ${t}`), this.status = e, this.code = t, this.retryAfterS = n, this.name = "Refusal";
	}
};
function p(e, t = fetch) {
	return async (n, r, i) => {
		let a = await t(r, {
			method: n,
			headers: {
				accept: "application/json",
				"content-type": "application/json",
				[d]: e() ?? ""
			},
			body: i === void 0 ? null : JSON.stringify(i),
			cache: "no-store"
		}), o = await a.json().catch(() => null);
		if (a.ok) return o;
		let s = Number(a.headers.get("retry-after") ?? NaN);
		throw new f(a.status, m(o), Number.isFinite(s) ? s : null);
	};
}
function m(e) {
	try {
		return new n("refusal", e).text("code", 64);
	} catch {
		return "unknown";
	}
}
// src/app/database.ts
var h = "miseban", g = 1, _ = "acks", v = "snapshots";
async function y(e = indexedDB) {
	let t = e.open(h, g);
	t.onupgradeneeded = () => {
		t.result.createObjectStore(_, { keyPath: "ackId" }), t.result.createObjectStore(v, { keyPath: "topic" });
	};
	let n = await b(t);
	n.onversionchange = () => {
		n.close();
	};
	let r = (e, t) => n.transaction(e, t, { durability: "strict" }).objectStore(e);
	return {
		acks: () => b(r(_, "readonly").getAll()),
		putAck: async (e) => {
			await x(r(_, "readwrite"), (t) => t.put(e));
		},
		deleteAck: async (e) => {
			await x(r(_, "readwrite"), (t) => t.delete(e));
		},
		snapshot: async (e) => await b(r(v, "readonly").get(e)) ?? null,
		lastSnapshot: async () => (await b(r(v, "readonly").getAll()))[0] ?? null,
		putSnapshot: async (e) => {
			await x(r(v, "readwrite"), (t) => (t.clear(), t.put(e)));
		}
	};
}
function b(e) {
	return new Promise((t, n) => {
		e.onsuccess = () => {
			t(e.result);
		}, e.onerror = () => {
			n(e.error ?? /* @__PURE__ */ Error("the phone's database failed"));
		};
	});
}
function x(e, t) {
	return new Promise((n, r) => {
		let { transaction: i } = e;
		i.oncomplete = () => {
			n();
		}, i.onabort = () => {
			r(i.error ?? /* @__PURE__ */ Error("the phone's database refused a change"));
		}, t(e);
	});
}
// src/app/outbox.ts
function S() {
	let e = crypto.getRandomValues(/* @__PURE__ */ new Uint8Array(16));
	e[6] = (e[6] ?? 0) & 15 | 64, e[8] = (e[8] ?? 0) & 63 | 128;
	let t = Array.from(e, (e) => e.toString(16).padStart(2, "0")).join("");
	return [
		t.slice(0, 8),
		t.slice(8, 12),
		t.slice(12, 16),
		t.slice(16, 20),
		t.slice(20)
	].join("-");
}
// src/app/sync.ts
var C = async (e) => {
	let t = await fetch(e, {
		headers: { accept: "application/json" },
		cache: "no-store"
	});
	if (!t.ok) throw Error(`${e}: HTTP ${String(t.status)}`);
	return t.json();
}, w = "box", T = /* @__PURE__ */ new Set([
	400,
	403,
	404,
	409
]), ee = class {
	open;
	getJson;
	changeWith;
	now;
	constructor(e = y, t = C, n = (e) => p(() => e), r = Date.now) {
		this.open = e, this.getJson = t, this.changeWith = n, this.now = r;
	}
	async give(e, t, n) {
		let r = await this.open(), i = {
			ackId: S(),
			alertId: e,
			action: t,
			by: n === "" ? w : n,
			atMs: this.now()
		};
		return await r.putAck(i), await this.#e(r, [i]);
	}
	async flush() {
		let e = await this.open();
		return await this.#e(e, await e.acks());
	}
	async change(e, t) {
		let n = E(await this.getJson("/api/session"));
		await this.changeWith(n.csrf)("POST", e, t);
	}
	async #e(e, t) {
		let n = !0;
		try {
			let r = E(await this.getJson("/api/session")), i = this.changeWith(r.csrf);
			for (let a of t) r.name !== null && a.by !== r.name && a.by !== w ? n = !1 : (await i("POST", "/api/acks", {
				ack_id: a.ackId,
				alert_id: a.alertId,
				action: a.action,
				at_ms: a.atMs
			}).catch((e) => {
				if (!(e instanceof f) || !T.has(e.status) || e.code === "csrf") throw e;
			}), await e.deleteAck(a.ackId));
		} catch {
			return !1;
		}
		return n;
	}
};
function E(e) {
	let t = new n("session", e);
	return {
		csrf: t.nullable("csrf", (e) => t.text(e, 200)),
		name: t.nullable("user", (e) => t.object(e).text("name", 64))
	};
}
// src/app/push.ts
function D(e, t) {
	let { endpoint: n, keys: r } = e.toJSON();
	return {
		endpoint: n,
		keys: r,
		language: t.language,
		levels: t.levels
	};
}
// src/app/wire/box.ts
var O = [
	"entrance",
	"exit",
	"checkout",
	"aisle",
	"staff_only"
];
// src/i18n/en.ts
function k(e, t, n = `${t}s`) {
	return `${String(e)} ${e === 1 ? t : n}`;
}
var A = {
	locale: "en-GB",
	productName: "Miseban",
	nav: {
		label: "Pages",
		now: "Now",
		alerts: "Alerts",
		shelves: "Shelves",
		day: "Day",
		box: "Box"
	},
	skipToContent: "Skip to content",
	condition: {
		connecting: "Connecting…",
		live: "Connected",
		reconnecting: "Reconnecting…",
		offline: "Miseban cannot be reached. Check signal and Wi-Fi",
		noBroker: "The box's message service is down. Waiting for it…",
		boxOff: (e) => `The box has been off since ${e}`,
		boxSilent: (e) => `Nothing heard from the box since ${e}`
	},
	sensors: {
		none: "No cameras or microphones yet",
		allWell: (e, t) => {
			let n = [e > 0 ? k(e, "camera") : "", t > 0 ? k(t, "microphone") : ""].filter((e) => e !== "").join(" and ");
			return e + t === 1 ? `${n}, working` : `${n}, all working`;
		},
		starting: (e, t) => `Starting (${String(e)} of ${String(t)} ready)`,
		failing: (e, t, n) => `Nothing comes from ${e.join(", ")} (${String(t)} of ${String(n)} working)`
	},
	now: {
		inside: "In the shop now",
		people: (e) => k(e, "person", "people"),
		unit: (e) => e === 1 ? "person" : "people",
		entered: "Came in",
		left: "Went out",
		since: (e) => `since ${e}`,
		today: "Today",
		lines: "Counting lines",
		in: "in",
		out: "out",
		nobody: "Nobody in the shop",
		open: "Open",
		closed: "Closed",
		needsYou: "Needs you",
		allCalm: "Nothing needs you",
		more: (e) => `${String(e)} more`,
		waitingFirst: "Waiting for the shop",
		waitingHint: "Once connected, the floor and the people on it appear here."
	},
	map: {
		title: "Shop floor",
		zoomIn: "Zoom in",
		zoomOut: "Zoom out",
		fit: "Show the whole floor",
		waiting: "Waiting for the map…",
		stale: "As last heard",
		legend: "How to read the map",
		person: "Person, and where they head",
		unseen: "Person out of sight for a moment",
		flagged: "Person in an alert",
		furniture: "Things, low to tall",
		shelf: "Shelf",
		line: "Counting line (arrow: in)",
		camera: "Camera",
		metres: (e) => `${String(e)} m`,
		square: (e) => `square ${e}`,
		summary: (e) => `Map of the shop floor with ${k(e, "person", "people")}.`,
		elsewhere: "Elsewhere"
	},
	zone: {
		entrance: "Entrance",
		exit: "Exit",
		checkout: "Checkout",
		aisle: "Aisle",
		staff_only: "Staff only"
	},
	place: {
		shelf: (e) => `Shelf ${e}`,
		shelfLevel: (e) => `level ${String(e + 1)} from below`,
		line: (e) => `Line ${e}`,
		unknown: "In the shop"
	},
	level: {
		white: "Note",
		yellow: "Attention",
		red: "Urgent"
	},
	kind: {
		enter: "Came in",
		exit: "Went out",
		cross: "Crossed a line",
		dwell: "Stayed",
		loiter: "Stays for long",
		crouch: "Crouches",
		look_around: "Keeps looking around",
		crowd: "Crowd",
		fall: "Somebody fell",
		intrusion: "Somebody is in the closed shop",
		restricted_area: "Somebody is in a staff area",
		item_taken: "Goods were taken",
		item_put: "Something was put down",
		sweep: "Many goods taken in a short time",
		concealed: "Goods went out of sight",
		unpaid_exit: "Went out with goods, not by the checkout",
		object_left: "Something was left behind",
		object_removed: "Something was removed",
		speech: "Talking",
		raised_voice: "A raised voice",
		scream: "A scream",
		glass_break: "Breaking glass",
		alarm_sound: "An alarm sounds",
		bang: "A bang",
		machine_anomaly: "A machine sounds wrong",
		camera_moved: "A camera was moved",
		camera_covered: "A camera was covered",
		camera_lost: "No picture from a camera",
		microphone_lost: "No sound from a microphone",
		microphone_silent: "A microphone is silent",
		clock_jump: "The clock jumped",
		disk_low: "Little storage left",
		flood: "More alerts than anybody can look at"
	},
	thingTaken: "Something was taken",
	otherKind: "Something to look at",
	state: {
		open: "Going on",
		updated: "Going on",
		ended: "Over"
	},
	action: {
		spoke: "Spoke to them",
		staff: "It was staff",
		false: "False alarm",
		seen: "Seen"
	},
	alerts: {
		open: "Going on",
		ended: "Over",
		nothingOpen: "Nothing needs you now",
		nothingOpenHint: "If something does, it appears here.",
		nothingYet: "No earlier alerts",
		loading: "Reading the alerts…",
		people: (e) => k(e, "person", "people"),
		goods: (e) => k(e, "item"),
		times: (e) => `${String(e)} times`,
		litres: (e) => `about ${e} L`,
		reasons: "Why",
		answer: "What did you do?",
		answeredBy: (e, t, n) => `${e} · ${t} · ${n}`,
		sending: (e) => `Sending “${e}”. It reaches the box as soon as there is a connection`,
		change: "Change the answer",
		lasted: (e) => `lasted ${e}`,
		again: (e) => `the same ${String(e)} times`,
		hushed: "Silenced for a while: it rang nobody",
		unanswered: "Nobody has answered yet",
		filter: "Which alerts are shown",
		all: "All",
		andWorse: (e, t) => t ? e : `${e} and worse`,
		announce: (e, t, n) => `${e}: ${t}. ${n}.`
	},
	picture: {
		of: (e, t) => `Depth before and after: ${e}, ${t}`,
		enlarge: "Enlarge",
		before: "Before",
		after: "After",
		scale: "Light is near, dark blue is far, black was not measured.",
		gone: "This picture is no longer kept",
		offline: "The picture appears once there is a connection",
		close: "Close"
	},
	shelves: {
		restock: "To restock",
		restockHint: "How full each level is, as far as it can be seen. The emptiest come first.",
		percent: (e) => `${String(e)} %`,
		asOf: (e) => `as of ${e}`,
		nothingYet: "How full the shelves are appears here once it has been seen.",
		unwatched: "Not watched",
		unwatchedLine: (e, t) => `Not watched: ${e.join(", ")}${t > 0 ? ` and ${String(t)} more` : ""}`,
		drawn: "The way it was drawn does not work. Tell whoever set up the box.",
		unseen: "No camera can see it. Check where it stands and where the cameras look.",
		partly: (e) => `Only ${String(e)} % of it can be seen. Move what stands in front of it, or turn a camera.`,
		forInstaller: "For the installer:"
	},
	day: {
		loading: "Reading the day…",
		unreachable: "The day appears here once the box can be reached.",
		before: "The day before",
		after: "The day after",
		visitors: "Visitors by the hour",
		mostInside: "Most inside",
		nobody: "Nobody was counted on this day.",
		hour: "Hour",
		oclock: (e) => `${String(e)}:00`,
		stood: "Where people stood",
		stoodHint: (e) => `The stronger the colour, the longer; the strongest is ${e} in all.`,
		noAlerts: "No alerts on this day.",
		answers: "Answers to alerts",
		unanswered: "No answer",
		greeted: "Urgent ones spoken to",
		greetedOf: (e, t, n) => `${String(e)} of ${String(t)} (${String(n)} %)`,
		howFast: "Time until spoken to (median)"
	},
	box: {
		sensors: "Cameras and microphones",
		state: {
			starting: "starting",
			ok: "well",
			stalled: "stalled",
			lost: "lost"
		},
		rate: (e, t) => `${String(Math.round(t))} ${e === "camera" ? "frames" : "pieces"} a second`,
		age: (e) => `newest ${e} ago`,
		drops: (e) => `${String(e)} left out`,
		level: "Level",
		dbfs: (e) => `${String(e)} dBFS`,
		look: "See its depth now",
		hide: "Close",
		sees: (e) => `The depth that camera ${e} sees`,
		onlyDepth: "Depth only. Every look is logged.",
		noPicture: "No picture comes. Check your role and the connection.",
		about: "The box",
		disk: "Disk",
		diskFree: (e, t) => `${e} of ${t} free`,
		uptime: "Running for",
		version: "Version",
		system: "System",
		support: "For support",
		supportHint: "The log and the settings in one file. No password, no picture and no sound is in it.",
		download: "Download"
	},
	settings: {
		open: "Settings",
		title: "Settings",
		language: "Language",
		theme: "Colours",
		themes: {
			auto: "Automatic",
			light: "Light",
			dark: "Dark"
		},
		name: "Your name",
		nameHint: "Shown to the other staff when you answer an alert.",
		phone: "This phone",
		anonymous: "Staff",
		privacy: "Miseban sees depth only. It takes no colour picture and recognises no face and no voice. Only where something came or went on a shelf or the like does it keep a small picture of depth, before and after, for up to three days."
	},
	signIn: {
		title: "Sign in",
		first: "The first time",
		firstHint: "Enter the setup code that the box shows on its console, and choose the owner's name and password.",
		invited: "Begin with an invitation",
		haveAccount: "Sign in with name and password",
		haveCode: "I have an invitation code",
		code: "Code",
		name: "Name",
		password: "Password",
		newPassword: "New password",
		passwordHint: (e) => `At least ${String(e)} characters, and not one that you use elsewhere.`,
		enter: "Sign in",
		begin: "Begin",
		wrong: "This name and password do not fit.",
		wrongCode: "The code is wrong, does not fit the name, or is too old.",
		weak: "This password is too easy to guess.",
		wait: (e) => `Too many tries. Wait ${e} and try again.`,
		unreachable: "The box is out of reach. Check the connection.",
		refused: "This was refused. A name has at most 40 characters."
	},
	account: {
		title: "You",
		role: {
			owner: "Owner",
			staff: "Staff",
			installer: "Installer",
			viewer: "Viewer"
		},
		signOut: "Sign out",
		changePassword: "Change password",
		oldPassword: "Current password",
		changed: "Changed. Other phones have to sign in again.",
		wrongOld: "The current password does not fit."
	},
	members: {
		title: "People",
		role: "Role",
		roleOf: (e) => `Role of ${e}`,
		seen: (e) => `last seen ${e}`,
		neverSeen: "never seen yet",
		invited: "invited",
		off: "switched off",
		more: "More",
		switchOff: "Switch off",
		switchOn: "Switch on",
		inviteAgain: "New code",
		remove: "Remove",
		invite: "Invite",
		codeFor: (e) => `Give this code to ${e} in person.`,
		codeHint: (e) => `It works once, until ${e}, and is not shown again.`,
		lastOwner: "The last owner can be neither removed nor changed.",
		nameTaken: "That name is taken.",
		failed: "It did not work. Check the connection and the name."
	},
	snooze: {
		title: "Silence for a while",
		hint: "Everything is still recorded, and it comes back by itself. It holds for all phones.",
		everything: "Everything",
		until: (e, t) => `until ${e}${t === "" ? "" : ` · ${t}`}`,
		end: "End it",
		what: "What",
		where: "Where",
		anywhere: "Everywhere",
		howLong: "For how long",
		begin: "Silence",
		failed: "The box did not agree. Try a shorter time.",
		quick: (e) => `Silence this kind for ${e}`,
		quickDone: "Silenced"
	},
	sign: {
		open: "Print a sign for the door",
		back: "Back to settings",
		print: "Print",
		title: "Miseban helps the staff of this shop",
		depth: "Depth sensors at the ceiling measure the shape and motion of people and things. No colour picture is taken.",
		sound: "Microphones tell kinds of sound apart: raised voices, screams, breaking glass, alarms. What is said is never recorded.",
		noSound: "Nothing is listened to.",
		nobody: "Nobody is recognised by face, voice or gait. Every visit is forgotten.",
		kept: "Alerts are deleted after some days. Counts of people and of where they stood are kept as numbers that name nobody.",
		ask: (e) => `Please ask the staff${e === "" ? "" : ` of ${e}`} if you have questions.`
	},
	notice: {
		title: "How you are told",
		ring: "Sound and vibration while the page is open",
		ringFrom: {
			red: "Urgent only",
			yellow: "From caution",
			off: "Silent"
		},
		push: "Notifications while it is closed",
		pushState: {
			unsupported: "Not with this browser or connection. Open the page by https and add it to the home screen.",
			blocked: "Blocked in the browser's settings.",
			off: "Off",
			on: "On"
		},
		pushOn: "Switch on",
		pushOff: "Switch off",
		pushFailed: "It could not be switched on. Check that the phone reaches the internet.",
		channels: "Other ways",
		kind: {
			push: "Phones",
			apprise: "Another service",
			speaker: "Speaker",
			light: "Light",
			home_assistant: "Home Assistant"
		},
		state: {
			ok: "well",
			failing: "failing",
			untried: "not used yet",
			off: "off"
		},
		afterStep: (e) => `when unanswered (step ${String(e)})`,
		test: "Test",
		testing: "Testing…",
		testOk: "It arrived",
		testFailed: (e) => `It did not arrive. ${e}`
	},
	ago: (e) => e.unit === "now" ? "just now" : `${String(e.count)} ${{
		second: "s",
		minute: "min",
		hour: "h",
		day: e.count === 1 ? "day" : "days"
	}[e.unit]} ago`,
	duration: (e) => {
		let t = Math.max(1, Math.round(e / 1e3));
		return t < 60 ? `${String(t)} s` : t < 3600 ? `${String(Math.round(t / 60))} min` : `${String(Math.round(t / 3600))} h`;
	}
}, j = {
	locale: "ja-JP",
	productName: "店番",
	nav: {
		label: "画面の切り替え",
		now: "いま",
		alerts: "お知らせ",
		shelves: "棚",
		day: "一日",
		box: "本体"
	},
	skipToContent: "本文へ進む",
	condition: {
		connecting: "つないでいます…",
		live: "つながっています",
		reconnecting: "つなぎ直しています…",
		offline: "店番に届きません。電波とWi-Fiを確かめてください",
		noBroker: "店番の配信が止まっています。復旧を待っています…",
		boxOff: (e) => `店番は${e}から止まっています`,
		boxSilent: (e) => `店番から${e}以降の応答がありません`
	},
	sensors: {
		none: "カメラもマイクもまだありません",
		allWell: (e, t) => `${[e > 0 ? `カメラ${String(e)}台` : "", t > 0 ? `マイク${String(t)}本` : ""].filter((e) => e !== "").join("・")}、すべて正常`,
		starting: (e, t) => `機器を準備しています(${String(e)}/${String(t)})`,
		failing: (e, t, n) => `データが届かない機器:${e.join("、")}(正常 ${String(t)}/${String(n)})`
	},
	now: {
		inside: "いま店内に",
		people: (e) => `${String(e)}人`,
		unit: () => "人",
		entered: "入店",
		left: "退店",
		since: (e) => `${e}から`,
		today: "今日",
		lines: "出入りの線",
		in: "入",
		out: "出",
		nobody: "店内に人はいません",
		open: "営業中",
		closed: "営業時間外",
		needsYou: "対応が必要です",
		allCalm: "気になることはありません",
		more: (e) => `ほか${String(e)}件`,
		waitingFirst: "店のようすを待っています",
		waitingHint: "つながると、ここに店内の地図と人が表示されます。"
	},
	map: {
		title: "店内の地図",
		zoomIn: "拡大",
		zoomOut: "縮小",
		fit: "全体を表示",
		waiting: "地図を待っています…",
		stale: "最後に届いたようす",
		legend: "地図の見かた",
		person: "人と進む向き",
		unseen: "一時的に見えない人",
		flagged: "お知らせの対象",
		furniture: "物・什器(低い→高い)",
		shelf: "棚",
		line: "出入りの線(矢印が入店)",
		camera: "カメラ",
		metres: (e) => `${String(e)} m`,
		square: (e) => `マス ${e}`,
		summary: (e) => `店内の地図。いま${String(e)}人います。`,
		elsewhere: "そのほかの場所"
	},
	zone: {
		entrance: "入口",
		exit: "出口",
		checkout: "レジ",
		aisle: "通路",
		staff_only: "スタッフ専用"
	},
	place: {
		shelf: (e) => `棚 ${e}`,
		shelfLevel: (e) => `下から${String(e + 1)}段目`,
		line: (e) => `出入りの線 ${e}`,
		unknown: "店内"
	},
	level: {
		white: "参考",
		yellow: "注意",
		red: "至急"
	},
	kind: {
		enter: "入店",
		exit: "退店",
		cross: "線を通過",
		dwell: "滞在",
		loiter: "長くとどまっている",
		crouch: "かがみ込んでいる",
		look_around: "周りを何度も見ている",
		crowd: "混雑",
		fall: "人が倒れた",
		intrusion: "営業時間外に人がいる",
		restricted_area: "立入禁止の場所に人がいる",
		item_taken: "商品が取られた",
		item_put: "物が置かれた",
		sweep: "短い時間に多くの商品が取られた",
		concealed: "商品が見えなくなった",
		unpaid_exit: "レジを通らずに商品を持って退店",
		object_left: "物が置かれたまま",
		object_removed: "あった物がなくなった",
		speech: "話し声",
		raised_voice: "大きな声",
		scream: "叫び声",
		glass_break: "ガラスの割れる音",
		alarm_sound: "警報の音",
		bang: "大きな物音",
		machine_anomaly: "機械の異音",
		camera_moved: "カメラが動かされた",
		camera_covered: "カメラがふさがれた",
		camera_lost: "カメラの映像が届かない",
		microphone_lost: "マイクの音が届かない",
		microphone_silent: "マイクが無音",
		clock_jump: "時計がずれた",
		disk_low: "保存容量が少ない",
		flood: "通知が多すぎるため、まとめて数えている"
	},
	thingTaken: "物が取られた",
	otherKind: "確認が必要なこと",
	state: {
		open: "発生中",
		updated: "発生中",
		ended: "終了"
	},
	action: {
		spoke: "声をかけた",
		staff: "スタッフだった",
		false: "誤報",
		seen: "確認した"
	},
	alerts: {
		open: "発生中",
		ended: "終わったお知らせ",
		nothingOpen: "いま、対応が必要なことはありません",
		nothingOpenHint: "何かあれば、ここに表示されます。",
		nothingYet: "終わったお知らせはまだありません",
		loading: "お知らせを読み込んでいます…",
		people: (e) => `${String(e)}人`,
		goods: (e) => `${String(e)}点`,
		times: (e) => `${String(e)}回`,
		litres: (e) => `約${e} L`,
		reasons: "理由",
		answer: "どうしましたか?",
		answeredBy: (e, t, n) => `${e} · ${t} · ${n}`,
		sending: (e) => `「${e}」を送信中。つながりしだい店番に届きます`,
		change: "答えを変える",
		lasted: (e) => `${e}続いた`,
		again: (e) => `同じことが${String(e)}回`,
		hushed: "静かにしている間のお知らせ(鳴りません)",
		unanswered: "まだ誰も答えていません",
		filter: "表示するお知らせ",
		all: "すべて",
		andWorse: (e, t) => t ? e : `${e}以上`,
		announce: (e, t, n) => `${e}のお知らせ。${t}。${n}。`
	},
	picture: {
		of: (e, t) => `変化前後の奥行きの図:${e}、${t}`,
		enlarge: "大きく見る",
		before: "変化前",
		after: "変化後",
		scale: "明るい色ほど近く、紺色に近いほど遠い所です。黒は測れなかった所です。",
		gone: "この図はもう残っていません",
		offline: "図はつながると表示されます",
		close: "閉じる"
	},
	shelves: {
		restock: "補充の目安",
		restockHint: "段ごとの商品の埋まり具合です(見える範囲)。少ない順に並んでいます。",
		percent: (e) => `${String(e)}%`,
		asOf: (e) => `${e}現在`,
		nothingYet: "棚の埋まり具合は、わかりしだいここに表示されます。",
		unwatched: "見守れていない場所",
		unwatchedLine: (e, t) => `見守れていない場所:${e.join("、")}${t > 0 ? `、ほか${String(t)}件` : ""}`,
		drawn: "設定された形では見守れません。設置担当者に伝えてください。",
		unseen: "どのカメラからも見えません。置き場所とカメラの向きを確かめてください。",
		partly: (e) => `${String(e)}%しか見えません。手前の物をどけるか、カメラの向きを変えてください。`,
		forInstaller: "設置担当者へ:"
	},
	day: {
		loading: "一日のまとめを読み込んでいます…",
		unreachable: "つながると、一日のまとめがここに表示されます。",
		before: "前の日",
		after: "次の日",
		visitors: "時間ごとの来店",
		mostInside: "店内の最多人数",
		nobody: "この日の来店の記録はありません。",
		hour: "時刻",
		oclock: (e) => `${String(e)}時台`,
		stood: "人がよく立ち止まった場所",
		stoodHint: (e) => `色が濃いほど長くいた場所です。いちばん濃い所で延べ${e}。`,
		noAlerts: "この日のお知らせはありません。",
		answers: "お知らせへの答え",
		unanswered: "答えなし",
		greeted: "至急への声かけ",
		greetedOf: (e, t, n) => `${String(t)}件中${String(e)}件(${String(n)}%)`,
		howFast: "声かけまでの時間(中央値)"
	},
	box: {
		sensors: "カメラとマイク",
		state: {
			starting: "準備中",
			ok: "正常",
			stalled: "止まっています",
			lost: "届きません"
		},
		rate: (e, t) => e === "camera" ? `毎秒${String(Math.round(t))}枚` : `毎秒${String(Math.round(t))}回`,
		age: (e) => `最後のデータ ${e}前`,
		drops: (e) => `取りこぼし${String(e)}`,
		level: "音の大きさ",
		dbfs: (e) => `${String(e)} dBFS`,
		look: "いまの奥行きを見る",
		hide: "閉じる",
		sees: (e) => `カメラ${e}の奥行きの図`,
		onlyDepth: "奥行きだけの図です。見たことは記録に残ります。",
		noPicture: "図が届きません。権限とつながりを確かめてください。",
		about: "店番の本体",
		disk: "保存容量",
		diskFree: (e, t) => `空き ${e} / ${t}`,
		uptime: "動いている時間",
		version: "版",
		system: "基本ソフト",
		support: "サポート用の資料",
		supportHint: "動作の記録と設定をまとめます。パスワードも映像も音も入りません。",
		download: "まとめて保存"
	},
	settings: {
		open: "設定",
		title: "設定",
		language: "言語",
		theme: "画面の色",
		themes: {
			auto: "自動",
			light: "明るい",
			dark: "暗い"
		},
		phone: "この端末",
		name: "あなたの名前",
		nameHint: "お知らせに答えたとき、ほかのスタッフに表示されます。",
		anonymous: "スタッフ",
		privacy: "店番は奥行きだけを見ます。カラー映像は撮らず、顔も声も識別しません。棚などで物が減ったり増えたりした所だけ、変化前後の奥行きの小さな図を最長3日間残します。"
	},
	signIn: {
		title: "サインイン",
		first: "はじめての設定",
		firstHint: "店番の本体の画面に出ている設定コードを入れ、店主の名前とパスワードを決めてください。",
		invited: "招待コードではじめる",
		haveAccount: "名前とパスワードでサインイン",
		haveCode: "招待コードを持っている",
		code: "コード",
		name: "名前",
		password: "パスワード",
		newPassword: "新しいパスワード",
		passwordHint: (e) => `${String(e)}文字以上。ほかで使っていないものにしてください。`,
		enter: "サインイン",
		begin: "はじめる",
		wrong: "名前かパスワードが違います。",
		wrongCode: "コードが違うか、名前と合わないか、期限が切れています。",
		weak: "このパスワードは推測されやすいため使えません。",
		wait: (e) => `何度も違ったため、${e}待ってからもう一度お試しください。`,
		unreachable: "店番に届きません。つながりを確かめてください。",
		refused: "受け付けられませんでした。名前は40文字までです。"
	},
	account: {
		title: "あなた",
		role: {
			owner: "店主",
			staff: "スタッフ",
			installer: "設置担当",
			viewer: "見るだけ"
		},
		signOut: "サインアウト",
		changePassword: "パスワードを変える",
		oldPassword: "いまのパスワード",
		changed: "変えました。ほかの端末ではサインインし直してください。",
		wrongOld: "いまのパスワードが違います。"
	},
	members: {
		title: "使う人",
		role: "役割",
		roleOf: (e) => `${e}の役割`,
		seen: (e) => `最後に使った時刻 ${e}`,
		neverSeen: "まだ使っていません",
		invited: "招待中",
		off: "停止中",
		more: "そのほか",
		switchOff: "停止する",
		switchOn: "再開する",
		inviteAgain: "新しいコードを出す",
		remove: "消す",
		invite: "招待する",
		codeFor: (e) => `${e}さんに、このコードを直接渡してください。`,
		codeHint: (e) => `一度だけ使えます。${e}まで有効です。この画面を離れると二度と表示されません。`,
		lastOwner: "最後の店主は、消すことも変えることもできません。",
		nameTaken: "その名前はもう使われています。",
		failed: "できませんでした。つながりと名前を確かめてください。"
	},
	snooze: {
		title: "しばらく静かにする",
		hint: "記録は続き、時間がたつと自動で元に戻ります。すべての端末で同じです。",
		everything: "すべて",
		until: (e, t) => `${e}まで${t === "" ? "" : ` · ${t}`}`,
		end: "元に戻す",
		what: "何を",
		where: "どこで",
		anywhere: "店内すべて",
		howLong: "いつまで",
		begin: "静かにする",
		failed: "店番が受け付けませんでした。短い時間でお試しください。",
		quick: (e) => `この種類を${e}静かに`,
		quickDone: "静かにしました"
	},
	sign: {
		open: "入口の掲示を印刷する",
		back: "設定に戻る",
		print: "印刷する",
		title: "この店では、店番がスタッフを手伝っています",
		depth: "天井の奥行きセンサーが、人や物の形と動きを測ります。カラーの映像は撮りません。",
		sound: "マイクが、大きな声・叫び声・ガラスの割れる音・警報などの種類だけを聞き分けます。話の内容は記録しません。",
		noSound: "音は聞いていません。",
		nobody: "顔・声・歩き方で人を識別することはありません。来店のたびに忘れます。",
		kept: "お知らせは数日で消えます。人数と立ち止まった場所の合計だけを、誰のものか分からない数字として残します。",
		ask: (e) => `ご質問は${e === "" ? "店" : e}のスタッフにおたずねください。`
	},
	notice: {
		title: "知らせかた",
		ring: "画面を開いているときの音と振動",
		ringFrom: {
			red: "至急だけ",
			yellow: "注意から",
			off: "鳴らさない"
		},
		push: "画面を閉じているときの通知",
		pushState: {
			unsupported: "このブラウザーか接続では使えません。https で開き、ホーム画面に追加してください。",
			blocked: "ブラウザーの設定で止められています。",
			off: "届きません",
			on: "届きます"
		},
		pushOn: "通知を受け取る",
		pushOff: "通知をやめる",
		pushFailed: "通知を始められませんでした。インターネットへのつながりを確かめてください。",
		channels: "ほかの知らせかた",
		kind: {
			push: "端末への通知",
			apprise: "外部サービス",
			speaker: "店内放送",
			light: "ランプ",
			home_assistant: "ホームアシスタント"
		},
		state: {
			ok: "正常",
			failing: "届いていません",
			untried: "未使用",
			off: "停止中"
		},
		afterStep: (e) => `答えがないとき(${String(e)}段階目)`,
		test: "試す",
		testing: "試しています…",
		testOk: "届きました",
		testFailed: (e) => `届きませんでした。${e}`
	},
	ago: (e) => {
		if (e.unit === "now") return "たった今";
		let t = {
			second: "秒",
			minute: "分",
			hour: "時間",
			day: "日"
		}[e.unit];
		return `${String(e.count)}${t}前`;
	},
	duration: (e) => {
		let t = Math.max(1, Math.round(e / 1e3));
		return t < 60 ? `${String(t)}秒` : t < 3600 ? `${String(Math.round(t / 60))}分` : `${String(Math.round(t / 3600))}時間`;
	}
}, M = /* @__PURE__ */ "enter.exit.cross.dwell.loiter.crouch.look_around.crowd.fall.intrusion.restricted_area.item_taken.item_put.sweep.concealed.unpaid_exit.object_left.object_removed.speech.raised_voice.scream.glass_break.alarm_sound.bang.machine_anomaly.camera_moved.camera_covered.camera_lost.microphone_lost.microphone_silent.clock_jump.disk_low.flood".split("."), N = {
	ja: j,
	en: A
};
function P(e) {
	return N[e];
}
function F(e) {
	return M.includes(e);
}
function I(e, t) {
	return F(t) ? e.kind[t] : e.otherKind;
}
// src/worker/notice.ts
function L(e) {
	let t = i("push", e);
	return {
		alertId: t.nullable("alert_id", (e) => t.text(e, 64)),
		seq: t.integer("seq"),
		tMs: t.time("t_ms"),
		level: t.oneOf("level", a),
		kind: t.text("kind", 40),
		place: t.nullable("place", (e) => R(t.object(e))),
		count: t.integer("count", 0, 1e6),
		escalation: t.integer("escalation", 0, 100),
		silent: t.boolean("silent"),
		name: t.text("name", 64)
	};
}
function R(e) {
	let t = (t) => e.text(t, 64), n = e.nullable("zone_kind", t);
	return {
		zone: e.nullable("zone", t),
		zoneKind: O.find((e) => e === n) ?? null,
		shelf: e.nullable("shelf", t),
		shelfLevel: e.nullable("level", (t) => e.integer(t, 0, 100)),
		line: e.nullable("line", t)
	};
}
var z = {
	ja: {
		test: "通知の試験",
		testBody: "この通知が見えれば、届いています。",
		away: (e) => `通知が届かない間に${String(e)}件のお知らせがありました`,
		awayBody: "タップして確かめてください。",
		unanswered: "まだ誰も答えていません",
		unreadable: "新しいお知らせ",
		unreadableBody: "タップして開いてください。"
	},
	en: {
		test: "A test of notifications",
		testBody: "You see this: they arrive.",
		away: (e) => `${String(e)} ${e === 1 ? "alert" : "alerts"} while notifications could not be sent`,
		awayBody: "Tap to look.",
		unanswered: "Nobody has answered yet",
		unreadable: "Something new",
		unreadableBody: "Tap to open."
	}
}, B = "/icons/icon-192.png", V = {
	red: [
		300,
		120,
		300,
		120,
		600
	],
	yellow: [
		250,
		150,
		250
	],
	white: [150]
};
function H(e, t, n) {
	let r = P(t), i = z[t], a = {
		lang: r.locale,
		icon: B,
		badge: B,
		timestamp: e.tMs
	}, o = e.silent || !n;
	if (e.alertId === null) {
		let [t, n] = e.kind === "away" ? [i.away(e.count), i.awayBody] : [i.test, i.testBody];
		return {
			title: t,
			options: {
				...a,
				body: `${n}\n${e.name}`,
				tag: e.kind,
				silent: o,
				data: { alertId: null }
			}
		};
	}
	let s = [W(e.place, t)];
	return e.escalation > 0 && s.push(i.unanswered), s.push(e.name), {
		title: `${r.level[e.level]} · ${I(r, e.kind)}`,
		options: {
			...a,
			body: s.join("\n"),
			tag: e.alertId,
			renotify: !o,
			silent: o,
			...o ? {} : { vibrate: V[e.level] },
			requireInteraction: e.level === "red",
			data: { alertId: e.alertId },
			actions: ["spoke", "seen"].map((e) => ({
				action: e,
				title: r.action[e]
			}))
		}
	};
}
function U(e) {
	let { unreadable: t, unreadableBody: n } = z[e];
	return {
		title: t,
		options: {
			body: n,
			tag: "unreadable",
			icon: B,
			data: { alertId: null }
		}
	};
}
function W(e, t) {
	let n = P(t);
	if (e === null) return n.place.unknown;
	let r = [];
	return e.zone !== null && /[^\u0020-\u007e]/u.test(e.zone) ? r.push(e.zone) : e.zoneKind !== null && r.push(n.zone[e.zoneKind]), e.shelf !== null && r.push(n.place.shelf(e.shelf)), e.shelfLevel !== null && r.push(n.place.shelfLevel(e.shelfLevel)), e.line !== null && r.push(n.place.line(e.line)), r.length === 0 ? n.place.unknown : r.join(" · ");
}
// src/worker/ring.ts
var G = "answers", K = class {
	scope;
	memory;
	answers;
	constructor(e, t, n) {
		this.scope = e, this.memory = t, this.answers = n;
	}
	async pushed(e) {
		let t = await this.memory.about(), n = await this.#e(e, t);
		n !== null && await this.scope.registration.showNotification(n.title, n.options), await this.answers.flush().catch(() => !1);
	}
	async clicked(e, t) {
		e.close();
		let n = J(e);
		if (n !== null && (t === "spoke" || t === "seen")) {
			let { name: e } = await this.memory.about();
			await this.answers.give(n, t, e).catch(() => !1) || await this.#r();
			for (let e of await this.#n()) e.postMessage({
				type: "answered",
				alertId: n,
				action: t
			});
		} else await this.#t(n);
	}
	async readdressed(e) {
		let t = e?.options.applicationServerKey;
		if (t == null) return;
		let { pushManager: n } = this.scope.registration, r = await n.getSubscription() ?? await n.subscribe({
			userVisibleOnly: !0,
			applicationServerKey: t
		}), i = await this.memory.about(), a = i.levels.length > 0 ? i.levels : ["red"];
		await this.answers.change("/api/push", D(r, {
			...i,
			levels: a
		}));
	}
	async synced(e) {
		if (e === G && !await this.answers.flush()) throw Error("the box cannot be reached yet");
	}
	async #e(e, t) {
		let n;
		try {
			n = L(e?.json());
		} catch {
			return U(t.language);
		}
		if (n.alertId !== null && !await this.memory.rings(n.alertId, q(n))) return null;
		let r = (await this.#n()).some((e) => e.visibilityState === "visible");
		return H(n, t.language, !r);
	}
	async #t(e) {
		let t = e === null ? "/#/alerts" : `/#/alerts/${encodeURIComponent(e)}`, [n] = await this.#n();
		n === void 0 ? await this.scope.clients.openWindow(t) : (n.postMessage({
			type: "open",
			alertId: e
		}), await n.navigate(t).catch(() => null), await n.focus());
	}
	async #n() {
		return await this.scope.clients.matchAll({
			type: "window",
			includeUncontrolled: !0
		});
	}
	async #r() {
		let { sync: e } = this.scope.registration;
		await e?.register(G).catch(() => void 0);
	}
};
function q(e) {
	return {
		rank: a.indexOf(e.level),
		escalation: e.escalation
	};
}
function J(e) {
	let t = e.data;
	return typeof t != "object" || !t || !("alertId" in t) ? null : typeof t.alertId == "string" ? t.alertId : null;
}
// src/sw.ts
var Y = self, X = "miseban-00545e638df3", Z = "/", Q = 2500;
Y.addEventListener("install", (e) => {
	e.waitUntil((async () => {
		await (await caches.open(X)).addAll([
			"/assets/index-BSTFWKQX.css",
			"/assets/index-D4WPToFY.js",
			"/assets/mqtt.esm-QzmTTts4.js",
			"/icons/apple-touch-icon.png",
			"/icons/icon-192.png",
			"/icons/icon-512.png",
			"/icons/icon.svg",
			"/icons/maskable-512.png",
			"/",
			"/manifest.webmanifest",
			"/theme.js"
		].map((e) => new Request(e, { cache: "reload" }))), await Y.skipWaiting();
	})());
}), Y.addEventListener("activate", (e) => {
	e.waitUntil((async () => {
		let e = await caches.keys();
		await Promise.all(e.filter((e) => e.startsWith("miseban-") && e !== X).map((e) => caches.delete(e))), await Y.clients.claim();
	})());
});
var $ = new K(Y, new u(), new ee());
Y.addEventListener("push", (e) => {
	e.waitUntil($.pushed(e.data));
}), Y.addEventListener("notificationclick", (e) => {
	e.waitUntil($.clicked(e.notification, e.action));
}), Y.addEventListener("pushsubscriptionchange", (e) => {
	let { oldSubscription: t } = e;
	e.waitUntil($.readdressed(t));
}), Y.addEventListener("sync", (e) => {
	let { tag: t } = e;
	e.waitUntil($.synced(t));
}), Y.addEventListener("fetch", (e) => {
	let { request: t } = e, n = new URL(t.url);
	t.method === "GET" && n.origin === Y.location.origin && (t.mode === "navigate" && n.pathname === Z ? e.respondWith(te(t)) : [
		"/assets/index-BSTFWKQX.css",
		"/assets/index-D4WPToFY.js",
		"/assets/mqtt.esm-QzmTTts4.js",
		"/icons/apple-touch-icon.png",
		"/icons/icon-192.png",
		"/icons/icon-512.png",
		"/icons/icon.svg",
		"/icons/maskable-512.png",
		"/",
		"/manifest.webmanifest",
		"/theme.js"
	].includes(n.pathname) && n.pathname !== Z && e.respondWith(ne(t)));
});
async function te(e) {
	try {
		let t = await fetch(e, { signal: AbortSignal.timeout(Q) });
		if (t.ok) return t;
	} catch {}
	return await caches.match(Z, { cacheName: X }) ?? Response.error();
}
async function ne(e) {
	return await caches.match(e, { cacheName: X }) ?? fetch(e);
}
