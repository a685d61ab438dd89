/** The `ai` package with its provider for OpenAI-compatible servers, unchanged, against this server. */

import path from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { hasShared, miniModel, type RealServer, realServer, sharedModels } from "../fixtures/real-server.ts";

configureLog({ write: () => {} });

const ok = jsonSchema<{ ok: boolean }>({
  type: "object",
  properties: { ok: { type: "boolean" } },
  required: ["ok"],
  additionalProperties: false,
});

function provider(server: RealServer) {
  return createOpenAICompatible({
    name: "puna",
    baseURL: `${server.url}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
}

describe("ai with mini", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await realServer();
    await server.create("mini", miniModel);
  });
  afterAll(async () => await server?.close());

  test("an object of a schema, and fields of our own", async () => {
    const { output, usage } = await generateText({
      model: provider(server)("mini"),
      prompt: "Is it?",
      maxOutputTokens: 200,
      output: Output.object({ schema: ok }),
      providerOptions: { puna: { think: false, num_ctx: 512 } },
    });
    expect(output).toEqual({ ok: expect.any(Boolean) });
    expect(usage.outputTokens).toBeGreaterThan(0);
    const { models } = (await (await fetch(`${server.url}/api/ps`)).json()) as { models: { context_length: number }[] };
    expect(models[0]?.context_length).toBe(512);
  });

  test("a model that is not here", async () => {
    const asking = generateText({ model: provider(server)("nope"), prompt: "x", maxRetries: 0 });
    await expect(asking).rejects.toSatisfy((error) => APICallError.isInstance(error) && error.statusCode === 404);
  });
});

describe.skipIf(!hasShared)("ai with scripted models (needs ../shared)", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await realServer();
    const file = path.join(sharedModels, "scripted-chat.f16.gguf");
    await server.create("scripted", file);
    const template =
      "{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}<|im_end|>\n{{ end }}{{ if .Think }}<|im_start|>system\n/think<|im_end|>\n{{ end }}<|im_start|>assistant\n";
    await server.create("thinker", file, { template });
    await server.create("potion", path.join(sharedModels, "potion-base-4M.static-bert.f16.gguf"));
  });
  afterAll(async () => await server?.close());

  test("a streamed text with its usage", async () => {
    const { textStream, usage, finishReason } = streamText({ model: provider(server)("scripted"), prompt: "weather" });
    let text = "";
    for await (const part of textStream) text += part;
    expect(text).toBe("It is sunny today, about 21 degrees.");
    expect(await finishReason).toBe("stop");
    expect((await usage).outputTokens).toBeGreaterThanOrEqual(10);
  });

  test("a tool is called and its result understood", async () => {
    const cities: string[] = [];
    const { steps } = await generateText({
      model: provider(server)("scripted"),
      prompt: "How is Paris?",
      tools: {
        get_weather: tool({
          description: "the weather",
          inputSchema: jsonSchema<{ city: string }>({
            type: "object",
            properties: { city: { type: "string" } },
            required: ["city"],
          }),
          execute: async ({ city }) => {
            cities.push(city);
            return "clear";
          },
        }),
      },
      stopWhen: stepCountIs(2),
    });
    expect(cities[0]).toBe("Paris");
    expect(steps[0]?.finishReason).toBe("tool-calls");
  });

  test("a thought is kept apart", async () => {
    const { reasoningText, text } = await generateText({ model: provider(server)("thinker"), prompt: "2+2" });
    expect(reasoningText).toContain("two plus two makes four");
    expect(text).toBe("The result is 4.");
    const stream = streamText({ model: provider(server)("thinker"), prompt: "2+2" });
    expect(await stream.reasoningText).toBe(reasoningText);
    expect(await stream.text).toBe(text);
  });

  test("embeddings", async () => {
    const { embeddings, usage } = await embedMany({
      model: provider(server).embeddingModel("potion"),
      values: ["A cat sat on the mat.", "The stock market fell."],
    });
    expect(embeddings.map((vector) => vector.length)).toEqual([160, 160]);
    expect(usage.tokens).toBeGreaterThan(8);
  });

  test("abort", async () => {
    const control = new AbortController();
    const { textStream } = streamText({ model: provider(server)("scripted"), prompt: "story", abortSignal: control.signal });
    let parts = 0;
    for await (const _ of textStream) if (++parts === 5) control.abort();
    expect(parts).toBeGreaterThanOrEqual(5);
  });
});
