/** Everything the app says, in the shape that each language fills. */

import type { PushState } from "../app/push";
import type { RingFrom } from "../app/ringer";
import type { Ago } from "../app/shop-time";
import type { Action, AlertState, Level } from "../app/wire/alert";
import type { SensorState, ZoneKind } from "../app/wire/box";
import type { ChannelKind, ChannelState } from "../app/wire/channels";
import type { Role } from "../app/wire/session";

/** Kinds of acts that have words of their own; a newer box may send others. */
export const KINDS = [
  "enter",
  "exit",
  "cross",
  "dwell",
  "loiter",
  "crouch",
  "look_around",
  "crowd",
  "fall",
  "intrusion",
  "restricted_area",
  "item_taken",
  "item_put",
  "sweep",
  "concealed",
  "unpaid_exit",
  "object_left",
  "object_removed",
  "speech",
  "raised_voice",
  "scream",
  "glass_break",
  "alarm_sound",
  "bang",
  "machine_anomaly",
  "camera_moved",
  "camera_covered",
  "camera_lost",
  "microphone_lost",
  "microphone_silent",
  "clock_jump",
  "disk_low",
  "flood",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Words {
  readonly locale: string;
  readonly productName: string;
  readonly nav: { readonly label: string; readonly now: string; readonly alerts: string; readonly shelves: string; readonly day: string; readonly box: string };
  readonly skipToContent: string;
  readonly condition: {
    readonly connecting: string;
    readonly live: string;
    readonly reconnecting: string;
    readonly offline: string;
    readonly noBroker: string;
    readonly boxOff: (time: string) => string;
    readonly boxSilent: (time: string) => string;
  };
  readonly sensors: {
    readonly none: string;
    readonly allWell: (cameras: number, microphones: number) => string;
    readonly starting: (working: number, total: number) => string;
    readonly failing: (ids: readonly string[], working: number, total: number) => string;
  };
  readonly now: {
    readonly inside: string;
    readonly people: (count: number) => string;
    readonly unit: (count: number) => string;
    readonly entered: string;
    readonly left: string;
    readonly since: (time: string) => string;
    readonly today: string;
    readonly lines: string;
    readonly in: string;
    readonly out: string;
    readonly nobody: string;
    readonly open: string;
    readonly closed: string;
    readonly needsYou: string;
    readonly allCalm: string;
    readonly more: (count: number) => string;
    readonly waitingFirst: string;
    readonly waitingHint: string;
  };
  readonly map: {
    readonly title: string;
    readonly zoomIn: string;
    readonly zoomOut: string;
    readonly fit: string;
    readonly waiting: string;
    readonly stale: string;
    readonly legend: string;
    readonly person: string;
    readonly unseen: string;
    readonly flagged: string;
    readonly furniture: string;
    readonly shelf: string;
    readonly line: string;
    readonly camera: string;
    readonly metres: (metres: number) => string;
    readonly square: (name: string) => string;
    readonly summary: (people: number) => string;
    readonly elsewhere: string;
  };
  readonly zone: Readonly<Record<ZoneKind, string>>;
  readonly place: {
    readonly shelf: (id: string) => string;
    readonly shelfLevel: (level: number) => string;
    readonly line: (id: string) => string;
    readonly unknown: string;
  };
  readonly level: Readonly<Record<Level, string>>;
  readonly kind: Readonly<Record<Kind, string>>;
  /** `item_taken` where it was on no shelf, and so need not be goods. */
  readonly thingTaken: string;
  readonly otherKind: string;
  readonly state: Readonly<Record<AlertState, string>>;
  readonly action: Readonly<Record<Action, string>>;
  readonly alerts: {
    readonly open: string;
    readonly ended: string;
    readonly nothingOpen: string;
    readonly nothingOpenHint: string;
    readonly nothingYet: string;
    readonly loading: string;
    readonly people: (count: number) => string;
    readonly goods: (count: number) => string;
    readonly times: (count: number) => string;
    /** About so many litres, as digits. */
    readonly litres: (litres: string) => string;
    readonly reasons: string;
    readonly answer: string;
    readonly answeredBy: (action: string, by: string, time: string) => string;
    readonly sending: (action: string) => string;
    readonly change: string;
    readonly lasted: (duration: string) => string;
    /** Heard or seen so many times, told once. */
    readonly again: (episodes: number) => string;
    readonly hushed: string;
    readonly unanswered: string;
    readonly filter: string;
    readonly all: string;
    /** That level, and worse where there is worse. */
    readonly andWorse: (level: string, isWorst: boolean) => string;
    readonly announce: (level: string, kind: string, place: string) => string;
  };
  /** A patch of depth before and after something came or went. */
  readonly picture: {
    readonly of: (what: string, place: string) => string;
    readonly enlarge: string;
    readonly before: string;
    readonly after: string;
    readonly scale: string;
    readonly gone: string;
    readonly offline: string;
    readonly close: string;
  };
  readonly shelves: {
    readonly restock: string;
    readonly restockHint: string;
    readonly percent: (percent: number) => string;
    readonly asOf: (time: string) => string;
    readonly nothingYet: string;
    readonly unwatched: string;
    readonly unwatchedLine: (names: readonly string[], more: number) => string;
    readonly drawn: string;
    readonly unseen: string;
    readonly partly: (percent: number) => string;
    readonly forInstaller: string;
  };
  readonly day: {
    readonly loading: string;
    readonly unreachable: string;
    readonly before: string;
    readonly after: string;
    readonly visitors: string;
    readonly mostInside: string;
    readonly nobody: string;
    readonly hour: string;
    readonly oclock: (hour: number) => string;
    readonly stood: string;
    /** What the strongest colour means. */
    readonly stoodHint: (longest: string) => string;
    readonly noAlerts: string;
    readonly answers: string;
    readonly unanswered: string;
    readonly greeted: string;
    readonly greetedOf: (spoken: number, reds: number, percent: number) => string;
    readonly howFast: string;
  };
  readonly box: {
    readonly sensors: string;
    readonly state: Readonly<Record<SensorState, string>>;
    readonly rate: (kind: "camera" | "microphone", perSecond: number) => string;
    readonly age: (duration: string) => string;
    readonly drops: (count: number) => string;
    readonly level: string;
    readonly dbfs: (dbfs: number) => string;
    readonly look: string;
    readonly hide: string;
    readonly sees: (camera: string) => string;
    readonly onlyDepth: string;
    readonly noPicture: string;
    readonly about: string;
    readonly disk: string;
    readonly diskFree: (free: string, total: string) => string;
    readonly uptime: string;
    readonly version: string;
    readonly system: string;
    readonly support: string;
    readonly supportHint: string;
    readonly download: string;
  };
  readonly settings: {
    readonly open: string;
    readonly title: string;
    readonly language: string;
    readonly theme: string;
    readonly themes: { readonly auto: string; readonly light: string; readonly dark: string };
    readonly phone: string;
    readonly name: string;
    readonly nameHint: string;
    readonly anonymous: string;
    readonly privacy: string;
  };
  readonly signIn: {
    readonly title: string;
    readonly first: string;
    readonly firstHint: string;
    readonly invited: string;
    readonly haveAccount: string;
    readonly haveCode: string;
    readonly code: string;
    readonly name: string;
    readonly password: string;
    readonly newPassword: string;
    readonly passwordHint: (least: number) => string;
    readonly enter: string;
    readonly begin: string;
    readonly wrong: string;
    readonly wrongCode: string;
    readonly weak: string;
    readonly wait: (duration: string) => string;
    readonly unreachable: string;
    readonly refused: string;
  };
  readonly account: {
    readonly title: string;
    readonly role: Readonly<Record<Role, string>>;
    readonly signOut: string;
    readonly changePassword: string;
    readonly oldPassword: string;
    readonly changed: string;
    readonly wrongOld: string;
  };
  readonly members: {
    readonly title: string;
    readonly role: string;
    readonly roleOf: (name: string) => string;
    readonly seen: (time: string) => string;
    readonly neverSeen: string;
    readonly invited: string;
    readonly off: string;
    readonly more: string;
    readonly switchOff: string;
    readonly switchOn: string;
    readonly inviteAgain: string;
    readonly remove: string;
    readonly invite: string;
    readonly codeFor: (name: string) => string;
    readonly codeHint: (time: string) => string;
    readonly lastOwner: string;
    readonly nameTaken: string;
    readonly failed: string;
  };
  readonly snooze: {
    readonly title: string;
    readonly hint: string;
    readonly everything: string;
    readonly until: (time: string, by: string) => string;
    readonly end: string;
    readonly what: string;
    readonly where: string;
    readonly anywhere: string;
    readonly howLong: string;
    readonly begin: string;
    readonly failed: string;
    /** On an alert: silence its kind for so long. */
    readonly quick: (duration: string) => string;
    readonly quickDone: string;
  };
  /** A sign for the door. */
  readonly sign: {
    readonly open: string;
    readonly back: string;
    readonly print: string;
    readonly title: string;
    readonly depth: string;
    readonly sound: string;
    readonly noSound: string;
    readonly nobody: string;
    readonly kept: string;
    readonly ask: (store: string) => string;
  };
  readonly notice: {
    readonly title: string;
    readonly ring: string;
    readonly ringFrom: Readonly<Record<RingFrom, string>>;
    readonly push: string;
    readonly pushState: Readonly<Record<PushState, string>>;
    readonly pushOn: string;
    readonly pushOff: string;
    readonly pushFailed: string;
    readonly channels: string;
    readonly kind: Readonly<Record<ChannelKind, string>>;
    readonly state: Readonly<Record<ChannelState, string>>;
    readonly afterStep: (step: number) => string;
    readonly test: string;
    readonly testing: string;
    readonly testOk: string;
    readonly testFailed: (fault: string) => string;
  };
  readonly ago: (ago: Ago) => string;
  readonly duration: (ms: number) => string;
}
