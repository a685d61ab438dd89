import { expect, test } from "vitest";
import { startFakeServer } from "../../../test/support/fake-server.ts";
import { recordedTerminal } from "../../../test/support/recorded-terminal.ts";
import { createClient } from "../client.ts";
import { type UpdateFlags, update } from "./update.ts";

type Script = Parameters<typeof startFakeServer>[0];
const listed = { digest: "aaaa", size: 1, modified_at: "2026-11-20T12:00:00Z" };
const models = [
  { ...listed, name: "old:latest", pulled: true },
  { ...listed, name: "new:1b", pulled: true },
  { ...listed, name: "mine:latest" },
];
const modelOf = (body: unknown) => (body as { model: string }).model;

async function run(names: string[], flags: UpdateFlags = {}, script: Script = {}) {
  await using server = await startFakeServer({
    "GET /api/tags": { json: { models } },
    "POST /api/outdated": ({ body }) => ({ json: { outdated: modelOf(body).startsWith("old") } }),
    "POST /api/pull": { lines: [{ status: "pulling manifest" }, { status: "success" }] },
    ...script,
  });
  const { terminal, written } = recordedTerminal();
  const error = await update({ client: createClient(server.host), terminal }, names, flags).catch(String);
  const pulled = server.asked.filter(({ path }) => path === "/api/pull").map(({ body }) => body);
  return { ...written, error, pulled };
}

test("without names: what was pulled, and only what is outdated", async () => {
  expect(await run([])).toEqual({
    out: "updated 'old:latest'\n'new:1b' is up to date\n",
    err: "pulling manifest\nsuccess\nLeft out: 1 model that Puna did not pull; name it to update it.\n",
    error: undefined,
    pulled: [{ model: "old:latest", insecure: false }],
  });
});

test("a look without a pull", async () => {
  expect(await run(["old", "new:1b"], { check: true })).toEqual({
    out: "'old' is outdated\n'new:1b' is up to date\n",
    err: "",
    error: undefined,
    pulled: [],
  });
});

test("one that fails is said, and the others are updated", async () => {
  const outdated: Script = {
    "POST /api/outdated": ({ body }) =>
      modelOf(body) === "gone" ? { status: 404, json: { error: "model 'gone:latest' not found" } } : { json: { outdated: true } },
  };
  const { out, err, error, pulled } = await run(["gone", "old"], { insecure: true }, outdated);
  expect({ out, error }).toEqual({ out: "updated 'old'\n", error: "Failed: 1 of 2 models could not be updated" });
  expect(err).toMatch(/^Error: gone: model 'gone:latest' not found\n/);
  expect(pulled).toEqual([{ model: "old", insecure: true }]);
});

test("an Ollama server cannot tell: what a pull changes is what was outdated", async () => {
  let pulls = 0;
  const script: Script = {
    "POST /api/outdated": { status: 404, json: { error: "404 page not found" } },
    "POST /api/pull": () => {
      pulls += 1;
      return { lines: [{ status: "success" }] };
    },
    "GET /api/tags": () => ({ json: { models: models.map((model) => ({ ...model, digest: pulls > 1 ? "bbbb" : "aaaa" })) } }),
  };
  expect((await run(["new:1b", "old"], {}, script)).out).toBe("'new:1b' is up to date\nupdated 'old'\n");
  expect((await run(["old"], { check: true }, script)).err).toBe(
    "Error: old: this server cannot look without pulling: leave --check out\n",
  );
  expect((await run(["absent"], {}, script)).err).toBe("Error: absent: model 'absent:latest' not found\n");
});

test("nothing that was pulled", async () => {
  const none: Script = { "GET /api/tags": { json: { models: models.slice(2) } } };
  expect((await run([], {}, none)).err).toBe("Left out: 1 model that Puna did not pull; name it to update it.\n");
});
