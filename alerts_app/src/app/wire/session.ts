/** Who is signed in on this phone, and what they may do. */

import { Fields, versioned } from "./json";

export const ROLES = ["owner", "staff", "installer", "viewer"] as const;
export type Role = (typeof ROLES)[number];

const RIGHTS = ["read", "answer", "snooze", "box", "users"] as const;
export type Right = (typeof RIGHTS)[number];

export interface User {
  readonly name: string;
  readonly role: Role;
}

export interface SessionTold {
  /** `setup`: nobody owns this box yet. */
  readonly state: "signed_in" | "signed_out" | "setup";
  /** False where the box asks nobody to sign in. */
  readonly signIn: boolean;
  readonly user: User | null;
  readonly rights: readonly Right[];
  readonly csrf: string | null;
}

function readUser(fields: Fields): User {
  return { name: fields.text("name", 64), role: fields.oneOf("role", ROLES) };
}

/** Raises WireError when the answer is not that of `GET /api/session`. */
export function readSession(value: unknown): SessionTold {
  const fields = versioned("session", value);
  const rights = fields.array("rights", 32, (item, where) => new Fields(where, { right: item }).text("right", 40));
  return {
    state: fields.oneOf("state", ["signed_in", "signed_out", "setup"] as const),
    signIn: fields.boolean("sign_in"),
    user: fields.nullable("user", (key) => readUser(fields.object(key))),
    rights: RIGHTS.filter((right) => rights.includes(right)),
    csrf: fields.nullable("csrf", (key) => fields.text(key, 200)),
  };
}

/** One of those who may open the page, as the owner sees them. */
export interface Member extends User {
  readonly enabled: boolean;
  readonly createdMs: number;
  /** Last seen; null before the first time. */
  readonly seenMs: number | null;
  /** Phones on which they are signed in. */
  readonly sessions: number;
  /** Waits for its code to be used. */
  readonly invited: boolean;
}

function readMember(value: unknown, where: string): Member {
  const fields = new Fields(where, value);
  return {
    ...readUser(fields),
    enabled: fields.boolean("enabled"),
    createdMs: fields.time("created_ms"),
    seenMs: fields.nullable("seen_ms", (key) => fields.time(key)),
    sessions: fields.integer("sessions"),
    invited: fields.boolean("invited"),
  };
}

/** Raises WireError when the answer is not that of `GET /api/users`. */
export function readMembers(value: unknown): readonly Member[] {
  return versioned("users", value).array("users", 1000, readMember);
}

/** The code with which somebody chooses a password; shown once. */
export interface Invitation {
  readonly name: string;
  readonly code: string;
  readonly expiresMs: number;
}

/** Raises WireError when the answer is not an invitation. */
export function readInvitation(value: unknown): Invitation {
  const fields = versioned("invitation", value);
  return { name: fields.text("name", 64), code: fields.text("code", 100), expiresMs: fields.time("expires_ms") };
}
