/** The box itself: whether it lives, how its sensors do, and the shop that the installer drew. */

import { Fields, versioned } from "./json";

const SENSOR_STATES = ["starting", "ok", "stalled", "lost"] as const;
export type SensorState = (typeof SENSOR_STATES)[number];

export const ZONE_KINDS = ["entrance", "exit", "checkout", "aisle", "staff_only"] as const;
export type ZoneKind = (typeof ZONE_KINDS)[number];

export interface Status {
  readonly online: boolean;
  readonly tMs: number;
}

export interface SensorHealth {
  readonly id: string;
  readonly kind: "camera" | "microphone";
  readonly state: SensorState;
  readonly fps: number;
  readonly model: string;
  /** Since the newest frame or sound was taken; null before the first. */
  readonly frameAgeMs: number | null;
  readonly drops: number;
  /** Why it does not work, in the box's own English; null while it does. */
  readonly fault: string | null;
  /** How loud it is at a microphone. */
  readonly levelDbfs: number | null;
}

/** A shelf, or a zone that is watched for objects; one of `shelf` and `zone` is set. */
export interface Watched {
  readonly shelf: string | null;
  readonly zone: string | null;
  /** Share that can be seen, 0 to 1; null before any camera has looked. */
  readonly seen: number | null;
  /** Why it is not watched, in the box's own English; null while it is. */
  readonly fault: string | null;
}

export interface Health {
  readonly tMs: number;
  readonly sensors: readonly SensorHealth[];
  readonly watched: readonly Watched[];
}

export interface Point {
  readonly xM: number;
  readonly yM: number;
}

export interface Zone {
  readonly id: string;
  readonly kind: ZoneKind;
  readonly polygon: readonly Point[];
}

export interface Shelf {
  readonly id: string;
  readonly min: Point;
  readonly max: Point;
  readonly facing: Point;
}

export interface CountingLine {
  readonly id: string;
  readonly from: Point;
  readonly to: Point;
  readonly inDirection: Point;
}

export interface CameraMark {
  readonly id: string;
  readonly at: Point;
  /** Heading on the floor: 0 looks along +y, counter-clockwise. */
  readonly yawDeg: number;
}

export interface Bounds {
  readonly x0M: number;
  readonly y0M: number;
  readonly x1M: number;
  readonly y1M: number;
}

/** What the installer drew, and where to listen. */
export interface Store {
  readonly name: string;
  readonly timezone: string;
  /** Prefix of every topic, without a slash at the end. */
  readonly topic: string;
  readonly open: boolean;
  readonly bounds: Bounds | null;
  readonly zones: readonly Zone[];
  readonly shelves: readonly Shelf[];
  readonly lines: readonly CountingLine[];
  readonly cameras: readonly CameraMark[];
}

/** Raises WireError when the payload is not of topic `status`. */
export function readStatus(value: unknown): Status {
  const fields = versioned("status", value);
  return { online: fields.oneOf("state", ["online", "offline"] as const) === "online", tMs: fields.time("t_ms") };
}

/** The box's time in a payload of topic `heartbeat`; raises WireError. */
export function readHeartbeat(value: unknown): number {
  return versioned("heartbeat", value).time("t_ms");
}

function readSensor(value: unknown, where: string): SensorHealth {
  const fields = new Fields(where, value);
  return {
    id: fields.text("id", 64),
    kind: fields.oneOf("kind", ["camera", "microphone"] as const),
    state: fields.oneOf("state", SENSOR_STATES),
    fps: fields.number("fps", 0, 1000),
    model: fields.text("model", 100),
    frameAgeMs: fields.nullable("frame_age_ms", (key) => fields.integer(key)),
    drops: fields.integer("drops"),
    fault: fields.nullable("fault", (key) => fields.text(key)),
    levelDbfs: fields.nullable("level_dbfs", (key) => fields.number(key, -200, 100)),
  };
}

function readWatched(value: unknown, where: string): Watched {
  const fields = new Fields(where, value);
  return {
    shelf: fields.nullable("shelf", (key) => fields.text(key, 64)),
    zone: fields.nullable("zone", (key) => fields.text(key, 64)),
    seen: fields.nullable("seen", (key) => fields.number(key, 0, 1)),
    fault: fields.nullable("fault", (key) => fields.text(key)),
  };
}

/** Raises WireError when the payload is not of topic `health`. */
export function readHealth(value: unknown): Health {
  const fields = versioned("health", value);
  return {
    tMs: fields.time("t_ms"),
    sensors: fields.array("sensors", 64, readSensor),
    watched: fields.array("watched", 512, readWatched),
  };
}

function floorPoint(fields: Fields, key: string, count = 2): Point {
  const [xM = 0, yM = 0] = fields.numbers(key, count, -1000, 1000);
  return { xM, yM };
}

function readCorner(value: unknown, where: string): Point {
  return floorPoint(new Fields(where, { corner: value }), "corner");
}

function readZone(value: unknown, where: string): Zone {
  const fields = new Fields(where, value);
  return {
    id: fields.text("id", 64),
    kind: fields.oneOf("kind", ZONE_KINDS),
    polygon: fields.array("polygon", 64, readCorner),
  };
}

function readShelf(value: unknown, where: string): Shelf {
  const fields = new Fields(where, value);
  return {
    id: fields.text("id", 64),
    min: floorPoint(fields, "min", 3),
    max: floorPoint(fields, "max", 3),
    facing: floorPoint(fields, "facing"),
  };
}

function readLine(value: unknown, where: string): CountingLine {
  const fields = new Fields(where, value);
  return {
    id: fields.text("id", 64),
    from: floorPoint(fields, "from"),
    to: floorPoint(fields, "to"),
    inDirection: floorPoint(fields, "in_direction"),
  };
}

function readCamera(value: unknown, where: string): CameraMark {
  const fields = new Fields(where, value);
  return {
    id: fields.text("id", 64),
    at: { xM: fields.number("x", -1000, 1000), yM: fields.number("y", -1000, 1000) },
    yawDeg: fields.number("yaw_deg", -360, 360),
  };
}

function readBounds(fields: Fields): Bounds {
  const [x0M = 0, y0M = 0, x1M = 0, y1M = 0] = fields.numbers("bounds", 4, -1000, 1000);
  return { x0M, y0M, x1M, y1M };
}

/** Raises WireError when the answer is not that of `GET /api/store`. */
export function readStore(value: unknown): Store {
  const fields = versioned("store", value);
  return {
    name: fields.text("name", 100),
    timezone: fields.text("timezone", 100),
    topic: fields.text("topic", 128),
    open: fields.boolean("open"),
    bounds: fields.nullable("bounds", () => readBounds(fields)),
    zones: fields.array("zones", 256, readZone),
    shelves: fields.array("shelves", 256, readShelf),
    lines: fields.array("lines", 64, readLine),
    cameras: fields.array("cameras", 64, readCamera),
  };
}
