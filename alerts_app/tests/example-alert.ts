import type { Alert } from "../src/app/wire/alert";

/** A plain alert as it stands at `seq`. */
export function alert(alertId: string, seq: number, more: Partial<Alert> = {}): Alert {
  return {
    seq,
    alertId,
    tMs: seq * 1000,
    openedMs: seq * 1000,
    endedMs: null,
    level: "yellow",
    state: "open",
    kind: "crowd",
    count: 9,
    volumeL: null,
    person: null,
    sensor: null,
    place: null,
    episodes: 1,
    hush: null,
    escalation: 0,
    reasons: [],
    pin: null,
    ack: null,
    ...more,
  };
}
