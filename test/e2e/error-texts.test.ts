/**
 * Each error text that Ollama's own tests name, asked for through the front door. The table of these texts is not part of the repository
 * (`../shared/data/facts/ollama-error-strings.tsv`); what each of its rows comes to here is.
 */
import { existsSync, readFileSync } from "node:fs";
import zlib from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { type TestServer, testServer } from "../fixtures/server.ts";

configureLog({ write: () => {} });

const canZstd = "zstdDecompress" in zlib;
const table = "../shared/data/facts/ollama-error-strings.tsv";

const NO_ZSTD =
  'the request body is compressed with "zstd", which cannot be read here: send it uncompressed, or run Puna on Node 22.15 or later';

interface Row {
  /** File and line, as the table names them. */
  key: string;
  name: string;
  message: string;
}

interface Case {
  path: string;
  /** Text and bytes go as they are. With a function: made of the row's text. */
  body: unknown;
  status: number;
  headers?: Record<string, string>;
  /** The table's own text, unless it has to be worked out from the table's source. */
  error?: string;
}

/** Either what to ask, or why nobody can. */
const rows: Record<string, Case | string> = {
  "middleware/anthropic_test.go:249": messages({ model: "" }),
  "middleware/anthropic_test.go:265": messages({ max_tokens: undefined }),
  "middleware/anthropic_test.go:279": messages({ messages: [] }),
  "middleware/anthropic_test.go:298": messages({
    messages: [
      { role: "user", content: "x" },
      { role: "assistant", content: [{ type: "tool_use", name: "f", input: {} }] },
    ],
  }),
  "middleware/anthropic_test.go:518": { ...messages({ model: "nonexistent" }), status: 404 },
  "middleware/anthropic_test.go:525": messages({ model: "" }),
  "middleware/anthropic_test.go:532": failing("/v1/messages", 500),
  "middleware/anthropic_test.go:539": failing("/v1/messages", 404),
  "middleware/anthropic_test.go:542": failing("/v1/messages", 404),
  "middleware/openai_test.go:1298": chat({ messages: [{ role: "user", content: 5 }] }),
  "middleware/openai_test.go:1435": { path: "/v1/completions", body: { model: "test", prompt: "x", stop: [1] }, status: 400 },
  "middleware/openai_test.go:1519": { path: "/v1/embeddings", body: { model: "test" }, status: 400 },
  "middleware/openai_test.go:1732": { path: "/v1/responses", body: hello, status: 200 },
  "middleware/openai_test.go:1740": {
    path: "/v1/responses",
    body: (message: string) => zstd(JSON.stringify(hello(message))),
    headers: { "content-encoding": "zstd" },
    ...(canZstd ? { status: 200 } : { status: 415, error: NO_ZSTD }),
  },
  ...because("web search needs an account at ollama.com, which Puna does not ask", [
    "middleware/responses_web_search_test.go:123",
    "middleware/responses_web_search_test.go:145",
    "middleware/responses_web_search_test.go:167",
    "middleware/responses_web_search_test.go:210",
    "middleware/responses_web_search_test.go:211",
    "middleware/web_search_test.go:115",
    "middleware/web_search_test.go:126",
    "server/routes_web_experimental_test.go:137",
    "server/routes_web_experimental_test.go:168",
  ]),
  "server/routes_web_experimental_test.go:209": { path: "/api/experimental/web_search", body: "", status: 400 },
  "server/routes_cloud_test.go:76": native("/api/chat", { model: "kimi:cloud", messages: [] }, 403, cloud("model is")),
  "server/routes_cloud_test.go:89": native("/api/generate", { model: "kimi:cloud", prompt: "x" }, 403, cloud("model is")),
  "server/routes_cloud_test.go:101": native("/api/show", { model: "kimi:cloud" }, 403, cloud("model details are")),
  "server/routes_generate_test.go:838": native("/api/chat", {}, 400),
  "server/routes_generate_test.go:857": native("/api/chat", { model: "test", messages: [], think: true }, 400),
  "server/routes_generate_test.go:883": native("/api/chat", {}, 400),
  "server/routes_generate_test.go:911": native("/api/chat", { model: "bert", messages: [{ role: "user", content: "x" }] }, 400),
  "server/routes_generate_test.go:1551": native("/api/generate", {}, 404),
  "server/routes_generate_test.go:1562": native("/api/generate", {}, 404),
  "server/routes_generate_test.go:1591": native("/api/generate", { model: "bert", prompt: "x" }, 400),
  "server/routes_generate_test.go:1607": native(
    "/api/generate",
    { model: "test", prompt: "def add(", suffix: "    return c" },
    400,
  ),
  "server/routes_generate_test.go:1419": failing("/api/chat", 503),
  "server/routes_generate_test.go:1436": failing("/api/chat", 503),
  "server/routes_generate_test.go:1446": failing("/api/chat", 429, { stream: true }),
  "server/routes_generate_test.go:1461": failing("/api/chat", 429, { stream: true }),
  "server/routes_generate_test.go:1846": failing("/api/generate", 503),
  "server/routes_generate_test.go:1861": failing("/api/generate", 503),
  "server/routes_generate_test.go:1871": failing("/api/generate", 429, { stream: true }),
  "server/routes_generate_test.go:1885": failing("/api/generate", 429, { stream: true }),
  "server/routes_generate_test.go:1905": native("/api/generate", { model: "test", prompt: "x", top_logprobs: -1 }, 400),
  "server/routes_generate_test.go:1923": native("/api/generate", { model: "test", prompt: "x", top_logprobs: 21 }, 400),
  "server/routes_generate_test.go:2191": native("/api/chat", { model: "test", messages: [], top_logprobs: -1 }, 400),
  "server/routes_generate_test.go:2211": native("/api/chat", { model: "test", messages: [], top_logprobs: 21 }, 400),
  "server/routes_test.go:1128": failing("/api/generate", 500),
  "server/routes_test.go:1136": failing("/api/generate", 404),
  "server/routes_test.go:1144": failing("/api/generate", 500),
  "server/routes_test.go:1152": failing("/api/generate", 500),
};

const here = existsSync(table);
const all: Row[] = here ? readTable() : [];
const asked = all.filter(({ key }) => typeof rows[key] === "object");
const left = all.filter(({ key }) => typeof rows[key] === "string");

test("what needs an account at ollama.com", async () => {
  const server = await testServer();
  const ask = async (path: string, method: string, body?: string) => {
    const response = await server.app.request(path, { method, ...(body !== undefined && { body }) });
    return [response.status, textOf(await response.json())];
  };
  expect(await ask("/api/me", "POST")).toEqual([401, "unauthorized"]);
  expect(await ask("/api/signout", "POST")).toEqual([401, "you are not currently signed in"]);
  expect(await ask("/api/user/keys/abc", "DELETE")).toEqual([401, "you are not currently signed in"]);
  const disabled = (what: string) => [403, `ollama cloud is disabled: ${what} is unavailable`];
  expect(await ask("/api/experimental/web_search", "POST", "{}")).toEqual(disabled("web search"));
  expect(await ask("/api/experimental/web_fetch", "POST", "{}")).toEqual(disabled("web fetch"));
  expect(await ask("/api/experimental/model-recommendations", "GET")).toEqual([200, undefined]);
  await server.close();
});

describe.skipIf(!here)(`Ollama's error texts: ${asked.length} of ${all.length} rows apply (needs ../shared)`, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer();
    await server.make("test");
    await server.make("bert", { pooling: 1 });
  });
  afterAll(async () => await server?.close());

  test("every row has its case or its reason, and every case its row", () => {
    expect(all.map(({ key }) => key).filter((key) => !(key in rows))).toEqual([]);
    expect(Object.keys(rows).filter((key) => !all.some((row) => row.key === key))).toEqual([]);
  });

  test.each(asked)("$key $name: $message", async ({ key, message }) => {
    const wanted = rows[key];
    if (typeof wanted !== "object") throw new Error("no case");
    const text = plain(message);
    const body = typeof wanted.body === "function" ? wanted.body(text) : wanted.body;
    const sent = body instanceof Uint8Array ? { body } : {};
    const response = await server.post(wanted.path, body, { ...sent, headers: wanted.headers ?? {} });
    expect([response.status, textOf(await response.json())]).toEqual([wanted.status, wanted.error ?? text]);
  });

  test.skip.each(left.map((row) => ({ ...row, reason: rows[row.key] })))("$key $name: not asked, $reason", () => {});
});

function readTable(): Row[] {
  const [, ...lines] = readFileSync(table, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [file = "", at = "", name = "", about = "", , message = ""] = line.split("\t");
    return { key: `${file}:${at}`, name: about === "" ? name : `${name}, ${about}`, message };
  });
}

/** The error alone; the table holds some inside Ollama's envelope. */
function plain(message: string): string {
  return message.startsWith('{"error":') ? (JSON.parse(message) as { error: string }).error : message;
}

/** The error, or what was said. */
function textOf(body: unknown): string | undefined {
  const { error, output } = body as { error?: string | { message: string }; output?: { content: { text: string }[] }[] };
  return output?.[0]?.content[0]?.text ?? (typeof error === "string" ? error : error?.message);
}

/** A model whose runner fails with the row's text: what another host or a library says in Ollama's tests. */
function failing(path: string, status: number, more: object = { stream: false }): Case {
  const body = (message: string) => {
    const prompt = `fail ${status} ${message}`;
    const asked = path === "/api/generate" ? { prompt, raw: true } : { messages: [{ role: "user", content: prompt }] };
    return { model: "test", ...(path === "/v1/messages" && { max_tokens: 10 }), ...asked, ...more };
  };
  return { path, body, status };
}

function hello(input: string): object {
  return { model: "test", input };
}

/** A frame with one block that is stored as it is, so that nothing here need know how to compress. */
function zstd(text: string): Buffer {
  const data = Buffer.from(text);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2fb528, 0);
  // One segment, whose size has four bytes.
  head.writeUInt8(0b1010_0000, 4);
  head.writeUInt32LE(data.length, 5);
  // The last block, stored.
  head.writeUIntLE((data.length << 3) | 1, 9, 3);
  return Buffer.concat([head, data]);
}

function messages(more: object): Case {
  const body = { model: "test", max_tokens: 10, messages: [{ role: "user", content: "x" }], ...more };
  return { path: "/v1/messages", body, status: 400 };
}

function chat(more: object): Case {
  return { path: "/v1/chat/completions", body: { model: "test", ...more }, status: 400 };
}

function native(path: string, body: object, status: number, error?: string): Case {
  return { path, body, status, ...(error !== undefined && { error }) };
}

/** The table has a piece of Go in place of this text. */
function cloud(what: string): string {
  return `ollama cloud is disabled: remote ${what} unavailable`;
}

function because(reason: string, keys: string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, reason]));
}
