/** The box as a machine: its version, its disk, how long it runs. */

import { versioned } from "./json";

export interface About {
  readonly version: string;
  readonly system: string;
  readonly uptimeS: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Raises WireError when the answer is not that of `GET /api/box`. */
export function readAbout(value: unknown): About {
  const fields = versioned("box", value);
  const disk = fields.object("disk");
  return {
    version: fields.text("version", 100),
    system: fields.text("system", 200),
    uptimeS: fields.integer("uptime_s"),
    freeBytes: disk.integer("free"),
    totalBytes: disk.integer("total"),
  };
}
