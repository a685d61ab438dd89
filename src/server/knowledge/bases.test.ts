import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { localProof } from "../../accounts/local-proof.ts";
import { configureLog } from "../../log.ts";
import { baseShape } from "./bases.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("m");
});
afterAll(() => server.close());

const root = "/puna/knowledge";
const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.app.request(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
const said = async (response: Response) => [response.status, (await object(response)).error];

describe("bases", () => {
  test("are made, listed, changed and removed", async () => {
    const made = await send("POST", root, { name: " My notes ", mode: "chat", threshold: 40, unknown: 1 });
    expect(made.status).toBe(201);
    const base = baseShape.strict().parse(await object(made));
    expect(base).toMatchObject({ name: "My notes", model_name: "kb/My notes", mode: "chat", threshold: 40, documents: 0 });

    const { bases } = await object(await send("GET", root));
    expect(bases.map(({ name }: { name: string }) => name)).toContain("My notes");

    const changed = await send("PATCH", `${root}/my%20notes`, { name: "笔记", mode: null, refusal: "No idea.", model: "m" });
    expect(await object(changed)).toMatchObject({ name: "笔记", mode: "query", threshold: 40, refusal: "No idea.", model: "m" });
    expect((await send("GET", `${root}/My%20notes`)).status).toBe(404);
    expect(await object(await send("GET", `${root}/${encodeURIComponent("笔记")}`))).toMatchObject({ id: base.id });

    const removed = await send("DELETE", `${root}/${encodeURIComponent("笔记")}`);
    expect([removed.status, await removed.text()]).toEqual([204, ""]);
    expect((await send("DELETE", `${root}/${encodeURIComponent("笔记")}`)).status).toBe(404);
  });

  test("names in use, in any case, and names that cannot be", async () => {
    await send("POST", root, { name: "twice" });
    expect(await said(await send("POST", root, { name: "Twice" }))).toEqual([
      409,
      'there is a knowledge base "Twice" already: choose another name',
    ]);
    await send("POST", root, { name: "other" });
    expect((await send("PATCH", `${root}/other`, { name: "twice" })).status).toBe(409);
    for (const name of ["", "a/b", "../../x", "a\0b", "x".repeat(65), "-x", "a\nb"])
      expect((await send("POST", root, { name })).status).toBe(400);
    expect(await said(await send("POST", root, {}))).toEqual([400, expect.stringContaining("needs a name")]);
  });

  test("settings that cannot be are refused, and nothing is changed", async () => {
    await send("POST", root, { name: "kept" });
    const bad = [
      { mode: "loud" },
      { threshold: 101 },
      { threshold: "high" },
      { passage_tokens: 1 },
      { passage_tokens: 400, most_passage_tokens: 300 },
      { model: "nobody" },
      { embedder: "nobody" },
      { embedder: "m" },
      { name: "fine", embedder: "nobody" },
    ];
    for (const change of bad) {
      const response = await send("PATCH", `${root}/kept`, change);
      expect([400, 404], JSON.stringify(change)).toContain(response.status);
    }
    expect(await object(await send("GET", `${root}/kept`))).toMatchObject({ mode: "query", threshold: null, embedder: null });
  });

  test("what is not there, and methods that are not", async () => {
    expect(await said(await send("GET", `${root}/nowhere`))).toEqual([
      404,
      "there is no knowledge base \"nowhere\" (see 'puna kb list')",
    ]);
    const wrong = await send("PUT", `${root}/kept`, {});
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, PATCH, DELETE"]);
    expect((await send("GET", `${root}/kept/nothing`)).status).toBe(404);
    expect((await send("GET", `${root}/`)).status).toBe(301);
    const page = await send("GET", root, undefined, { origin: "http://localhost:5173" });
    expect(page.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
    expect((await send("GET", root, undefined, { origin: "https://elsewhere.example" })).status).toBe(403);
  });
});

describe("keys", () => {
  const keyFor = (name: string, scopes: string[], models?: string[]) => ({
    authorization: `Bearer ${server.keys.create({ name, scopes, ...(models && { models }) }).token}`,
  });

  test("one for asking reads and searches, and manages nothing", async () => {
    await send("POST", root, { name: "shared" });
    const asking = keyFor("asking", ["inference"]);
    for (const path of [root, `${root}/shared`, `${root}/shared/documents`])
      expect((await send("GET", path, undefined, asking)).status).toBe(200);
    expect((await send("POST", `${root}/shared/search`, { query: "x" }, asking)).status).toBe(200);
    const refused: [string, string][] = [
      ["POST", root],
      ["PATCH", `${root}/shared`],
      ["DELETE", `${root}/shared`],
      ["POST", `${root}/shared/documents`],
      ["DELETE", `${root}/shared/documents/1`],
      ["GET", `${root}/shared/jobs`],
      ["GET", `${root}/shared/indexes`],
      ["POST", `${root}/shared/reset`],
    ];
    for (const [method, path] of refused) {
      const response = await send(method, path, method === "GET" ? undefined : {}, asking);
      expect([method, path, response.status]).toEqual([method, path, 403]);
      expect((await object(response)).error).toContain("lacks the scope 'knowledge'");
    }
  });

  test("one for managing bases does, and neither makes keys nor asks models", async () => {
    const managing = keyFor("managing", ["knowledge"]);
    expect((await send("POST", root, { name: "managed" }, managing)).status).toBe(201);
    expect((await send("GET", `${root}/managed/jobs`, undefined, managing)).status).toBe(200);
    expect((await send("POST", `${root}/managed/search`, { query: "x" }, managing)).status).toBe(200);
    expect((await send("GET", "/puna/keys", undefined, managing)).status).toBe(403);
    expect((await send("POST", "/api/chat", { model: "m" }, managing)).status).toBe(403);
  });

  test("one with a list reaches the bases in it", async () => {
    await send("POST", root, { name: "公开" });
    await send("POST", root, { name: "secret" });
    const narrow = keyFor("narrow", ["inference", "knowledge"], ["kb/公开", "kb/open*"]);
    const { bases } = await object(await send("GET", root, undefined, narrow));
    expect(bases.map(({ name }: { name: string }) => name)).toEqual(["公开"]);
    expect((await send("GET", `${root}/${encodeURIComponent("公开")}`, undefined, narrow)).status).toBe(200);
    for (const path of ["secret", "secret/documents", "secret/jobs", "secret/indexes"])
      expect((await send("GET", `${root}/${path}`, undefined, narrow)).status).toBe(403);
    expect((await send("POST", `${root}/secret/search`, { query: "x" }, narrow)).status).toBe(403);
    expect((await send("DELETE", `${root}/secret`, undefined, narrow)).status).toBe(403);
    expect((await send("POST", root, { name: "another" }, narrow)).status).toBe(403);
    expect((await send("POST", root, { name: "opened" }, narrow)).status).toBe(201);
    expect((await send("PATCH", `${root}/opened`, { name: "another" }, narrow)).status).toBe(403);
    // A base must not lead to a model that its key may not use.
    expect((await send("PATCH", `${root}/opened`, { model: "m" }, narrow)).status).toBe(403);
  });

  test("paths of the machine are for its user and for administrators", async () => {
    await send("POST", root, { name: "paths" });
    const path = `${root}/paths/documents`;
    const body = { items: [{ path: "/etc/hostname" }] };
    expect(await said(await send("POST", path, body))).toEqual([403, expect.stringContaining("scope 'admin'")]);
    expect((await send("POST", path, body, keyFor("manages", ["knowledge"]))).status).toBe(403);
    expect((await send("POST", path, body, keyFor("admin", ["admin"]))).status).toBe(202);
    const secret = server.localSecret;
    const proof = { authorization: localProof(secret, { method: "POST", path }) };
    expect((await send("POST", path, body, proof)).status).toBe(202);
    expect((await send("POST", path, { items: [{ path: "notes.md" }] }, proof)).status).toBe(400);
  });
});
