/** Keys in a database of their own: made, checked, expired, revoked. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Database } from "../store/db.ts";
import { ApiKeys } from "./keys.ts";
import { parseLifetime } from "./lifetime.ts";

let home: string;
let database: Database;
let now: number;
let keys: ApiKeys;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), "puna-keys-"));
  database = new Database(home);
  now = Date.parse("2026-11-20T12:00:00Z");
  keys = new ApiKeys(database, { now: () => now });
});
afterEach(() => {
  database.close();
  rmSync(home, { recursive: true, force: true });
});

test("a key says what it gives, and is nowhere kept", () => {
  const { key, token } = keys.create({ name: " laptop ", scopes: ["Inference", "registry"], models: ["Qwen3", "me/*"] });
  expect(token).toMatch(/^puna_[0-9a-f]{8}_[0-9a-f]{48}$/);
  expect(keys.check(token)).toMatchObject({
    id: token.slice(5, 13),
    name: "laptop",
    scopes: ["inference", "registry"],
    models: ["qwen3:latest", "me/*"],
  });
  expect(key.expiresAt).toBeUndefined();
  database.close();
  expect(readFileSync(path.join(home, "puna.db")).includes(token.slice(14))).toBe(false);
});

test("what is no key of this server is unknown", () => {
  expect(keys.check("puna_00000000_".padEnd(62, "0"))).toBe("unknown");
  const { token } = keys.create({ name: "a" });
  const other = token.endsWith("0") ? `${token.slice(0, -1)}1` : `${token.slice(0, -1)}0`;
  for (const wrong of [other, token.toUpperCase(), `${token}0`, token.slice(0, -1), "", "ollama", `${token}\n`, "puna_"])
    expect(keys.check(wrong)).toBe("unknown");
});

test("a key ends at its time", () => {
  const { token } = keys.create({ name: "a", expiresInMs: parseLifetime("90d") });
  now += parseLifetime("90d") - 1;
  expect(keys.check(token)).toMatchObject({ name: "a" });
  now += 1;
  expect(keys.check(token)).toBe("expired");
});

test("a revoked key is void at once, for other processes too, and leaves its name free", () => {
  const second = new Database(home);
  const elsewhere = new ApiKeys(second, { now: () => now });
  const { token, key } = keys.create({ name: "Laptop" });
  expect(elsewhere.check(token)).toMatchObject({ name: "Laptop" });
  expect(() => keys.create({ name: "laptop" })).toThrow(/there is a key "laptop" already/);
  keys.revoke("LAPTOP");
  expect(elsewhere.check(token)).toBe("revoked");
  expect(() => keys.revoke("laptop")).toThrow(/there is no key "laptop"/);
  const again = keys.create({ name: "laptop" });
  keys.revoke(again.key.id);
  expect(keys.check(again.token)).toBe("revoked");
  expect(keys.list().map(({ name, revokedAt }) => [name, revokedAt])).toEqual([
    [key.name, now],
    ["laptop", now],
  ]);
  second.close();
});

test("the last use is kept to the minute", () => {
  const { token } = keys.create({ name: "a" });
  const lastUse = () => keys.list()[0]?.lastUsedAt;
  expect(lastUse()).toBeUndefined();
  keys.check(token);
  const first = now;
  now += 59_000;
  keys.check(token);
  expect(lastUse()).toBe(first);
  now += 1000;
  keys.check(token);
  expect(lastUse()).toBe(now);
});

test("a key is good while another process writes; its use is then not noted", () => {
  const { token } = keys.create({ name: "a" });
  const second = new Database(home);
  second.transaction(() => {
    expect(keys.check(token)).toMatchObject({ name: "a" });
    expect(keys.check(token)).toMatchObject({ name: "a" });
  });
  second.close();
  expect(keys.list()[0]?.lastUsedAt).toBeUndefined();
});

test.each([
  [{ name: "" }, "a key needs a name"],
  [{ name: "a\nb" }, "a key needs a name"],
  [{ name: "x".repeat(81) }, "a key needs a name"],
  [{ name: "a", scopes: [] }, "at least one scope"],
  [{ name: "a", scopes: ["root"] }, 'unknown scope "root" (must be inference, models, knowledge, registry or admin)'],
  [{ name: "a", models: ["../x"] }, '"../x" is no model name'],
  [{ name: "a", models: ["a b"] }, '"a b" is no model name'],
  [{ name: "a", models: ["m"], scopes: ["models"] }, "cannot manage models"],
  [{ name: "a", models: ["m"], scopes: ["admin"] }, "cannot manage models"],
  [{ name: "a", expiresInMs: 0 }, "must expire in the future"],
  [{ name: "a", expiresInMs: Number.NaN }, "must expire in the future"],
  [{ name: "a", expiresInMs: 1e300 }, "cannot last that long"],
])("%j is refused", (wanted, message) => {
  expect(() => keys.create(wanted)).toThrow(message);
  expect(keys.list()).toEqual([]);
});

test("of several keys of one registry client the one that counts is taken", () => {
  const client = "ab".repeat(32);
  keys.create({ name: "good", scopes: ["registry"], client });
  keys.create({ name: "short", scopes: ["registry"], client, expiresInMs: 1 });
  keys.create({ name: "gone", client });
  keys.revoke("gone");
  now += 1;
  expect(keys.ofClient(client)).toMatchObject({ name: "good", scopes: ["registry"] });
  keys.revoke("good");
  expect(keys.ofClient(client)).toBeTypeOf("string");
  expect(keys.ofClient("cd".repeat(32))).toBe("unknown");
});

test("nothing is written for a server without keys", () => {
  expect([keys.list(), keys.check("puna_00000000_".padEnd(62, "0")), keys.ofClient("x")]).toEqual([[], "unknown", "unknown"]);
  expect(() => keys.revoke("a")).toThrow(/no key "a"/);
  expect(database.exists()).toBe(false);
});

test("lengths of time", () => {
  expect(["1d", "2w", "1y", "12h", "1h30m", " 3d "].map(parseLifetime)).toEqual([
    86_400_000, 1_209_600_000, 31_536_000_000, 43_200_000, 5_400_000, 259_200_000,
  ]);
  for (const wrong of ["", "d", "1 day", "1.5d", "soon", "9999999999d"])
    expect(() => parseLifetime(wrong)).toThrow(/is no length of time \(examples: 90d, 4w, 1y, 12h\)/);
});
