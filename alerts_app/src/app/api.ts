/** Asking the box over HTTP: every change carries the proof that this page asks, and a refusal has a code. */

import { Fields } from "./wire/json";

const CSRF_HEADER = "x-miseban-csrf";

/** The box answered, and said no. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** To be tried again after so many seconds, where the box says so. */
    readonly retryAfterS: number | null,
  ) {
    super(`refused: ${code}`);
    this.name = "Refusal";
  }
}

export type Method = "POST" | "PATCH" | "DELETE";

/** Change something at the box; rejects with a Refusal, or with the fetch's own error when it is out of reach. */
export type Change = (method: Method, path: string, body?: unknown) => Promise<unknown>;

export function changer(csrf: () => string | null, send: typeof fetch = fetch): Change {
  return async (method, path, body) => {
    const response = await send(path, {
      method,
      headers: { accept: "application/json", "content-type": "application/json", [CSRF_HEADER]: csrf() ?? "" },
      body: body === undefined ? null : JSON.stringify(body),
      cache: "no-store",
    });
    const told: unknown = await response.json().catch(() => null);
    if (response.ok) return told;
    const retry = Number(response.headers.get("retry-after") ?? Number.NaN);
    throw new Refusal(response.status, codeOf(told), Number.isFinite(retry) ? retry : null);
  };
}

function codeOf(told: unknown): string {
  try {
    return new Fields("refusal", told).text("code", 64);
  } catch {
    return "unknown";
  }
}
