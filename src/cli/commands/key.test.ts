import { writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { startFakeServer } from "../../../test/support/fake-server.ts";
import { recordedTerminal } from "../../../test/support/recorded-terminal.ts";
import { createClient } from "../client.ts";
import { key } from "./key.ts";

const laptop = {
  id: "1a2b3c4d",
  name: "laptop",
  scopes: ["inference"],
  models: ["qwen3:latest", "me/*"],
  state: "active",
  created_at: "2026-11-20T12:00:00Z",
  expires_at: "2027-02-18T12:00:00Z",
  last_used_at: null,
};

async function setUp(script: Parameters<typeof startFakeServer>[0]) {
  const server = await startFakeServer(script);
  const { terminal, written } = recordedTerminal();
  const context = { client: createClient(server.host), terminal, now: () => new Date("2026-11-20T12:00:00Z") };
  return { server, context, written, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("create prints the key alone on standard output", async () => {
  await using at = await setUp({ "POST /puna/keys": { status: 201, json: { ...laptop, key: "puna_x_y" } } });
  await key(at.context, "create", "laptop", { scope: "inference", model: "qwen3, me/*", expires: "90d" });
  expect(at.server.asked.at(-1)?.body).toEqual({
    name: "laptop",
    scopes: ["inference"],
    models: ["qwen3", "me/*"],
    expires_in: "90d",
  });
  expect(at.written.out).toBe("puna_x_y\n");
  expect(at.written.err).toBe(
    "Key 'laptop' for inference of qwen3:latest, me/*, until 3 months from now.\nKeep it now: it is not shown again.\n",
  );
});

test("create takes a public key from its file", async () => {
  const file = path.join(os.tmpdir(), `puna-key-${process.pid}.pub`);
  writeFileSync(file, "ssh-ed25519 AAAA me@there\n");
  await using at = await setUp({ "POST /puna/keys": { json: { ...laptop, expires_at: null, models: null, key: "k" } } });
  await key(at.context, "create", "laptop", { client: file });
  expect(at.server.asked.at(-1)?.body).toEqual({ name: "laptop", client_public_key: "ssh-ed25519 AAAA me@there" });
  expect(at.written.err).toContain("Key 'laptop' for inference, without end.");
  await expect(key(at.context, "create", "laptop", { client: "/nowhere/x.pub" })).rejects.toThrow("cannot read the public key");
});

test("list leaves revoked keys out unless asked", async () => {
  const keys = [
    laptop,
    { ...laptop, id: "5e6f7a8b", name: "old", models: null, state: "revoked", last_used_at: laptop.created_at },
  ];
  await using at = await setUp({ "GET /puna/keys": { json: { keys } } });
  await key(at.context, "list", undefined, {});
  expect(at.written.out).toBe(
    [
      "NAME      ID          SCOPES       MODELS               EXPIRES              USED  ",
      "laptop    1a2b3c4d    inference    qwen3:latest,me/*    3 months from now    never    ",
      "",
    ].join("\n"),
  );
  at.written.out = "";
  await key(at.context, "list", undefined, { all: true });
  expect(at.written.out).toContain("old       5e6f7a8b    inference    all                  revoked");
  at.written.out = "";
  await key(at.context, "list", undefined, { json: true });
  expect(JSON.parse(at.written.out)).toEqual([laptop]);
});

test("revoke, and what is no action", async () => {
  await using at = await setUp({ "DELETE /puna/keys/my%20key": { json: { ...laptop, name: "my key" } } });
  await key(at.context, "revoke", "my key", {});
  expect(at.written.out).toBe("revoked 'my key'\n");
  await expect(key(at.context, "revoke", undefined, {})).rejects.toThrow("which key? puna key revoke NAME");
  await expect(key(at.context, "make", "x", {})).rejects.toThrow('unknown action "make" (must be create, list or revoke)');
});
