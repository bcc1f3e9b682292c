/** Places, kinds and times in words. */

import { squareName } from "../app/extent";
import type { Language } from "../app/preferences";
import { hindrance } from "../app/restock";
import type { Alert, Place, Reason } from "../app/wire/alert";
import type { Bounds, Store, Watched, Zone } from "../app/wire/box";
import { en } from "./en";
import { ja } from "./ja";
import { type Kind, KINDS, type Words } from "./words";

const LANGUAGES: Readonly<Record<Language, Words>> = { ja, en };

export function wordsOf(language: Language): Words {
  return LANGUAGES[language];
}

function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}

/** A kind in words; a kind that this app does not know yet is something to look at, never a blank. */
export function kindInWords(words: Words, kind: string): string {
  return isKind(kind) ? words.kind[kind] : words.otherKind;
}

/** A reason in words: by kind, else the box's own English. */
export function reasonInWords(words: Words, reason: Pick<Reason, "kind" | "text" | "place">): string {
  const onShelf = reason.place !== null && reason.place.shelf !== null;
  if (reason.kind === "item_taken" && !onShelf) return words.thingTaken;
  return isKind(reason.kind) ? words.kind[reason.kind] : reason.text || words.otherKind;
}

/**
 * What a zone is called: the installer's own words where they wrote any in the shop's language, else the kind of
 * zone, with its id where several zones share the kind.
 */
export function zoneInWords(words: Words, zone: Zone, zones: readonly Zone[]): string {
  // An id of plain ASCII is a key such as "aisle-2"; anything else was written for people to read.
  if (/[^\u0020-\u007e]/u.test(zone.id)) return zone.id;
  const alike = zones.filter((other) => other.kind === zone.kind).length;
  return alike > 1 ? `${words.zone[zone.kind]} ${zone.id}` : words.zone[zone.kind];
}

/** Kinds whose count is of goods. */
const OF_GOODS: ReadonlySet<string> = new Set<Kind>([
  "item_taken",
  "item_put",
  "sweep",
  "concealed",
  "unpaid_exit",
  "object_left",
  "object_removed",
]);

/** Kinds whose count is how often it was heard, or how often a sensor was lost. */
const OF_TIMES: ReadonlySet<string> = new Set<Kind>([
  "speech",
  "raised_voice",
  "scream",
  "glass_break",
  "alarm_sound",
  "bang",
  "machine_anomaly",
  "camera_lost",
  "microphone_lost",
  "microphone_silent",
]);

/** How many are involved: people, or goods and about how many litres those are, or how often it happened, if more than once. */
export function amountInWords(words: Words, alert: Pick<Alert, "kind" | "count" | "volumeL">): string {
  if (OF_TIMES.has(alert.kind)) return alert.count > 1 ? words.alerts.times(alert.count) : "";
  if (!OF_GOODS.has(alert.kind)) return words.alerts.people(alert.count);
  const goods = words.alerts.goods(alert.count);
  // Undefined in an alert that an older app kept.
  return alert.volumeL ? `${goods} · ${words.alerts.litres(roughly(alert.volumeL))}` : goods;
}

/** No more digits than a camera knows. */
function roughly(litres: number): string {
  return litres < 9.5 ? Math.max(litres, 0.1).toFixed(1) : litres.toFixed(0);
}

/** A shelf or a zone that is watched, by its name. */
export function watchedInWords(words: Words, watched: Watched, store: Store | null): string {
  if (watched.shelf !== null) return words.place.shelf(watched.shelf);
  const zone = store?.zones.find((item) => item.id === watched.zone);
  return zone === undefined || store === null ? (watched.zone ?? "") : zoneInWords(words, zone, store.zones);
}

/** Why it is not watched, and what to do. */
export function hindranceInWords(words: Words, watched: Watched): string {
  const why = hindrance(watched);
  return why.is === "partly" ? words.shelves.partly(why.percent) : words.shelves[why.is];
}

/** A place such as "Aisle · C-7" or "Shelf A · level 2 from below · C-7". */
export function placeInWords(words: Words, place: Place | null, store: Store | null, extent: Bounds | null): string {
  if (place === null) return words.place.unknown;
  const parts: string[] = [];
  const zone = store?.zones.find((item) => item.id === place.zone);
  if (zone !== undefined && store !== null) parts.push(zoneInWords(words, zone, store.zones));
  else if (place.zone !== null) parts.push(place.zone);
  if (place.shelf !== null) parts.push(words.place.shelf(place.shelf));
  if (place.shelfLevel !== null) parts.push(words.place.shelfLevel(place.shelfLevel));
  if (place.line !== null) parts.push(words.place.line(place.line));
  const square = extent === null ? null : squareName(extent, place.xM, place.yM);
  if (square !== null) parts.push(square);
  return parts.length === 0 ? words.place.unknown : parts.join(" · ");
}

/** Hours and minutes at the shop, with the date when it is another day than `nowMs`. */
export function timeInWords(words: Words, tMs: number, nowMs: number, timezone: string | undefined): string {
  const zone = timezone === undefined ? {} : { timeZone: timezone };
  const day = new Intl.DateTimeFormat(words.locale, { ...zone, month: "short", day: "numeric" });
  const time = new Intl.DateTimeFormat(words.locale, { ...zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return day.format(tMs) === day.format(nowMs) ? time.format(tMs) : `${day.format(tMs)} ${time.format(tMs)}`;
}

/** A calendar day such as "2026-05-04", with the day of the week. */
export function dateInWords(words: Words, date: string): string {
  const format = new Intl.DateTimeFormat(words.locale, { timeZone: "UTC", month: "long", day: "numeric", weekday: "short" });
  const tMs = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(tMs) ? date : format.format(tMs);
}

/** So many bytes, in the unit that a person would say. */
export function bytesInWords(words: Words, bytes: number): string {
  const unit = bytes >= 1e9 ? (["gigabyte", 1e9] as const) : (["megabyte", 1e6] as const);
  return new Intl.NumberFormat(words.locale, { style: "unit", unit: unit[0], maximumFractionDigits: 1 }).format(bytes / unit[1]);
}
