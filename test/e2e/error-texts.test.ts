/**
 * Each error text that Ollama's own tests name, asked for through the front door. The table of these texts is not part of the repository
 * (`../shared/data/facts/ollama-error-strings.tsv`); what each of its rows comes to here is.
 */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { type TestServer, testServer } from "../fixtures/server.ts";

configureLog({ write: () => {} });

const table = "../shared/data/facts/ollama-error-strings.tsv";

interface Row {
  /** File and line, as the table names them. */
  key: string;
  name: string;
  message: string;
}

interface Case {
  path: string;
  body: unknown;
  status: number;
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
  "middleware/anthropic_test.go:532": "a text made up for the test of an envelope; ours is tested with a runner that dies",
  "middleware/anthropic_test.go:539": "a text made up for the test of an envelope; a model that is not there is asked for above",
  "middleware/anthropic_test.go:542": "a text made up for the test of an envelope; a model that is not there is asked for above",
  "middleware/openai_test.go:1298": chat({ messages: [{ role: "user", content: 5 }] }),
  "middleware/openai_test.go:1435": { path: "/v1/completions", body: { model: "test", prompt: "x", stop: [1] }, status: 400 },
  "middleware/openai_test.go:1519": { path: "/v1/embeddings", body: { model: "test" }, status: 400 },
  "middleware/openai_test.go:1732": "not an error: a plain body is taken, as every test of /v1/responses shows",
  "middleware/openai_test.go:1740":
    "not an error: zstd bodies are read where Node can (22.15), as the tests of decompressing show",
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
  ...because("what a remote model answered; Puna runs models itself and asks no other host", [
    "server/routes_generate_test.go:1419",
    "server/routes_generate_test.go:1436",
    "server/routes_generate_test.go:1446",
    "server/routes_generate_test.go:1461",
    "server/routes_generate_test.go:1846",
    "server/routes_generate_test.go:1861",
    "server/routes_generate_test.go:1871",
    "server/routes_generate_test.go:1885",
  ]),
  "server/routes_generate_test.go:1905": native("/api/generate", { model: "test", prompt: "x", top_logprobs: -1 }, 400),
  "server/routes_generate_test.go:1923": native("/api/generate", { model: "test", prompt: "x", top_logprobs: 21 }, 400),
  "server/routes_generate_test.go:2191": native("/api/chat", { model: "test", messages: [], top_logprobs: -1 }, 400),
  "server/routes_generate_test.go:2211": native("/api/chat", { model: "test", messages: [], top_logprobs: 21 }, 400),
  ...because("texts made up for the test of a helper that Puna does not have", [
    "server/routes_test.go:1128",
    "server/routes_test.go:1136",
    "server/routes_test.go:1144",
    "server/routes_test.go:1152",
  ]),
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
    const response = await server.post(wanted.path, wanted.body);
    expect([response.status, textOf(await response.json())]).toEqual([wanted.status, wanted.error ?? plain(message)]);
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

function textOf(body: unknown): string | undefined {
  const { error } = body as { error?: string | { message: string } };
  return typeof error === "string" ? error : error?.message;
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
