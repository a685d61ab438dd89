/** The `ollama` npm client, unchanged, against this server. */

import path from "node:path";
import { Ollama } from "ollama";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { hasShared, type RealServer, realServer, sharedModels } from "../fixtures/real-server.ts";

configureLog({ write: () => {} });

describe.skipIf(!hasShared)("ollama-js (needs ../shared)", () => {
  let server: RealServer;
  let client: Ollama;
  beforeAll(async () => {
    server = await realServer();
    client = new Ollama({ host: server.url });
    await server.create("scripted", path.join(sharedModels, "scripted-chat.f16.gguf"));
    await server.create("stories", path.join(sharedModels, "stories260K.gguf"));
    await server.create("potion", path.join(sharedModels, "potion-base-4M.static-bert.f16.gguf"));
  });
  afterAll(async () => await server?.close());

  test("generate", async () => {
    const options = { temperature: 0, num_predict: 20 };
    const answer = await client.generate({ model: "stories", prompt: "Once upon a time", raw: true, options });
    expect(answer.response).toMatch(/^, there was a little girl/);
    expect(answer).toMatchObject({ model: "stories", done: true, done_reason: "length", eval_count: 20 });
    expect(answer.total_duration).toBeGreaterThanOrEqual(answer.eval_duration);
  });

  test("generate, streamed", async () => {
    let text = "";
    let last: { done: boolean; context?: number[] } | undefined;
    for await (const part of await client.generate({
      model: "stories",
      prompt: "Once",
      stream: true,
      options: { num_predict: 8 },
    })) {
      text += part.response;
      last = part;
    }
    expect(text.length).toBeGreaterThan(0);
    expect(last?.done).toBe(true);
    expect(last?.context?.length).toBeGreaterThan(8);
  });

  test("chat", async () => {
    const answer = await client.chat({ model: "scripted", messages: [{ role: "user", content: "你好" }] });
    expect(answer.message).toEqual({ role: "assistant", content: "你好！我是专门用来测试的小模型，很高兴见到你。" });
    expect(answer.done_reason).toBe("stop");
  });

  test("chat, streamed", async () => {
    let text = "";
    for await (const part of await client.chat({
      model: "scripted",
      messages: [{ role: "user", content: "weather" }],
      stream: true,
    }))
      text += part.message.content;
    expect(text).toBe("It is sunny today, about 21 degrees.");
  });

  test("tools", async () => {
    const parameters = { type: "object", required: ["city"], properties: { city: { type: "string", description: "where" } } };
    const answer = await client.chat({
      model: "scripted",
      messages: [{ role: "user", content: "How is Paris?" }],
      tools: [{ type: "function", function: { name: "get_weather", description: "the weather", parameters } }],
    });
    expect(answer.message.tool_calls?.[0]?.function).toMatchObject({ name: "get_weather", arguments: { city: "Paris" } });
  });

  test("a format", async () => {
    const format = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
    const answer = await client.chat({
      model: "scripted",
      messages: [{ role: "user", content: "JSON" }],
      format,
      options: { temperature: 0 },
    });
    expect(JSON.parse(answer.message.content)).toEqual({ ok: expect.any(Boolean) });
  });

  test("abort", async () => {
    const answer = await client.chat({
      model: "scripted",
      messages: [{ role: "user", content: "story" }],
      stream: true,
      options: { num_predict: -1 },
    });
    let parts = 0;
    await expect(
      (async () => {
        for await (const _ of answer) if (++parts === 5) answer.abort();
      })(),
    ).rejects.toMatchObject({ name: "AbortError" });
    expect(parts).toBeGreaterThanOrEqual(5);
  });

  test("embed and embeddings", async () => {
    const { embeddings } = await client.embed({ model: "potion", input: ["A cat sat on the mat.", "The stock market fell."] });
    expect(embeddings.map((vector) => vector.length)).toEqual([160, 160]);
    const { embedding } = await client.embeddings({ model: "potion", prompt: "A cat sat on the mat." });
    const length = Math.hypot(...embedding);
    for (const [i, value] of (embeddings[0] ?? []).entries()) expect(value).toBeCloseTo((embedding[i] ?? 0) / length, 5);
  });

  test("list, ps, show, version", async () => {
    expect((await client.list()).models.map(({ name }) => name).sort()).toEqual([
      "potion:latest",
      "scripted:latest",
      "stories:latest",
    ]);
    const { models } = await client.ps();
    expect(models.map(({ name }) => name)).toContain("scripted:latest");
    const shown = await client.show({ model: "scripted" });
    expect(shown.details).toMatchObject({ format: "gguf", family: "llama", quantization_level: "F16" });
    expect(shown.capabilities).toEqual(expect.arrayContaining(["completion", "tools"]));
    expect(shown.template).toContain("<tools>");
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+/);
  });

  test("create, copy, delete, and a model that is not there", async () => {
    const statuses: string[] = [];
    for await (const { status } of await client.create({
      model: "brief",
      from: "scripted",
      system: "Be brief.",
      parameters: { temperature: 0 },
      stream: true,
    }))
      statuses.push(status);
    expect(statuses.at(-1)).toBe("success");
    expect((await client.show({ model: "brief" })).system).toBe("Be brief.");
    expect(await client.copy({ source: "brief", destination: "brief2" })).toEqual({ status: "success" });
    expect(await client.delete({ model: "brief2" })).toEqual({ status: "success" });
    await expect(client.chat({ model: "brief2", messages: [{ role: "user", content: "x" }] })).rejects.toThrow(
      "model 'brief2' not found",
    );
    await expect(client.delete({ model: "brief2" })).rejects.toMatchObject({ status_code: 404 });
  });

  test("a quantised model answers like its source", async () => {
    const statuses: string[] = [];
    for await (const { status } of await client.create({
      model: "small",
      from: "scripted",
      quantize: "q8_0",
      stream: true,
    }))
      statuses.push(status);
    expect(statuses).toContain("quantizing F16 model to Q8_0");
    expect((await client.show({ model: "small" })).details.quantization_level).toBe("Q8_0");
    expect((await client.chat({ model: "small", messages: [{ role: "user", content: "你好" }] })).message.content).toContain(
      "你好",
    );
  });
});
