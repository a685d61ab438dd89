import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("m");
  await server.make("chatty", { template: "[{{ .Prompt }}]" });
  await server.make("vectors", { pooling: 1 });
});
afterAll(() => server.close());

describe("text completions", () => {
  const complete = (body: object) => server.post("/v1/completions", { model: "m", ...body });
  const texts = async (body: object) => (await object(await complete(body))).choices.map(({ text }: { text: string }) => text);

  test("in one piece", async () => {
    expect(await object(await complete({ prompt: "abc", max_tokens: 2 }))).toEqual({
      id: expect.stringMatching(/^cmpl-/),
      object: "text_completion",
      created: expect.any(Number),
      model: "m",
      system_fingerprint: "fp_ollama",
      choices: [{ text: "ab", index: 0, logprobs: null, finish_reason: "length" }],
      usage: expect.objectContaining({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }),
    });
  });

  test("prompts of every kind, n of each", async () => {
    expect(await texts({ prompt: ["a", "b"], n: 2 })).toEqual(["a", "a", "b", "b"]);
    expect(await texts({ prompt: [97, 98] })).toEqual(["ab"]);
    expect(await texts({ prompt: [[97], [98, 99]] })).toEqual(["a", "bc"]);
    expect((await object(await complete({ prompt: ["aa", "b"], n: 2 }))).usage).toMatchObject({
      prompt_tokens: 3,
      completion_tokens: 6,
    });
  });

  test("a text goes through the model's template; raw, echo and tokens do not", async () => {
    expect(await texts({ model: "chatty", prompt: "a" })).toEqual(["[a]"]);
    expect(await texts({ model: "chatty", prompt: "a", raw: true })).toEqual(["a"]);
    expect(await texts({ model: "chatty", prompt: "ab", echo: true, max_tokens: 1 })).toEqual(["aba"]);
    expect(await texts({ model: "chatty", prompt: [[97, 98]], echo: true, max_tokens: 0 })).toEqual(["ab"]);
  });

  test("echo with logprobs scores the prompt, also where nothing is to be answered", async () => {
    const scored = { echo: true, logprobs: 1, max_tokens: 0 };
    const { choices, usage } = await object(await complete({ prompt: ["aé", [98, 99, 99]], ...scored }));
    expect(choices).toEqual([
      {
        text: "aé",
        index: 0,
        logprobs: { tokens: ["a", "é"], token_logprobs: [null, -1], top_logprobs: [null, { é: -1 }], text_offset: [0, 1] },
        finish_reason: "length",
      },
      {
        text: "bcc",
        index: 1,
        logprobs: {
          tokens: ["b", "c", "c"],
          token_logprobs: [null, -1, -2],
          top_logprobs: [null, { c: -1 }, { c: -2 }],
          text_offset: [0, 1, 2],
        },
        finish_reason: "length",
      },
    ]);
    expect(usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 0 });
    const stream = await (await complete({ prompt: "ab", ...scored, max_tokens: 1, stream: true })).text();
    const all = stream.split("\n\n").flatMap((line) => (line.startsWith("data: {") ? [JSON.parse(line.slice(6))] : []));
    expect(all.map((one) => one.choices[0].text).join("")).toBe("aba");
    expect(all[0].choices[0].logprobs).toMatchObject({ tokens: ["a", "b"], token_logprobs: [null, -1] });
  });

  test("as a stream", async () => {
    const response = await complete({ prompt: ["ab", "c"], echo: true, stream: true, stream_options: { include_usage: true } });
    const data = (await response.text())
      .trimEnd()
      .split("\n\n")
      .map((line) => line.slice("data: ".length));
    expect(data.pop()).toBe("[DONE]");
    const all = data.map((one) => JSON.parse(one));
    expect(all.pop()).toMatchObject({ choices: [], usage: { total_tokens: 6 } });
    const whole = ["", ""];
    for (const { choices } of all) whole[choices[0].index] += choices[0].text;
    expect(whole).toEqual(["abab", "cc"]);
    expect(all.filter(({ choices }) => choices[0].finish_reason === "stop")).toHaveLength(2);
  });

  test.each([
    [{}, /^prompt must be a text/, "prompt"],
    [{ prompt: [] }, /empty list/, "prompt"],
    [{ prompt: ["a", {}] }, /^prompt\[1\] must be/, "prompt[1]"],
    [{ prompt: "a", best_of: 3 }, /^best_of is 3/, "best_of"],
    [{ prompt: "a", echo: true, logprobs: 1, suffix: "b" }, /^a suffix changes the prompt/, "echo"],
    [{ prompt: "a".repeat(300), echo: true, logprobs: 1, num_ctx: 256 }, /longer than the context/, null],
    [{ prompt: [1], suffix: "b" }, /^a suffix needs a prompt/, "suffix"],
    [{ prompt: "a", suffix: "b" }, /does not support insert$/, null],
    [{ prompt: "a", logprobs: 21 }, "logprobs must be between 0 and 20", "logprobs"],
    [{ prompt: "a", stop: [7] }, /stop/, "stop"],
    [{ prompt: "a", model: "vectors" }, /does not support generate/, null],
  ])("%j is refused", async (body, message, param) => {
    const response = await complete(body);
    const { error } = await object(response);
    expect([response.status, error.param]).toEqual([400, param]);
    expect(error.message).toMatch(message);
  });
});
