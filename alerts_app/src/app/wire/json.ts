/**
 * Reading JSON that came from elsewhere: every value is checked before it gets a type.
 *
 * Keys that a reader does not know are ignored, so that an older app keeps working beside a newer box.
 */

/** A payload that is not what the wire promises; says where and what. */
export class WireError extends Error {
  constructor(where: string, what: string) {
    super(`${where}: ${what}`);
    this.name = "WireError";
  }
}

const MAX_TEXT = 500;

/** One JSON object under its name, with checked access to its fields. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(
    readonly where: string,
    value: unknown,
  ) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new WireError(where, "is not an object");
    }
    this.#values = value as Record<string, unknown>;
  }

  #at(key: string): string {
    return `${this.where}.${key}`;
  }

  number(key: string, low = -1e9, high = 1e9): number {
    return checkNumber(this.#at(key), this.#values[key], low, high);
  }

  integer(key: string, low = 0, high = Number.MAX_SAFE_INTEGER): number {
    const value = this.number(key, low, high);
    if (!Number.isSafeInteger(value)) throw new WireError(this.#at(key), `${String(value)} is not an integer`);
    return value;
  }

  /** UTC milliseconds. */
  time(key: string): number {
    return this.integer(key);
  }

  boolean(key: string): boolean {
    const value = this.#values[key];
    if (typeof value !== "boolean") throw new WireError(this.#at(key), "is not true or false");
    return value;
  }

  text(key: string, maxLength = MAX_TEXT): string {
    const value = this.#values[key];
    if (typeof value !== "string") throw new WireError(this.#at(key), "is not text");
    if (value.length > maxLength) throw new WireError(this.#at(key), `is longer than ${String(maxLength)} characters`);
    return value;
  }

  /** Letters, digits, "-" and "_": safe as a part of an address. */
  name(key: string): string {
    const value = this.text(key, 64);
    if (!/^[A-Za-z0-9_-]+$/.test(value)) throw new WireError(this.#at(key), "is not a name");
    return value;
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.text(key);
    const found = allowed.find((item) => item === value);
    if (found === undefined) throw new WireError(this.#at(key), `"${value}" is none of ${allowed.join(", ")}`);
    return found;
  }

  /** `read` when the field is there, `null` when it is null. */
  nullable<T>(key: string, read: (key: string) => T): T | null {
    return this.#values[key] === null ? null : read(key);
  }

  /** `read` when the field is there; an older box does not send it, and `missing` is what it meant. */
  optional<T>(key: string, missing: T, read: (key: string) => T): T {
    return this.#values[key] === undefined ? missing : read(key);
  }

  object(key: string): Fields {
    return new Fields(this.#at(key), this.#values[key]);
  }

  array<T>(key: string, maxItems: number, read: (item: unknown, where: string) => T): T[] {
    const value = this.#values[key];
    if (!Array.isArray(value)) throw new WireError(this.#at(key), "is not a list");
    if (value.length > maxItems) throw new WireError(this.#at(key), `has more than ${String(maxItems)} items`);
    return value.map((item: unknown, index) => read(item, `${this.#at(key)}[${String(index)}]`));
  }

  /** A fixed number of numbers. */
  numbers(key: string, count: number, low = -1e9, high = 1e9): number[] {
    const values = this.array(key, count, (item, where) => checkNumber(where, item, low, high));
    if (values.length !== count) throw new WireError(this.#at(key), `needs ${String(count)} numbers`);
    return values;
  }
}

function checkNumber(where: string, value: unknown, low: number, high: number): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new WireError(where, "is not a number");
  if (value < low || value > high) {
    throw new WireError(where, `${String(value)} is not within ${String(low)} .. ${String(high)}`);
  }
  return value;
}

/** The object of a payload of wire version 1. */
export function versioned(where: string, value: unknown): Fields {
  const fields = new Fields(where, value);
  const version = fields.integer("v");
  if (version !== 1) throw new WireError(where, `version ${String(version)} is not known here`);
  return fields;
}

/** Parse the bytes or the text of a payload. */
export function parseJson(where: string, payload: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof payload === "string" ? payload : new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    throw new WireError(where, "is not JSON");
  }
}
