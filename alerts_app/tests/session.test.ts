/** Who uses this phone, as far as the box and the last visit tell. */

import { describe, expect, it } from "vitest";
import { Session } from "../src/app/session";

const IN = { v: 1, state: "signed_in", sign_in: true, user: { name: "佐藤", role: "staff" }, rights: ["read", "answer", "a new one"], csrf: "token" };
const OUT = { v: 1, state: "signed_out", sign_in: true, user: null, rights: [], csrf: "strangers" };

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage;
}

function answering(status: number, body: unknown, headers: Record<string, string> = {}): typeof fetch {
  return () => Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
}

describe("a session", () => {
  it("holds over a visit without a network, with its rights", async () => {
    const kept = storage();
    const before = new Session(kept, () => Promise.resolve(IN));
    await before.ask();
    const after = new Session(kept, () => Promise.reject(new Error("offline")));
    await after.ask();
    expect(after.name.value).toBe("佐藤");
    expect([after.may("answer"), after.may("users")]).toEqual([true, false]);
  });
  it("is forgotten as soon as the box says so", async () => {
    const kept = storage();
    let told: unknown = IN;
    const session = new Session(kept, () => Promise.resolve(told));
    await session.ask();
    told = OUT;
    await session.ask();
    expect(session.standing.value.is).toBe("signed_out");
    expect(new Session(kept).standing.value.is).toBe("asking");
  });
  it("with a damaged memory asks the box", () => {
    const kept = storage();
    kept.setItem("miseban.session", '{"user": 7}');
    expect(new Session(kept).standing.value.is).toBe("asking");
  });
  it("sends the page's proof with every change", async () => {
    const sent: RequestInit[] = [];
    const send = ((_: string, init: RequestInit) => {
      sent.push(init);
      return Promise.resolve(new Response(JSON.stringify(IN)));
    }) as typeof fetch;
    const session = new Session(null, () => Promise.resolve(OUT), send);
    expect(await session.signIn("佐藤", "secret")).toBeNull();
    await session.change("DELETE", "/api/snoozes/1");
    const proofs = sent.map((init) => new Headers(init.headers).get("x-miseban-csrf"));
    expect(proofs).toEqual(["strangers", "token"]);
  });
  it.each([
    [401, "wrong", {}, { is: "wrong" }],
    [400, "weak_password", {}, { is: "weak" }],
    [429, "too_many", { "retry-after": "30" }, { is: "wait", seconds: 30 }],
    [409, "sign_in_off", {}, { is: "refused" }],
  ] as const)("tells why it did not work: %d %s", async (status, code, headers, failure) => {
    const session = new Session(null, () => Promise.resolve(OUT), answering(status, { v: 1, error: "…", code }, headers));
    expect(await session.signIn("佐藤", "secret")).toEqual(failure);
  });
  it("out of reach says so", async () => {
    const session = new Session(null, () => Promise.resolve(OUT), () => Promise.reject(new TypeError("offline")));
    expect(await session.signIn("佐藤", "secret")).toEqual({ is: "unreachable" });
  });
});
