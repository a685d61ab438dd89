/** API keys as other people's clients send them, and what they make of a refusal. */
import Anthropic from "@anthropic-ai/sdk";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { configureLog } from "../../src/log.ts";
import { type Listening, listen } from "../../src/server/port.ts";
import { type TestServer, testServer } from "../fixtures/server.ts";

configureLog({ write: () => {} });

let server: TestServer;
let port: Listening;
let key: string;
let narrow: string;
beforeAll(async () => {
  server = await testServer({ PUNA_REQUIRE_KEY: "1" });
  await server.make("m", { template: "{{ .Prompt }}" });
  await server.make("other", { template: "{{ .Prompt }}" });
  key = server.keys.create({ name: "app" }).token;
  narrow = server.keys.create({ name: "kiosk", models: ["m"] }).token;
  port = await listen(server.app, { host: { ...readConfig({}).host, port: 0 } });
});
afterAll(async () => {
  await port.close();
  await server.close();
});

const messages = [{ role: "user" as const, content: "hi" }];

describe("openai", () => {
  const client = (apiKey: string) => new OpenAI({ baseURL: `${port.url}/v1`, apiKey, maxRetries: 0 });

  test("a good key", async () => {
    expect((await client(key).models.list()).data.map(({ id }) => id).sort()).toEqual(["m:latest", "other:latest"]);
    const answer = await client(key).chat.completions.create({ model: "m", messages });
    expect(answer.choices[0]?.message.content).toBe("hi");
  });

  test("a wrong key, a narrow one", async () => {
    await expect(client("sk-wrong").models.list()).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
    await expect(client("sk-wrong").models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    expect((await client(narrow).models.list()).data.map(({ id }) => id)).toEqual(["m:latest"]);
    const refused = client(narrow).chat.completions.create({ model: "other", messages });
    await expect(refused).rejects.toMatchObject({ status: 403, code: "model_not_allowed" });
    const streamed = client(narrow).chat.completions.create({ model: "other", messages, stream: true });
    await expect(streamed).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
    await expect(client(narrow).embeddings.create({ model: "other", input: "x" })).rejects.toMatchObject({ status: 403 });
    await expect(client(narrow).completions.create({ model: "other", prompt: "x" })).rejects.toMatchObject({ status: 403 });
    await expect(client(narrow).responses.create({ model: "other", input: "x" })).rejects.toMatchObject({ status: 403 });
    await expect(client(narrow).models.retrieve("other")).rejects.toMatchObject({ status: 403 });
  });
});

describe("anthropic", () => {
  const client = (apiKey: string) => new Anthropic({ baseURL: port.url, apiKey, maxRetries: 0 });
  const ask = (apiKey: string, model = "m") => client(apiKey).messages.create({ model, messages, max_tokens: 8 });

  test("a good key, a wrong one, a narrow one", async () => {
    expect((await ask(key)).content).toEqual([expect.objectContaining({ type: "text", text: "hi" })]);
    await expect(ask("sk-ant-wrong")).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    await expect(ask(narrow, "other")).rejects.toBeInstanceOf(Anthropic.PermissionDeniedError);
    await expect(client(narrow).messages.countTokens({ model: "other", messages })).rejects.toMatchObject({ status: 403 });
  });
});

describe("ollama", () => {
  const client = (token: string) => new Ollama({ host: port.url, headers: { Authorization: `Bearer ${token}` } });

  test("a good key, none, a narrow one", async () => {
    expect((await client(key).chat({ model: "m", messages })).message.content).toBe("hi");
    await expect(new Ollama({ host: port.url }).list()).rejects.toThrow(/this server needs an API key/);
    await expect(client(narrow).show({ model: "other" })).rejects.toThrow("the API key 'kiosk' may not use model 'other:latest'");
    await expect(client(narrow).delete({ model: "m" })).rejects.toThrow("lacks the scope 'models'");
  });
});
