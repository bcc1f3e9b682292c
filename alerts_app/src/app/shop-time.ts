/** Wall-clock times as the shop has them, wherever the phone is. */

const DAY_MS = 86_400_000;

/** Midnight of the shop's day that holds `tMs`, UTC milliseconds. */
export function startOfDay(tMs: number, timezone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hourCycle: "h23",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(tMs);
  const part = (type: string): number => Number(parts.find((item) => item.type === type)?.value ?? 0);
  const intoDayMs = ((part("hour") * 60 + part("minute")) * 60 + part("second")) * 1000 + (tMs % 1000);
  return tMs - Math.min(intoDayMs, DAY_MS);
}

export type Ago =
  | { readonly unit: "now" }
  | { readonly unit: "second" | "minute" | "hour" | "day"; readonly count: number };

/** How long ago, in the one unit that a person would say. */
export function ago(fromMs: number, nowMs: number): Ago {
  const seconds = Math.max(0, Math.floor((nowMs - fromMs) / 1000));
  if (seconds < 5) return { unit: "now" };
  if (seconds < 60) return { unit: "second", count: seconds };
  if (seconds < 3_600) return { unit: "minute", count: Math.floor(seconds / 60) };
  if (seconds < 86_400) return { unit: "hour", count: Math.floor(seconds / 3_600) };
  return { unit: "day", count: Math.floor(seconds / 86_400) };
}
