/** API keys through the front door: which status, in whose words, and what a key's limits hide. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { localProof, readLocalSecret } from "../../accounts/local-proof.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let open: TestServer;
let closed: TestServer;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  open = await testServer();
  closed = await testServer({ OLLAMA_HOST: "0.0.0.0", PUNA_REGISTRY: "1" });
  for (const server of [open, closed]) {
    await server.make("m");
    await server.make("other");
  }
  const { keys } = closed;
  tokens.user = keys.create({ name: "user" }).token;
  tokens.manager = keys.create({ name: "manager", scopes: ["models"] }).token;
  tokens.admin = keys.create({ name: "admin", scopes: ["admin"] }).token;
  tokens.limited = keys.create({ name: "limited", models: ["m"] }).token;
  tokens.revoked = keys.create({ name: "revoked" }).token;
  keys.revoke("revoked");
});
afterAll(async () => {
  await open.close();
  await closed.close();
});

const ask = (path: string, init: RequestInit & { key?: string } = {}, server = closed) => {
  const { key, ...rest } = init;
  return server.app.request(path, {
    ...rest,
    headers: { ...(key && { authorization: `Bearer ${tokens[key] ?? key}` }), ...rest.headers },
  });
};
const generate = (model: string, key: string) =>
  ask("/api/generate", { method: "POST", key, body: JSON.stringify({ model, prompt: "hi", raw: true, stream: false }) });
const proof = (server: TestServer, method: string, path: string) => ({
  authorization: localProof(readLocalSecret(server.config.home) ?? "", { method, path }),
});

describe("where others can reach the server", () => {
  test("a request without a key gets 401, and is told how to send one", async () => {
    const response = await ask("/api/tags");
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="puna"']);
    expect((await object(response)).error).toMatch(
      /^this server needs an API key: send one as 'Authorization: Bearer KEY' or 'x-api-key: KEY'/,
    );
    expect((await ask("/")).status).toBe(200);
  });

  test("a web page that may call can read the refusal", async () => {
    const origin = "http://localhost:3000";
    const refused = await ask("/api/tags", { headers: { origin } });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, origin]);
    const preflight = await ask("/api/chat", { method: "OPTIONS", headers: { origin } });
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
      204,
      expect.stringContaining("X-API-Key"),
    ]);
  });

  test("each way of sending a key", async () => {
    const basic = Buffer.from(`anyone:${tokens.user}`).toString("base64");
    for (const headers of [
      { authorization: `Bearer ${tokens.user}` },
      { authorization: `bearer  ${tokens.user} ` },
      { authorization: `Basic ${basic}` },
      { "x-api-key": tokens.user ?? "" },
      { "x-api-key": tokens.user ?? "", authorization: "Bearer other" },
    ] as Record<string, string>[])
      expect((await ask("/api/tags", { headers })).status).toBe(200);
  });

  test.each([
    ["ollama", "this API key is not valid"],
    ["puna_00000000_".padEnd(62, "0"), "this API key is not valid"],
    ["revoked", "this API key is revoked"],
  ])("the key %s: %s", async (key, message) => {
    const response = await ask("/api/tags", { key });
    expect([response.status, (await object(response)).error]).toEqual([401, message]);
  });

  test("the words are the dialect's", async () => {
    const openai = await ask("/v1/chat/completions", { method: "POST", key: "sk-wrong", body: "{}" });
    expect([openai.status, await object(openai)]).toEqual([
      401,
      { error: { message: "this API key is not valid", type: "authentication_error", param: null, code: "invalid_api_key" } },
    ]);
    const anthropic = await ask("/v1/messages", { method: "POST", body: "{}", headers: { "x-api-key": "sk-ant" } });
    expect([anthropic.status, await object(anthropic)]).toEqual([
      401,
      {
        type: "error",
        error: { type: "authentication_error", message: "this API key is not valid", code: "invalid_api_key" },
        request_id: expect.stringMatching(/^req_[0-9a-f]{24}$/),
      },
    ]);
    const narrow = await ask("/v1/messages", { method: "POST", body: "{}", key: "manager" });
    expect([narrow.status, (await object(narrow)).error.type]).toEqual([403, "permission_error"]);
    const registry = await ask("/v2/");
    expect([registry.status, (await object(registry)).errors[0].code]).toEqual([401, "UNAUTHORIZED"]);
  });

  test.each([
    ["user", "POST", "/api/chat", 400],
    ["user", "GET", "/v1/nothing-yet", 404],
    ["user", "DELETE", "/api/delete", 403],
    ["user", "POST", "/api/create", 403],
    ["user", "POST", "/api/pull", 403],
    ["user", "HEAD", `/api/blobs/sha256:${"0".repeat(64)}`, 403],
    ["user", "GET", "/v2/", 403],
    ["user", "GET", "/puna/keys", 403],
    ["user", "GET", "/api/ps", 200],
    ["manager", "POST", "/api/show", 400],
    ["manager", "POST", "/api/chat", 403],
    ["manager", "POST", "/api/copy", 400],
    ["manager", "GET", "/puna/keys", 403],
    ["admin", "POST", "/api/chat", 400],
    ["admin", "POST", "/api/copy", 400],
    ["admin", "GET", "/puna/keys", 200],
  ])("%s: %s %s: %i", async (key, method, path, status) => {
    const body = method === "POST" ? { body: "{}" } : {};
    expect((await ask(path, { method, key, ...body })).status).toBe(status);
  });

  test("a key for some models sees and uses no other", async () => {
    expect((await generate("m", "limited")).status).toBe(200);
    const refused = await generate("Other", "limited");
    expect([refused.status, await object(refused)]).toEqual([
      403,
      { error: "the API key 'limited' may not use model 'Other:latest'", code: "model_not_allowed" },
    ]);
    // Whether it exists is not told either.
    expect((await generate("nowhere", "limited")).status).toBe(403);
    await generate("other", "user");
    const names = async (path: string, key: string) =>
      (await object(await ask(path, { key }))).models.map(({ name }: { name: string }) => name).sort();
    expect(await names("/api/tags", "limited")).toEqual(["m:latest"]);
    expect(await names("/api/ps", "limited")).toEqual(["m:latest"]);
    expect(await names("/api/ps", "user")).toEqual(["m:latest", "other:latest"]);
    for (const path of ["/api/show", "/api/embed", "/api/chat"]) {
      const body = JSON.stringify({ model: "other", input: "x", messages: [{ role: "user", content: "x" }] });
      expect([path, (await ask(path, { method: "POST", key: "limited", body })).status]).toEqual([path, 403]);
    }
  });

  test("the same user on the same machine needs no key", async () => {
    expect((await ask("/api/tags", { headers: proof(closed, "GET", "/api/tags") })).status).toBe(200);
    expect((await ask("/api/ps", { headers: proof(closed, "GET", "/api/tags") })).status).toBe(401);
  });

  test("PUNA_REQUIRE_KEY=0 waives it, but not for keys themselves", async () => {
    const waived = await testServer({ OLLAMA_HOST: "0.0.0.0", PUNA_REQUIRE_KEY: "0" });
    expect((await waived.app.request("/api/tags")).status).toBe(200);
    expect((await waived.app.request("/puna/keys")).status).toBe(401);
    await waived.close();
  });
});

describe("on this machine only", () => {
  test("no key is needed, and what is no key of ours is none", async () => {
    for (const key of [undefined, "ollama", "sk-anything"])
      expect((await ask("/api/tags", key ? { key } : {}, open)).status).toBe(200);
  });

  test("a key of ours limits its request all the same", async () => {
    tokens.local = open.keys.create({ name: "local", models: ["m"] }).token;
    expect((await ask("/api/copy", { method: "POST", key: "local", body: "{}" }, open)).status).toBe(403);
    expect((await ask("/api/tags", { key: "puna_00000000_".padEnd(62, "0") }, open)).status).toBe(401);
  });

  test("keys are not to be had for being here", async () => {
    expect((await ask("/puna/keys", {}, open)).status).toBe(401);
    expect((await ask("/puna/keys", { headers: { origin: "http://localhost:3000" } }, open)).status).toBe(401);
  });

  test("PUNA_REQUIRE_KEY=1 asks for keys here too", async () => {
    const strict = await testServer({ PUNA_REQUIRE_KEY: "1" });
    expect((await strict.app.request("/api/tags")).status).toBe(401);
    await strict.close();
  });

  test("made, listed and revoked over HTTP", async () => {
    const manage = async (method: string, path: string, body?: unknown) =>
      await open.app.request(path, {
        method,
        headers: proof(open, method, path),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    const made = await manage("POST", "/puna/keys", { name: "my key", scopes: ["inference"], expires_in: "1d" });
    expect([made.status, made.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const { key, ...shown } = await object(made);
    expect(shown).toMatchObject({ name: "my key", scopes: ["inference"], models: null, state: "active", last_used_at: null });
    expect((await ask("/api/tags", { key }, open)).status).toBe(200);
    const { keys } = await object(await manage("GET", "/puna/keys"));
    expect(JSON.stringify(keys)).not.toContain(key);
    expect(keys.at(-1)).toMatchObject({ name: "my key", last_used_at: expect.any(String) });
    expect((await manage("POST", "/puna/keys", { name: "My Key" })).status).toBe(409);
    expect((await manage("POST", "/puna/keys", { name: "x", expires_in: "soon" })).status).toBe(400);
    expect((await manage("POST", "/puna/keys", { name: "x", client_public_key: "ssh-rsa AAAA" })).status).toBe(400);
    expect(await object(await manage("DELETE", "/puna/keys/my%20key"))).toMatchObject({ state: "revoked" });
    expect((await manage("DELETE", "/puna/keys/my%20key")).status).toBe(404);
    expect((await ask("/api/tags", { key }, open)).status).toBe(401);
  });
});
