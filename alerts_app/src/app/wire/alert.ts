/** Alerts, and the staff's answers to them. */

import { Fields, versioned } from "./json";

export const LEVELS = ["white", "yellow", "red"] as const;
export type Level = (typeof LEVELS)[number];

export const ALERT_STATES = ["open", "updated", "ended"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export const ACTIONS = ["spoke", "staff", "false", "seen"] as const;
export type Action = (typeof ACTIONS)[number];

/** Where something happened, store frame, metres. What does not apply is null. */
export interface Place {
  readonly xM: number;
  readonly yM: number;
  readonly zM: number;
  readonly zone: string | null;
  readonly shelf: string | null;
  /** Shelf level, 0 is the lowest. */
  readonly shelfLevel: number | null;
  readonly line: string | null;
}

export interface Reason {
  readonly kind: string;
  readonly tMs: number;
  readonly weight: number;
  readonly text: string;
  readonly place: Place | null;
  /** Name of a picture of it, before and after; the box keeps it for three days. */
  readonly picture: string | null;
}

/** The answer that stands at the box. */
export interface StandingAck {
  readonly ackId: string;
  readonly action: Action;
  readonly by: string;
  readonly atMs: number;
}

/** Why an alert is kept beyond the time for which others are. */
export interface Pin {
  readonly reason: string;
  /** Empty where nobody signs in. */
  readonly by: string;
  readonly atMs: number;
}

/** One alert as it stands at `seq`; the highest `seq` of an `alertId` is its truth. */
export interface Alert {
  readonly seq: number;
  readonly alertId: string;
  readonly tMs: number;
  readonly openedMs: number;
  readonly endedMs: number | null;
  readonly level: Level;
  readonly state: AlertState;
  readonly kind: string;
  /** People involved, or goods. */
  readonly count: number;
  /** Litres of the goods, or of the thing, where it is about any. */
  readonly volumeL: number | null;
  readonly person: string | null;
  /** Which microphone or machine was heard, or which sensor is lost. */
  readonly sensor: string | null;
  readonly place: Place | null;
  /** For how many episodes it stands. */
  readonly episodes: number;
  /** Why it rings nobody, while it does not: "snoozed", or a word that this app does not know. */
  readonly hush: string | null;
  /** The step that it has reached unanswered. */
  readonly escalation: number;
  readonly reasons: readonly Reason[];
  readonly pin: Pin | null;
  readonly ack: StandingAck | null;
}

export interface AlertPage {
  readonly alerts: readonly Alert[];
  readonly next: number;
}

/** An answer on its way to the box. */
export interface Ack {
  readonly ackId: string;
  readonly alertId: string;
  readonly action: Action;
  readonly by: string;
  readonly atMs: number;
}

function readPlace(fields: Fields): Place {
  const name = (key: string): string => fields.text(key, 64);
  return {
    xM: fields.number("x", -1000, 1000),
    yM: fields.number("y", -1000, 1000),
    zM: fields.number("z", -1000, 1000),
    zone: fields.nullable("zone", name),
    shelf: fields.nullable("shelf", name),
    shelfLevel: fields.nullable("level", (key) => fields.integer(key, 0, 100)),
    line: fields.nullable("line", name),
  };
}

function readReason(value: unknown, where: string): Reason {
  const fields = new Fields(where, value);
  return {
    kind: fields.text("kind", 40),
    tMs: fields.time("t_ms"),
    weight: fields.number("weight", -1000, 1000),
    text: fields.text("text"),
    place: placeOrNull(fields),
    picture: fields.nullable("picture", (key) => fields.name(key)),
  };
}

/** The `place` of an alert or a reason. */
function placeOrNull(fields: Fields): Place | null {
  return fields.nullable("place", (key) => readPlace(fields.object(key)));
}

function readPin(fields: Fields): Pin {
  return { reason: fields.text("reason", 200), by: fields.text("by", 64), atMs: fields.time("at_ms") };
}

function readStandingAck(fields: Fields): StandingAck {
  return {
    ackId: fields.text("ack_id", 64),
    action: fields.oneOf("action", ACTIONS),
    by: fields.text("by", 64),
    atMs: fields.time("at_ms"),
  };
}

/** Raises WireError when the payload is not an alert of version 1. */
export function readAlert(value: unknown, where = "alert"): Alert {
  const fields = versioned(where, value);
  return {
    seq: fields.integer("seq", 1),
    alertId: fields.text("alert_id", 64),
    tMs: fields.time("t_ms"),
    openedMs: fields.time("opened_ms"),
    endedMs: fields.nullable("ended_ms", (key) => fields.time(key)),
    level: fields.oneOf("level", LEVELS),
    state: fields.oneOf("state", ALERT_STATES),
    kind: fields.text("kind", 40),
    count: fields.integer("count", 0, 10_000),
    volumeL: fields.nullable("volume_l", (key) => fields.number(key, 0, 100_000)),
    person: fields.nullable("person", (key) => fields.text(key, 64)),
    sensor: fields.optional("sensor", null, (key) => fields.nullable(key, () => fields.text(key, 64))),
    place: placeOrNull(fields),
    episodes: fields.optional("episodes", 1, (key) => fields.integer(key, 1)),
    hush: fields.optional("hush", null, (key) => fields.nullable(key, () => fields.text(key, 40))),
    escalation: fields.optional("escalation", 0, (key) => fields.integer(key, 0, 9)),
    reasons: fields.array("reasons", 64, readReason),
    pin: fields.optional("pin", null, (key) => fields.nullable(key, () => readPin(fields.object(key)))),
    ack: fields.nullable("ack", (key) => readStandingAck(fields.object(key))),
  };
}

/** Raises WireError when the payload is not a page of alerts. */
export function readAlertPage(value: unknown): AlertPage {
  const fields = versioned("alert page", value);
  return { alerts: fields.array("alerts", 500, readAlert), next: fields.integer("next") };
}

/** The payload of `acks/<alert_id>`. */
export function writeAck(ack: Ack): string {
  return JSON.stringify({
    v: 1,
    ack_id: ack.ackId,
    alert_id: ack.alertId,
    action: ack.action,
    by: ack.by,
    at_ms: ack.atMs,
  });
}
