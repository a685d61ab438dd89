import { expect, test } from "vitest";
import { RpcError } from "./json-rpc.ts";
import { type Handlers, respond } from "./protocol.ts";

const handlers: Handlers = { "tools/list": () => ({ tools: [] }), "tools/call": ({ name }) => ({ content: [name] }) };
const ask = (method: string, params: Record<string, unknown> = {}) =>
  respond({ id: 1, method, params }, handlers, new AbortController().signal);
const meta = (version: unknown, more: object = { "io.modelcontextprotocol/clientCapabilities": {} }) => ({
  _meta: { "io.modelcontextprotocol/protocolVersion": version, ...more },
});

test.each([
  ["2025-11-25", "2025-11-25"],
  ["2024-11-05", "2024-11-05"],
  ["1999-01-01", "2025-11-25"],
  // Whoever shakes hands does not mean the revision without.
  ["2026-07-28", "2025-11-25"],
])("initialize with %s is answered with %s", async (asked, spoken) => {
  expect(await ask("initialize", { protocolVersion: asked, capabilities: {} })).toMatchObject({
    protocolVersion: spoken,
    serverInfo: { name: "puna" },
    capabilities: { tools: {} },
  });
});

test("before 2026 a result is plain", async () => {
  expect(await ask("tools/list")).toEqual({ tools: [] });
  expect(await ask("ping")).toEqual({});
});

test("since 2026 each request says its revision, and each result what it is", async () => {
  expect(await ask("server/discover", meta("2026-07-28"))).toMatchObject({
    resultType: "complete",
    supportedVersions: expect.arrayContaining(["2026-07-28", "2025-11-25"]),
    ttlMs: expect.any(Number),
    cacheScope: "private",
  });
  expect(await ask("tools/list", meta("2026-07-28"))).toEqual({
    resultType: "complete",
    tools: [],
    ttlMs: expect.any(Number),
    cacheScope: "private",
    _meta: { "io.modelcontextprotocol/serverInfo": expect.objectContaining({ name: "puna" }) },
  });
  expect(await ask("tools/call", { name: "x", ...meta("2026-07-28") })).not.toHaveProperty("ttlMs");
});

test.each([
  ["tools/list", meta("1900-01-01"), -32022],
  ["tools/list", meta(7), -32602],
  ["tools/list", meta("2026-07-28", {}), -32602],
  ["server/discover", {}, -32602],
  ["ping", meta("2026-07-28"), -32601],
  ["prompts/list", {}, -32601],
  ["constructor", {}, -32601],
  ["initialize", {}, -32602],
])("%s with %j is refused with %i", async (method, params, code) => {
  const refused = ask(method, params);
  await expect(refused).rejects.toThrow(RpcError);
  await expect(refused).rejects.toMatchObject({ code });
});

test("an unsupported revision is told which are not", async () => {
  await expect(ask("tools/list", meta("1900-01-01"))).rejects.toMatchObject({
    data: { requested: "1900-01-01", supported: expect.arrayContaining(["2026-07-28"]) },
  });
});
