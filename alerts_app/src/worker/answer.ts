/**
 * An answer that is given on the notification itself.
 *
 * It is in the phone's database before anything else is tried, where the page's outbox finds it; then it is sent, and
 * forgotten only when the box says that it has it.
 */

import { changer, type Change, Refusal } from "../app/api";
import { type Database, openDatabase } from "../app/database";
import { randomId } from "../app/outbox";
import { fetchJson, type FetchJson } from "../app/sync";
import type { Ack, Action } from "../app/wire/alert";
import { Fields } from "../app/wire/json";

const NOBODY = "box";
/** The box has heard it, whatever it thinks of it: sending it again would change nothing. */
const FINAL: ReadonlySet<number> = new Set([400, 403, 404, 409]);

interface Asking {
  readonly csrf: string | null;
  readonly name: string | null;
}

export class Answers {
  constructor(
    private readonly open: () => Promise<Database> = openDatabase,
    private readonly getJson: FetchJson = fetchJson,
    private readonly changeWith: (csrf: string | null) => Change = (csrf) => changer(() => csrf),
    private readonly now: () => number = Date.now,
  ) {}

  /** Keep an answer and send it; true when the box has it. */
  async give(alertId: string, action: Action, by: string): Promise<boolean> {
    const database = await this.open();
    const ack: Ack = { ackId: randomId(), alertId, action, by: by === "" ? NOBODY : by, atMs: this.now() };
    await database.putAck(ack);
    return await this.#send(database, [ack]);
  }

  /** Send what waits, as far as it is of the one who is signed in. */
  async flush(): Promise<boolean> {
    const database = await this.open();
    return await this.#send(database, await database.acks());
  }

  /** Change something at the box in the name of who is signed in. */
  async change(path: string, body: unknown): Promise<void> {
    const asking = readAsking(await this.getJson("/api/session"));
    await this.changeWith(asking.csrf)("POST", path, body);
  }

  async #send(database: Database, acks: readonly Ack[]): Promise<boolean> {
    let isAllSent = true;
    try {
      const asking = readAsking(await this.getJson("/api/session"));
      const change = this.changeWith(asking.csrf);
      for (const ack of acks) {
        if (asking.name !== null && ack.by !== asking.name && ack.by !== NOBODY) {
          isAllSent = false;
          continue;
        }
        await change("POST", "/api/acks", { ack_id: ack.ackId, alert_id: ack.alertId, action: ack.action, at_ms: ack.atMs }).catch(
          (error: unknown) => {
            if (!(error instanceof Refusal) || !FINAL.has(error.status) || error.code === "csrf") throw error;
          },
        );
        await database.deleteAck(ack.ackId);
      }
    } catch {
      // Out of reach, or signed out: it waits in the database.
      return false;
    }
    return isAllSent;
  }
}

function readAsking(told: unknown): Asking {
  const fields = new Fields("session", told);
  return {
    csrf: fields.nullable("csrf", (key) => fields.text(key, 200)),
    name: fields.nullable("user", (key) => fields.object(key).text("name", 64)),
  };
}
