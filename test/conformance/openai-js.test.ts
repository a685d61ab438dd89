/** The `openai` npm client, unchanged, against this server. */

import path from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { hasShared, miniModel, type RealServer, realServer, sharedModels } from "../fixtures/real-server.ts";

configureLog({ write: () => {} });

const weather = {
  type: "object",
  required: ["city"],
  properties: { city: { type: "string", description: "where" } },
  additionalProperties: false,
};
/** The scripted model's own template, in the form that has thinking. */
const thinker =
  "{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}<|im_end|>\n{{ end }}{{ if .Think }}<|im_start|>system\n/think<|im_end|>\n{{ end }}<|im_start|>assistant\n";
const ok = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"], additionalProperties: false };
/** No template: mini would think, and a text completion has no place for thoughts. */
const raw = { raw: true } as object;
const user = (content: string) => [{ role: "user" as const, content }];

const plain = { reasoning: { effort: "none" as const } };

async function connect(server: RealServer): Promise<OpenAI> {
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "unused", maxRetries: 0 });
}

/** The bundled model: whatever it says, the shape of the answer must hold. */
describe("openai with mini", () => {
  let server: RealServer;
  let client: OpenAI;
  beforeAll(async () => {
    server = await realServer();
    client = await connect(server);
    await server.create("mini", miniModel);
  });
  afterAll(async () => await server?.close());

  test("a seed gives the same answer again; choices differ from each other", async () => {
    const ask = async (seed: number) =>
      await client.chat.completions.create({ model: "mini", messages: user("Tell me a story."), seed, n: 3, max_tokens: 24 });
    const [one, again] = [await ask(7), await ask(7)];
    const texts = one.choices.map(({ message }) => message.content);
    expect(again.choices.map(({ message }) => message.content)).toEqual(texts);
    expect(one.usage?.completion_tokens).toBeLessThanOrEqual(72);
  });

  test("logprobs: every token, best alternatives first", async () => {
    const { choices } = await client.chat.completions.create({
      model: "mini",
      messages: user("Hello"),
      temperature: 0,
      max_tokens: 6,
      reasoning_effort: "none",
      logprobs: true,
      top_logprobs: 3,
    });
    const tokens = choices[0]?.logprobs?.content ?? [];
    expect(tokens.length).toBeGreaterThan(0);
    expect(Buffer.from(tokens.flatMap(({ bytes }) => bytes ?? [])).toString()).toContain(choices[0]?.message.content);
    for (const { logprob, top_logprobs } of tokens) {
      expect(top_logprobs).toHaveLength(3);
      expect(top_logprobs[0]?.logprob).toBeGreaterThanOrEqual(top_logprobs[2]?.logprob ?? 0);
      expect(logprob).toBeCloseTo(top_logprobs[0]?.logprob ?? 0, 5);
    }
  });

  test("logit_bias bans a token", async () => {
    const ask = async (logit_bias?: Record<string, number>) =>
      await client.completions.create({
        model: "mini",
        prompt: "Hello",
        temperature: 0,
        max_tokens: 1,
        logprobs: 1,
        ...(logit_bias && { logit_bias }),
      });
    const first = (await ask()).choices[0]?.logprobs?.tokens?.[0] ?? "";
    const options = { temperature: 0, num_predict: 1 };
    const answer = await server.post("/api/generate", { model: "mini", prompt: "Hello", stream: false, options });
    const { context } = (await answer.json()) as { context: number[] };
    const banned = await ask({ [String(context.at(-1))]: -100 });
    expect(banned.choices[0]?.logprobs?.tokens?.[0]).not.toBe(first);
  });

  test("a schema holds", async () => {
    const { choices } = await client.chat.completions.create({
      model: "mini",
      messages: user("Is it?"),
      max_tokens: 200,
      reasoning_effort: "none",
      response_format: { type: "json_schema", json_schema: { name: "answer", schema: ok, strict: true } },
    });
    expect(JSON.parse(choices[0]?.message.content ?? "")).toEqual({ ok: expect.any(Boolean) });
  });

  test("text completions: echo, logprobs, a stop, a stream", async () => {
    const { choices } = await client.completions.create({ model: "mini", prompt: "Once upon", echo: true, max_tokens: 4 });
    expect(choices[0]?.text.startsWith("Once upon")).toBe(true);
    const { choices: scored } = await client.completions.create({
      model: "mini",
      prompt: "Hi",
      ...raw,
      max_tokens: 4,
      logprobs: 2,
      temperature: 0,
    });
    const lists = scored[0]?.logprobs;
    expect(lists?.tokens?.join("")).toBe(scored[0]?.text);
    expect(lists?.text_offset?.[0]).toBe(0);
    expect(Object.keys(lists?.top_logprobs?.[0] ?? {}).length).toBe(2);
    let text = "";
    let tokens = 0;
    for await (const chunk of await client.completions.create({
      model: "mini",
      prompt: "Hi",
      ...raw,
      max_tokens: 4,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    })) {
      text += chunk.choices[0]?.text ?? "";
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect(text).toBe(scored[0]?.text);
    expect(tokens).toBe(scored[0] && lists?.tokens?.length);
  });

  test("text completions: a prompt is scored", async () => expectScored(client, "mini", "The library opens at nine."));

  test("a repeated prompt is found in the cache, and the usage says so", async () => {
    const ask = async () =>
      await client.chat.completions.create({
        model: "mini",
        messages: user("Remember me well, please, my friend."),
        max_tokens: 2,
        seed: 1,
      });
    await ask();
    expect((await ask()).usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(0);
  });

  test("responses: kept, gone on from, listed, deleted", async () => {
    const first = await client.responses.create({ model: "mini", input: "Hello", max_output_tokens: 8, ...plain });
    const second = await client.responses.create({
      model: "mini",
      input: "And?",
      ...plain,
      previous_response_id: first.id,
      max_output_tokens: 8,
    });
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
    const { input_tokens } = await client.responses.inputTokens.count({ model: "mini", input: "Hello", ...plain });
    expect(input_tokens).toBe(first.usage?.input_tokens);
    expect((await client.responses.retrieve(first.id)).id).toBe(first.id);
    const items = [];
    for await (const item of client.responses.inputItems.list(first.id)) items.push(item);
    expect(items).toMatchObject([{ type: "message", role: "user" }]);
    await client.responses.delete(first.id);
    await expect(client.responses.retrieve(first.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("responses: the helper that follows a stream arrives at the same object", async () => {
    const stream = client.responses.stream({ model: "mini", input: "Hello", max_output_tokens: 8, temperature: 0, ...plain });
    let text = "";
    stream.on("response.output_text.delta", ({ delta }) => {
      text += delta;
    });
    const final = await stream.finalResponse();
    expect(final.output_text).toBe(text);
    expect(final.status === "completed" || final.incomplete_details?.reason === "max_output_tokens").toBe(true);
    const parsed = await client.responses.parse({
      model: "mini",
      input: "Is it?",
      max_output_tokens: 200,
      ...plain,
      text: { format: { type: "json_schema", name: "answer", schema: ok, strict: true } },
    });
    expect(parsed.output_parsed).toEqual({ ok: expect.any(Boolean) });
  });

  test("models", async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual(["mini:latest"]);
    expect((await client.models.retrieve("mini")).owned_by).toBe("library");
  });

  test("errors are the client's own classes", async () => {
    const ask = async (body: object) =>
      await client.chat.completions.create({ model: "mini", messages: user("x"), ...body } as never);
    await expect(ask({ model: "nope" })).rejects.toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    await expect(ask({ model: "nope" })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(ask({ messages: [] })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(ask({ num_ctx: 16, truncate: false, messages: user("x ".repeat(100)) })).rejects.toMatchObject({
      code: "context_length_exceeded",
      type: "invalid_request_error",
    });
    await expect(client.embeddings.create({ model: "nope", input: "x" })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("abort", async () => {
    const stream = (await client.chat.completions.create({
      model: "mini",
      messages: user("Count."),
      stream: true,
      max_tokens: -1,
      extra_body: {},
    } as never)) as unknown as AsyncIterable<unknown> & { controller: AbortController };
    for await (const _ of stream) {
      stream.controller.abort();
      break;
    }
    const { models } = (await (await fetch(`${server.url}/api/ps`)).json()) as { models: object[] };
    expect(models).toHaveLength(1);
    const control = new AbortController();
    const waiting = client.chat.completions.create({ model: "mini", messages: user("Count.") }, { signal: control.signal });
    control.abort();
    await expect(waiting).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
  });
});

describe.skipIf(!hasShared)("openai with scripted models (needs ../shared)", () => {
  let server: RealServer;
  let client: OpenAI;
  beforeAll(async () => {
    server = await realServer();
    client = await connect(server);
    const shared = (name: string) => path.join(sharedModels, name);
    await server.create("scripted", shared("scripted-chat.f16.gguf"));
    await server.create("thinker", shared("scripted-chat.f16.gguf"), { template: thinker });
    await server.create("random", shared("llama-2-tiny-random.gguf"));
    await server.create("stories", shared("stories260K.gguf"));
    await server.create("potion", shared("potion-base-4M.static-bert.f16.gguf"));
  });
  afterAll(async () => await server?.close());

  test("chat, whole and streamed", async () => {
    const whole = await client.chat.completions.create({ model: "scripted", messages: user("你好") });
    expect(whole.choices[0]).toMatchObject({
      message: { role: "assistant", content: "你好！我是专门用来测试的小模型，很高兴见到你。" },
      finish_reason: "stop",
    });
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of await client.chat.completions.create({
      model: "scripted",
      messages: user("weather"),
      stream: true,
      stream_options: { include_usage: true },
    })) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage;
    }
    expect(text).toBe("It is sunny today, about 21 degrees.");
    expect(usage?.completion_tokens).toBeGreaterThanOrEqual(10);
  });

  test("the helper that runs tools goes all the way round", async () => {
    const cities: string[] = [];
    const runner = client.chat.completions.runTools({
      model: "scripted",
      messages: user("How is Paris?"),
      tools: [
        {
          type: "function",
          function: {
            name: "get_weather",
            description: "the weather",
            parameters: weather,
            parse: JSON.parse,
            function: ({ city }: { city: string }) => {
              cities.push(city);
              return "clear";
            },
          },
        },
      ],
    });
    // The scripted model calls the tool whenever it is offered; what it says to the result comes when it is not.
    runner.on("functionToolCallResult", () => runner.abort());
    await runner.done().catch(() => {});
    expect(cities).toEqual(["Paris"]);
    const told = await client.chat.completions.create({ model: "scripted", messages: runner.messages as never });
    expect(told.choices[0]?.message.content).toBe("Thanks to the tool I know: Paris has clear skies and a mild breeze.");
  });

  test("tools, streamed", async () => {
    const stream = client.chat.completions.stream({
      model: "scripted",
      messages: user("How is Paris?"),
      tools: [{ type: "function", function: { name: "get_weather", parameters: weather } }],
    });
    const { choices } = await stream.finalChatCompletion();
    expect(choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { tool_calls: [{ type: "function", function: { name: "get_weather", arguments: '{"city":"Paris"}' } }] },
    });
  });

  test("tool_choice", async () => {
    const place = { ...weather, properties: { city: { enum: ["Paris", "Oslo"] } } };
    const tools = ["get_weather", "get_time"].map((name) => ({
      type: "function" as const,
      function: { name, parameters: place },
    }));
    const ask = async (tool_choice: OpenAI.ChatCompletionToolChoiceOption) =>
      (
        await client.chat.completions.create({
          model: "scripted",
          messages: user("Hm?"),
          tools,
          tool_choice,
          temperature: 0,
          max_tokens: 60,
        })
      ).choices[0];
    expect((await ask("none"))?.message.tool_calls).toBeUndefined();
    expect((await ask("required"))?.finish_reason).toBe("tool_calls");
    const named = await ask({ type: "function", function: { name: "get_time" } });
    expect(named?.message.tool_calls).toMatchObject([{ function: { name: "get_time" } }]);
  });

  test("thinking: beside the answer, counted, and switched off", async () => {
    const ask = async (body: object) =>
      await client.chat.completions.create({
        model: "thinker",
        messages: user("2+2"),
        ...body,
      } as OpenAI.ChatCompletionCreateParamsNonStreaming);
    const thought = await ask({ reasoning_effort: "high" });
    expect(thought.choices[0]?.message).toMatchObject({
      content: "The result is 4.",
      reasoning: "The user wants me to reason first. Let me count: two plus two makes four.",
    });
    expect(thought.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(5);
    for (const off of [{ reasoning_effort: "none" }, { think: false }]) {
      const { choices, usage } = await ask(off);
      expect(choices[0]?.message).not.toHaveProperty("reasoning");
      expect(usage?.completion_tokens_details?.reasoning_tokens).toBe(0);
    }
  });

  test("thinking, streamed as a response", async () => {
    const seen: string[] = [];
    const stream = client.responses.stream({ model: "thinker", input: "2+2", reasoning: { effort: "high", summary: "auto" } });
    for await (const { type } of stream) if (seen.at(-1) !== type) seen.push(type);
    const { output, output_text, usage } = await stream.finalResponse();
    expect(output_text).toBe("The result is 4.");
    expect(output.map(({ type }) => type)).toEqual(["reasoning", "message"]);
    expect(usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(5);
    expect(seen.at(-1)).toBe("response.completed");
  });

  test("a tool in a response, and its output in the next", async () => {
    const tools = [{ type: "function" as const, name: "get_weather", parameters: weather, strict: true }];
    const first = await client.responses.create({ model: "scripted", input: "How is Paris?", tools });
    const call = first.output.find((item) => item.type === "function_call");
    expect(call).toMatchObject({ name: "get_weather", arguments: '{"city":"Paris"}' });
    const second = await client.responses.create({
      model: "scripted",
      previous_response_id: first.id,
      input: [{ type: "function_call_output", call_id: call?.call_id ?? "", output: "clear" }],
    });
    expect(second.output_text).toBe("Thanks to the tool I know: Paris has clear skies and a mild breeze.");
  });

  test("any schema, also where the weights are random", async () => {
    const schema = {
      type: "object",
      properties: { name: { type: "string", maxLength: 8 }, tags: { type: "array", items: { enum: ["a", "b"] }, maxItems: 3 } },
      required: ["name", "tags"],
      additionalProperties: false,
    };
    const { choices } = await client.chat.completions.create({
      model: "random",
      messages: user("x"),
      seed: 3,
      max_tokens: 200,
      response_format: { type: "json_schema", json_schema: { name: "thing", schema } },
    });
    expect(JSON.parse(choices[0]?.message.content ?? "")).toEqual({ name: expect.any(String), tags: expect.any(Array) });
  });

  test("embeddings: the client asks for base64 unless told otherwise", async () => {
    const input = ["A cat sat on the mat.", "A kitten lay on the rug.", "The stock market fell."];
    const { data } = await client.embeddings.create({ model: "potion", input });
    const floats = await client.embeddings.create({ model: "potion", input, encoding_format: "float" });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([160, 160, 160]);
    for (const [i, { embedding }] of data.entries())
      for (const [at, value] of embedding.entries()) expect(value).toBeCloseTo(floats.data[i]?.embedding[at] ?? 0, 6);
    const close = (a = 0, b = 0) =>
      (data[a]?.embedding ?? []).reduce((sum, value, at) => sum + value * (data[b]?.embedding[at] ?? 0), 0);
    expect(close(0, 1)).toBeGreaterThan(close(0, 2) + 0.2);
    const short = await client.embeddings.create({ model: "potion", input, dimensions: 32 });
    expect(Math.hypot(...(short.data[0]?.embedding ?? []))).toBeCloseTo(1, 5);
    expect(short.data[0]?.embedding).toHaveLength(32);
  });

  test("text completions: a prompt is scored, whose vocabulary has a mark of the beginning and a space before each text", async () =>
    expectScored(client, "stories", "Once upon a time, there was a little girl."));

  test("a story without an end is left in the middle", async () => {
    const stream = await client.chat.completions.create({ model: "scripted", messages: user("story"), stream: true });
    let parts = 0;
    for await (const _ of stream) if (++parts === 5) stream.controller.abort();
    expect(parts).toBeGreaterThanOrEqual(5);
  });
});

/** As evaluation harnesses rate answers: nothing is generated, and the lists stand beside the text. */
async function expectScored(client: OpenAI, model: string, prompt: string): Promise<void> {
  const score = async (more: object = {}) =>
    (await client.completions.create({ model, prompt, echo: true, logprobs: 2, max_tokens: 0, ...more })).choices[0];
  const choice = await score();
  const { tokens = [], token_logprobs = [], top_logprobs = [], text_offset = [] } = choice?.logprobs ?? {};
  expect(choice?.text).toBe(prompt);
  expect(tokens.join("").trimStart()).toBe(prompt);
  expect(token_logprobs).toHaveLength(tokens.length);
  tokens.forEach((token, i) => {
    const shown = i === 0 ? token.trimStart() : token;
    expect(prompt.startsWith(shown, text_offset[i])).toBe(true);
    if (i === 0) return;
    expect(token_logprobs[i]).toBeLessThanOrEqual(0);
    expect(Math.max(...Object.values(top_logprobs[i] ?? {}))).toBeGreaterThanOrEqual(token_logprobs[i] ?? 0);
  });
  const answered = await score({ max_tokens: 3, temperature: 0 });
  expect(answered?.text.startsWith(prompt)).toBe(true);
  expect(answered?.logprobs?.token_logprobs?.slice(0, tokens.length)).toEqual(token_logprobs);
}
