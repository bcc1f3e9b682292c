/** What the box pushes, and the notification that is made of it in the phone's language. */

import type { Language } from "../app/preferences";
import { LEVELS, type Level } from "../app/wire/alert";
import { ZONE_KINDS, type ZoneKind } from "../app/wire/box";
import { Fields, versioned } from "../app/wire/json";
import { kindInWords, wordsOf } from "../i18n/speak";

export interface PushedPlace {
  readonly zone: string | null;
  readonly zoneKind: ZoneKind | null;
  readonly shelf: string | null;
  readonly shelfLevel: number | null;
  readonly line: string | null;
}

export interface Pushed {
  /** Null for a test, and for a word on how many alerts came while the box could not push. */
  readonly alertId: string | null;
  readonly seq: number;
  readonly tMs: number;
  readonly level: Level;
  readonly kind: string;
  readonly place: PushedPlace | null;
  readonly count: number;
  readonly escalation: number;
  readonly silent: boolean;
  /** The shop's name. */
  readonly name: string;
}

/** Raises WireError when it is not what a box of version 1 pushes. */
export function readPushed(value: unknown): Pushed {
  const fields = versioned("push", value);
  return {
    alertId: fields.nullable("alert_id", (key) => fields.text(key, 64)),
    seq: fields.integer("seq"),
    tMs: fields.time("t_ms"),
    level: fields.oneOf("level", LEVELS),
    kind: fields.text("kind", 40),
    place: fields.nullable("place", (key) => readPlace(fields.object(key))),
    count: fields.integer("count", 0, 1_000_000),
    escalation: fields.integer("escalation", 0, 100),
    silent: fields.boolean("silent"),
    name: fields.text("name", 64),
  };
}

function readPlace(fields: Fields): PushedPlace {
  const name = (key: string): string => fields.text(key, 64);
  const kind = fields.nullable("zone_kind", name);
  return {
    zone: fields.nullable("zone", name),
    zoneKind: ZONE_KINDS.find((known) => known === kind) ?? null,
    shelf: fields.nullable("shelf", name),
    shelfLevel: fields.nullable("level", (key) => fields.integer(key, 0, 100)),
    line: fields.nullable("line", name),
  };
}

interface Sayings {
  readonly test: string;
  readonly testBody: string;
  readonly away: (count: number) => string;
  readonly awayBody: string;
  readonly unanswered: string;
  readonly unreadable: string;
  readonly unreadableBody: string;
}

const SAYINGS: Readonly<Record<Language, Sayings>> = {
  ja: {
    test: "通知の試験",
    testBody: "この通知が見えれば、届いています。",
    away: (count) => `通知が届かない間に${String(count)}件のお知らせがありました`,
    awayBody: "タップして確かめてください。",
    unanswered: "まだ誰も答えていません",
    unreadable: "新しいお知らせ",
    unreadableBody: "タップして開いてください。",
  },
  en: {
    test: "A test of notifications",
    testBody: "You see this: they arrive.",
    away: (count) => `${String(count)} ${count === 1 ? "alert" : "alerts"} while notifications could not be sent`,
    awayBody: "Tap to look.",
    unanswered: "Nobody has answered yet",
    unreadable: "Something new",
    unreadableBody: "Tap to open.",
  },
};

const ICON = "/icons/icon-192.png";

const VIBRATION: Readonly<Record<Level, readonly number[]>> = {
  red: [300, 120, 300, 120, 600],
  yellow: [250, 150, 250],
  white: [150],
};

/** What browsers know of a notification beyond the types that TypeScript ships. */
export interface NotificationLook extends NotificationOptions {
  readonly renotify?: boolean;
  readonly vibrate?: readonly number[];
  readonly timestamp?: number;
  readonly actions?: readonly { readonly action: string; readonly title: string }[];
}

export interface Shown {
  readonly title: string;
  readonly options: NotificationLook;
}

/**
 * The notification.
 *
 * @param isHeard Whether it may sound: not while a page is in view, which says it by itself.
 */
export function notification(pushed: Pushed, language: Language, isHeard: boolean): Shown {
  const words = wordsOf(language);
  const sayings = SAYINGS[language];
  const look = { lang: words.locale, icon: ICON, badge: ICON, timestamp: pushed.tMs };
  const silent = pushed.silent || !isHeard;
  if (pushed.alertId === null) {
    const [title, body] =
      pushed.kind === "away" ? [sayings.away(pushed.count), sayings.awayBody] : [sayings.test, sayings.testBody];
    return { title, options: { ...look, body: `${body}\n${pushed.name}`, tag: pushed.kind, silent, data: { alertId: null } } };
  }
  const lines = [placeInShort(pushed.place, language)];
  if (pushed.escalation > 0) lines.push(sayings.unanswered);
  lines.push(pushed.name);
  return {
    title: `${words.level[pushed.level]} · ${kindInWords(words, pushed.kind)}`,
    options: {
      ...look,
      body: lines.join("\n"),
      tag: pushed.alertId,
      renotify: !silent,
      silent,
      // A silent notification must not vibrate: browsers refuse the two together.
      ...(silent ? {} : { vibrate: VIBRATION[pushed.level] }),
      requireInteraction: pushed.level === "red",
      data: { alertId: pushed.alertId },
      actions: (["spoke", "seen"] as const).map((action) => ({ action, title: words.action[action] })),
    },
  };
}

/** A push that cannot be read still has to be shown: from a box of another version it may be the one that matters. */
export function unreadable(language: Language): Shown {
  const { unreadable: title, unreadableBody: body } = SAYINGS[language];
  return { title, options: { body, tag: "unreadable", icon: ICON, data: { alertId: null } } };
}

function placeInShort(place: PushedPlace | null, language: Language): string {
  const words = wordsOf(language);
  if (place === null) return words.place.unknown;
  const parts: string[] = [];
  // An id of plain ASCII is a key such as "aisle-2"; anything else was written for people to read.
  if (place.zone !== null && /[^\u0020-\u007e]/u.test(place.zone)) parts.push(place.zone);
  else if (place.zoneKind !== null) parts.push(words.zone[place.zoneKind]);
  if (place.shelf !== null) parts.push(words.place.shelf(place.shelf));
  if (place.shelfLevel !== null) parts.push(words.place.shelfLevel(place.shelfLevel));
  if (place.line !== null) parts.push(words.place.line(place.line));
  return parts.length === 0 ? words.place.unknown : parts.join(" · ");
}
