/** The box's channels: phones by push, a speaker, a light, other services. */

import { LEVELS, type Level } from "./alert";
import { Fields, versioned } from "./json";

export const CHANNEL_KINDS = ["push", "apprise", "speaker", "light", "home_assistant"] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

const STATES = ["ok", "failing", "untried", "off"] as const;
export type ChannelState = (typeof STATES)[number];

export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly levels: readonly Level[];
  /** 0 at once; else the step of an unanswered alert from which it is used. */
  readonly step: number;
  readonly state: ChannelState;
  /** Why it fails, in the box's own English. */
  readonly fault: string | null;
}

/** What a test came to. */
export interface Trial {
  readonly ok: boolean;
  readonly fault: string | null;
}

function readChannel(value: unknown, where: string): Channel {
  const fields = new Fields(where, value);
  const level = (item: unknown, at: string): Level => new Fields(at, { level: item }).oneOf("level", LEVELS);
  return {
    id: fields.text("id", 64),
    kind: fields.oneOf("kind", CHANNEL_KINDS),
    levels: fields.array("levels", 3, level),
    step: fields.integer("step", 0, 9),
    state: fields.oneOf("state", STATES),
    fault: fields.nullable("fault", (key) => fields.text(key)),
  };
}

/** Raises WireError when the answer is not that of `GET /api/channels`. */
export function readChannels(value: unknown): readonly Channel[] {
  return versioned("channels", value).array("channels", 64, readChannel);
}

/** Raises WireError when the answer is not that of a test. */
export function readTrial(value: unknown): Trial {
  const fields = versioned("trial", value);
  return { ok: fields.boolean("ok"), fault: fields.nullable("fault", (key) => fields.text(key)) };
}
