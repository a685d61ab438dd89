/** The `@langchain/ollama` npm package, unchanged, against this server. */
import path from "node:path";
import { type AIMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOllama, Ollama, OllamaEmbeddings } from "@langchain/ollama";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { configureLog } from "../../src/log.ts";
import { hasShared, type RealServer, realServer, sharedModels } from "../fixtures/real-server.ts";

configureLog({ write: () => {} });

describe.skipIf(!hasShared)("@langchain/ollama (needs ../shared)", () => {
  let server: RealServer;
  let chat: ChatOllama;
  beforeAll(async () => {
    server = await realServer();
    await server.create("scripted", path.join(sharedModels, "scripted-chat.f16.gguf"));
    await server.create("stories", path.join(sharedModels, "stories260K.gguf"));
    await server.create("potion", path.join(sharedModels, "potion-base-4M.static-bert.f16.gguf"));
    chat = new ChatOllama({ model: "scripted", baseUrl: server.url, temperature: 0 });
  });
  afterAll(async () => await server?.close());

  const weather = tool(({ city }) => `clear in ${city}`, {
    name: "get_weather",
    description: "the weather of a city",
    schema: z.object({ city: z.string() }),
  });

  test("chat", async () => {
    const answer = await chat.invoke([new SystemMessage("Be kind."), new HumanMessage("你好")]);
    expect(answer.content).toBe("你好！我是专门用来测试的小模型，很高兴见到你。");
    expect(answer.response_metadata).toMatchObject({ model: "scripted", done_reason: "stop" });
    const { input_tokens = 0, output_tokens = 0, total_tokens } = answer.usage_metadata ?? {};
    expect(input_tokens).toBeGreaterThan(5);
    expect(output_tokens).toBeGreaterThan(5);
    expect(total_tokens).toBe(input_tokens + output_tokens);
  });

  test("chat, streamed", async () => {
    const pieces: string[] = [];
    for await (const chunk of await chat.stream("weather")) pieces.push(chunk.text);
    expect(pieces.join("")).toBe("It is sunny today, about 21 degrees.");
    expect(pieces.filter(Boolean).length).toBeGreaterThan(3);
  });

  test("a tool, its result, and what is made of it", async () => {
    const withTools = chat.bindTools([weather]);
    const question = new HumanMessage("How is Paris?");
    const asked = await withTools.invoke([question]);
    expect(asked.tool_calls).toMatchObject([{ name: "get_weather", args: { city: "Paris" } }]);
    const [call] = asked.tool_calls ?? [];
    if (!call) throw new Error("no call");
    const result: ToolMessage = await weather.invoke({ ...call, type: "tool_call" });
    expect(result).toBeInstanceOf(ToolMessage);
    const answer = await withTools.invoke([question, asked, result]);
    expect(answer.content).toBe("Thanks to the tool I know: Paris has clear skies and a mild breeze.");
  });

  test("a tool call, streamed", async () => {
    let whole: AIMessage | undefined;
    for await (const chunk of await chat.bindTools([weather]).stream("How is Paris?"))
      whole = whole === undefined ? chunk : (whole as typeof chunk).concat(chunk);
    expect(whole?.tool_calls).toMatchObject([{ name: "get_weather", args: { city: "Paris" } }]);
  });

  test("structured output", async () => {
    const structured = chat.withStructuredOutput(z.object({ ok: z.boolean(), size: z.enum(["small", "large"]) }));
    const answer = await structured.invoke("JSON");
    expect(answer).toEqual({ ok: expect.any(Boolean), size: expect.stringMatching(/^(small|large)$/) });
  });

  test("several at once", async () => {
    const answers = await chat.batch(["weather", "你好", "weather"]);
    expect(answers.map(({ content }) => String(content).slice(0, 5))).toEqual(["It is", "你好！我是", "It is"]);
  });

  test("plain completion", async () => {
    const model = new Ollama({ model: "stories", baseUrl: server.url, temperature: 0, numPredict: 8 });
    const text = await model.invoke("Once upon a time");
    expect(text.length).toBeGreaterThan(5);
    let streamed = "";
    for await (const piece of await model.stream("Once upon a time")) streamed += piece;
    expect(streamed).toBe(text);
  });

  test("embeddings", async () => {
    const embeddings = new OllamaEmbeddings({ model: "potion", baseUrl: server.url });
    const texts = ["The cat sat on the mat", "A kitten is resting on the rug", "The stock market fell sharply today"];
    const [cat = [], kitten = [], stocks = []] = await embeddings.embedDocuments(texts);
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
    expect(dot(cat, cat)).toBeCloseTo(1, 4);
    expect(dot(cat, kitten)).toBeGreaterThan(dot(cat, stocks) + 0.2);
    const again = await embeddings.embedQuery(texts[0] ?? "");
    expect(dot(again, cat)).toBeCloseTo(1, 4);
  });

  test("abort, and a model that is not there", async () => {
    const stop = new AbortController();
    const reading = (async () => {
      let pieces = 0;
      for await (const _ of await chat.stream("story", { signal: stop.signal })) if (++pieces === 3) stop.abort();
    })();
    await expect(reading).rejects.toThrow(/abort/i);
    const missing = new ChatOllama({ model: "nope", baseUrl: server.url, maxRetries: 0 });
    await expect(missing.invoke("x")).rejects.toThrow("model 'nope' not found");
  });
});
