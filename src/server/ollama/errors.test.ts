import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("m");
  await server.make("vectors", { pooling: 1 });
});
afterAll(() => server.close());

const post = (path: string, body: unknown, init?: RequestInit) => server.post(path, body, init);
const error = async (response: Response) => [response.status, (await object(response)).error];

describe("errors of generate and chat, in order", () => {
  test.each([
    ["/api/generate", { model: "" }, 404, "model '' not found"],
    ["/api/generate", {}, 404, "model '' not found"],
    ["/api/generate", { model: "nope" }, 404, "model 'nope' not found"],
    ["/api/generate", { model: "m", top_logprobs: 21 }, 400, "top_logprobs must be between 0 and 20"],
    [
      "/api/generate",
      { model: "m", raw: true, system: "s", prompt: "p" },
      400,
      "raw mode does not support template, system, or context",
    ],
    ["/api/generate", { model: "m", think: true, prompt: "p" }, 400, '"m" does not support thinking'],
    [
      "/api/generate",
      { model: "m", think: "very", prompt: "p" },
      400,
      'invalid think value: "very" (must be "high", "medium", "low", "max", true, or false)',
    ],
    [
      "/api/generate",
      { model: "m", think: 3, prompt: "p" },
      400,
      'think must be a boolean or string ("high", "medium", "low", "max", true, or false)',
    ],
    ["/api/generate", { model: "vectors", prompt: "p" }, 400, '"vectors" does not support generate'],
    [
      "/api/generate",
      { model: "m", prompt: "p", suffix: "s" },
      400,
      "registry.ollama.ai/library/m:latest does not support insert",
    ],
    ["/api/generate", { model: "m", prompt: "p", keep_alive: "abc" }, 400, 'time: invalid duration "abc"'],
    ["/api/generate", { model: "m", prompt: "p", keep_alive: "10" }, 400, 'time: missing unit in duration "10"'],
    ["/api/generate", { model: "m", prompt: "p", keep_alive: true }, 400, "Unsupported type: 'bool'"],
    ["/api/generate", { model: "m", prompt: "p", images: ["@@"] }, 400, "illegal base64 data at input byte 0"],
    [
      "/api/generate",
      { model: "m", prompt: "p", images: ["aGk="] },
      400,
      "images cannot be read by this version of Puna yet: send the request without them",
    ],
    ["/api/generate", { model: "m", prompt: "p", template: "{{ .Nope" }, 500, /template/],
    ["/api/generate", { model: "m:cloud", prompt: "p" }, 403, "ollama cloud is disabled: remote model is unavailable"],
    ["/api/generate", { model: "m:cloud:local", prompt: "p" }, 400, 'use either :local or :cloud, not both: "m:cloud:local"'],
    ["/api/chat", { model: "" }, 400, "model is required"],
    ["/api/chat", { model: "a/b/c/d/e:f:g/h" }, 400, "invalid model name"],
    ["/api/chat", { model: "nope" }, 404, "model 'nope' not found"],
    ["/api/chat", { model: "vectors", messages: [{ role: "user", content: "x" }] }, 400, '"vectors" does not support chat'],
    [
      "/api/chat",
      { model: "m", messages: [{ role: "user", content: "x" }], tools: [{ type: "function", function: { name: "f" } }] },
      400,
      "registry.ollama.ai/library/m:latest does not support tools",
    ],
    ["/api/embed", { model: "nope", input: "x" }, 404, 'model "nope" not found, try pulling it first'],
    ["/api/embed", { model: "vectors", input: 3 }, 400, "invalid input type"],
    ["/api/embeddings", { prompt: "x" }, 400, "model is required"],
    ["/api/show", {}, 400, "model is required"],
    ["/api/show", { model: "no/good/at/all" }, 400, "invalid model name"],
    ["/api/show", { model: "nope" }, 404, "model 'nope:latest' not found"],
    ["/api/copy", { source: "nope", destination: "b" }, 404, 'model "nope" not found'],
    ["/api/copy", { source: "", destination: "b" }, 400, 'source "" is invalid'],
    ["/api/copy", { source: "m", destination: "" }, 400, 'destination "" is invalid'],
    ["/api/create", { model: "x", modelfile: "FROM y" }, 400, "neither 'from' or 'files' was specified"],
    ["/api/create", { model: "", from: "m" }, 400, "invalid model name"],
    ["/api/create", { model: "x", files: { "../a.gguf": `sha256:${"0".repeat(64)}` } }, 400, "file path must be relative"],
    ["/api/create", { model: "x", from: "m", template: "{{ if }}" }, 400, /^template error: /],
  ])("%s %j: %i %s", async (path, body, status, message) => {
    const [got, text] = await error(await post(path, body));
    expect([got, text]).toEqual([status, typeof message === "string" ? message : expect.stringMatching(message)]);
  });
});
