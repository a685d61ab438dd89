/** Answers through the runner's front door. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunnerInfo } from "../../src/engine/protocol.ts";
import { greedy, hasShared, Runner } from "./runner.ts";

const STORY = ", there was a little girl named Lily. She loved to play outside in the park.";

describe.skipIf(!hasShared)("stories260K (needs ../shared)", () => {
  let runner: Runner;
  let info: RunnerInfo;
  beforeAll(async () => {
    ({ runner, info } = await Runner.load("stories260K.gguf"));
  });
  afterAll(async () => {
    expect(await runner.close()).toBe(0);
  });

  it("says what was loaded", () => {
    expect(info).toMatchObject({
      vocabularySize: 512,
      trainedContext: 2048,
      embeddingLength: 64,
      bosToken: 1,
      bosText: "<s>",
      addBos: true,
      canShift: true,
      hasDecoder: true,
      pooling: "unspecified",
    });
    expect(info.kernelBuild).toMatch(/ggml-cpu/);
    expect(info.kvBytes).toBeGreaterThan(2048 * 64 * 2 * 5);
  });

  it("continues as the model's README says", async () => {
    const { text, finish } = await runner.generate({ prompt: "Once upon a time" });
    expect(text.startsWith(STORY)).toBe(true);
    expect(finish).toMatchObject({ reason: "length", promptTokens: 5, generatedTokens: 32 });
    const { text: again } = await runner.ask("text", { type: "detokenize", tokens: finish.tokens, special: false });
    expect(again.trim()).toBe(text.trim());
  });

  it("gives the same answer to several at once as to one alone", async () => {
    const prompts = ["Once upon a time", "The dog", "Lily and Tom went to", "One day, a bird"];
    const alone: string[] = [];
    for (const prompt of prompts) alone.push((await runner.generate({ prompt, maxTokens: 60 })).text);
    const together = await Promise.all([...prompts, ...prompts].map((prompt) => runner.generate({ prompt, maxTokens: 60 })));
    expect(together.map((answer) => answer.text)).toEqual([...alone, ...alone]);
  });

  it("ends before a stop string, however tokens cut it, and shows none of it", async () => {
    const { text, finish, events } = await runner.generate({ prompt: "Once upon a time", stop: ["outside in", "never said"] });
    expect(text).toBe(STORY.slice(0, STORY.indexOf("outside in")));
    expect(finish).toMatchObject({ reason: "stop", stopText: "outside in" });
    let shown = "";
    for (const event of events) {
      shown += event.text;
      expect(STORY.startsWith(shown)).toBe(true);
    }
    const many = Array.from({ length: 10_000 }, (_, i) => `stop ${i}`);
    expect((await runner.generate({ prompt: "Once upon a time", stop: [...many, "Lily"] })).finish.stopText).toBe("Lily");
  });

  it("shows what was held back when the answer ends otherwise", async () => {
    const { text, finish } = await runner.generate({
      prompt: "Once upon a time",
      maxTokens: 10,
      stop: ["Lily and a very long stop string"],
    });
    expect(text).toBe(", there was a little girl named Lily");
    expect(finish.reason).toBe("length");
  });

  it("evaluates a prompt without answering when nothing may be generated", async () => {
    const { text, finish } = await runner.generate({ prompt: "Once upon a time", maxTokens: 0 });
    expect(text).toBe("");
    expect(finish).toMatchObject({ reason: "length", generatedTokens: 0, promptTokens: 5 });
  });

  it("repeats itself with a seed, and varies without", async () => {
    const request = { prompt: "Once upon a time", sampling: { ...greedy, temperature: 1.5, seed: 42 }, maxTokens: 40 };
    const [a, b] = [await runner.generate(request), await runner.generate(request)];
    expect(a.text).toBe(b.text);
    const random = { ...request, sampling: { ...request.sampling, seed: -1 } };
    const texts = await Promise.all([1, 2, 3, 4].map(() => runner.generate(random)));
    expect(new Set(texts.map((answer) => answer.text)).size).toBeGreaterThan(1);
  });

  it("takes every sampler", async () => {
    const variants = [
      { mirostat: 1 as const },
      { mirostat: 2 as const },
      { typicalP: 0.5, minP: 0.05, topNSigma: 1, xtcProbability: 0.5 },
      { repeatPenalty: 1.3, frequencyPenalty: 0.5, presencePenalty: 0.5, repeatLastN: -1 },
      { dryMultiplier: 0.8, dynatempRange: 0.5 },
      { logitBias: [[432, -100] as [number, number]] },
    ];
    for (const variant of variants) {
      const { finish } = await runner.generate({
        prompt: "Once upon a time",
        sampling: { ...greedy, temperature: 0.8, ...variant },
        maxTokens: 20,
      });
      expect(finish).toMatchObject({ reason: "length", generatedTokens: 20 });
    }
    const biased = await runner.generate({
      prompt: "Once upon a time",
      sampling: { ...greedy, logitBias: [[432, -100]] },
      maxTokens: 20,
    });
    expect(biased.finish.tokens).not.toContain(432);
    const penalised = await runner.generate({
      prompt: "Once upon a time",
      sampling: { ...greedy, repeatPenalty: 1.5 },
      maxTokens: 60,
    });
    expect(penalised.text.startsWith(STORY)).toBe(false);
  });

  it("reports log-probabilities that add up, for each of several requests", async () => {
    const ask = (prompt: string) => runner.generate({ prompt, topLogprobs: 20, maxTokens: 12 });
    const alone = await ask("The dog");
    const [a, b] = await Promise.all([ask("Once upon a time"), ask("The dog")]);
    expect(b.logprobs.map((one) => one.token)).toEqual(alone.logprobs.map((one) => one.token));
    b.logprobs.forEach((one, i) => {
      expect(one.logprob).toBeCloseTo(alone.logprobs[i]!.logprob, 3);
    });
    expect(a.logprobs.map((one) => one.token).join("")).toBe(a.text);
    for (const one of a.logprobs) {
      expect(one.top).toHaveLength(20);
      expect(one.top![0]).toEqual({ token: one.token, logprob: one.logprob, bytes: one.bytes });
      const sum = one.top!.reduce((total, other) => total + Math.exp(other.logprob), 0);
      expect(sum).toBeLessThanOrEqual(1.0001);
      expect(sum).toBeGreaterThan(0.5);
    }
    expect((await runner.generate({ prompt: "The dog", topLogprobs: 0, maxTokens: 2 })).logprobs[0]).not.toHaveProperty("top");
  });

  it("writes only what a grammar allows, greedy or not, with penalties or not", async () => {
    const grammar = 'root ::= "{" [a-z]+ ":" [0-9]{2,4} "}"';
    for (const sampling of [greedy, { ...greedy, temperature: 1.2 }, { ...greedy, temperature: 1, repeatPenalty: 1.2 }]) {
      const { text, finish } = await runner.generate({
        prompt: "Once upon a time",
        grammar,
        sampling,
        maxTokens: 400,
        contextLimit: 1024,
      });
      expect(text).toMatch(finish.reason === "stop" ? /^\{[a-z]+:[0-9]{2,4}\}$/ : /^\{[a-z]+(:[0-9]*)?$/);
    }
    const { text } = await runner.generate({ prompt: "Once upon a time", grammar: 'root ::= "yes" | "no"' });
    expect(["yes", "no"]).toContain(text);
  });

  it("starts a grammar only after its trigger", async () => {
    const { text, finish } = await runner.generate({
      prompt: "Once upon a time",
      grammar: 'root ::= " [ok]"',
      grammarAfter: "named",
    });
    expect(text).toBe(", there was a little girl named [ok]");
    expect(finish.reason).toBe("stop");
  });

  it("keeps lines of both threads whole and in order", async () => {
    const alone = await runner.generate({ prompt: "Once upon a time", maxTokens: 300 });
    const running = runner.generate({ prompt: "Once upon a time", maxTokens: 300 });
    const long = "Lily and Tom ".repeat(4000);
    const counts = await Promise.all(Array.from({ length: 30 }, () => runner.tokenize(long).then((tokens) => tokens.length)));
    expect(new Set(counts).size).toBe(1);
    const { text, events } = await running;
    expect(text).toBe(alone.text);
    expect(events.map((event) => event.count)).toEqual(events.map((event) => event.count).sort((a, b) => a - b));
  });

  it("refuses what it cannot do and goes on", async () => {
    const status = (wanted: number, code?: string) => expect.objectContaining({ status: wanted, ...(code && { code }) });
    const prompt = await runner.tokenize("Once upon a time");
    await expect(runner.generate({ prompt: Array.from({ length: 65 }, () => 400), contextLimit: 64 })).rejects.toEqual(
      status(400, "context_length_exceeded"),
    );
    await expect(runner.generate({ prompt: [] })).rejects.toEqual(status(400));
    await expect(runner.generate({ prompt: [99_999] })).rejects.toEqual(status(400));
    await expect(runner.generate({ prompt, grammar: "root ::= (" })).rejects.toEqual(status(400));
    await expect(runner.generate({ prompt, sampling: { ...greedy, logitBias: [[-5, 1]] } })).rejects.toEqual(status(400));
    await expect(runner.ask("scores", { type: "rerank", inputs: [prompt] })).rejects.toEqual(status(400));
    expect((await runner.generate({ prompt })).text.startsWith(STORY)).toBe(true);
  });
});

describe.skipIf(!hasShared)("llama-2-tiny-random (needs ../shared)", () => {
  let runner: Runner;
  beforeAll(async () => {
    ({ runner } = await Runner.load("llama-2-tiny-random.gguf", { shape: { cells: 1024, sequences: 4, batch: 512 } }));
  });
  afterAll(() => runner.close());

  it("never splits a character over events", async () => {
    // Byte tokens of characters of 2 to 4 bytes, forced one by one.
    const wanted = "ñ你😀é好";
    const grammar = `root ::= "${wanted}"`;
    const { text, events, finish } = await runner.generate({ prompt: "x", grammar, contextLimit: 256, maxTokens: 64 });
    expect(text).toBe(wanted);
    expect(finish.generatedTokens).toBeGreaterThan([...wanted].length);
    for (const event of events) expect(event.text).not.toContain("\ufffd");
  });

  it("gives valid JSON from random weights", async () => {
    const grammar = String.raw`root ::= "{\"name\":" string ",\"age\":" [0-9]{1,3} "}"
string ::= "\"" [a-z]{0,12} "\""`;
    const answers = await Promise.all(
      [1, 2, 3, 4].map((seed) =>
        runner.generate({
          prompt: "x",
          grammar,
          contextLimit: 256,
          maxTokens: 128,
          sampling: { ...greedy, temperature: 1, seed },
        }),
      ),
    );
    for (const { text } of answers) expect(JSON.parse(text)).toEqual({ name: expect.any(String), age: expect.any(Number) });
  });
});

describe.skipIf(!hasShared)("scripted-chat (needs ../shared)", () => {
  let runner: Runner;
  beforeAll(async () => {
    ({ runner } = await Runner.load("scripted-chat.f16.gguf"));
  });
  afterAll(() => runner.close());
  const chat = (text: string) => `<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;

  it("ends with the turn and shows no control token", async () => {
    const { text, finish } = await runner.generate({ prompt: chat("Hello") });
    expect(text).toBe("Hello! I am a tiny scripted test model 😀. I always answer in exactly the same way.");
    expect(finish).toMatchObject({ reason: "stop", generatedTokens: finish.tokens.length });
    expect((await runner.generate({ prompt: chat("你好") })).text).toBe("你好！我是专门用来测试的小模型，很高兴见到你。");
  });

  it("goes on past the end of a turn when told to", async () => {
    const { finish } = await runner.generate({ prompt: chat("Hello"), ignoreEos: true, maxTokens: 60 });
    expect(finish).toMatchObject({ reason: "length", generatedTokens: 60 });
  });

  it("shows a control token only when it is preserved", async () => {
    const request = { prompt: chat("Hello"), sampling: { ...greedy, logitBias: [[3, 1e6] as [number, number]] }, maxTokens: 2 };
    expect((await runner.generate(request)).text).toBe("");
    expect((await runner.generate({ ...request, preserve: ["<|im_start|>", "no such token"] })).text).toBe(
      "<|im_start|><|im_start|>",
    );
  });

  it("thinks freely and then obeys the grammar", async () => {
    const { text } = await runner.generate({
      prompt: chat("/think"),
      grammar: 'root ::= "{" [0-9] "}"',
      grammarAfter: "</think>",
      maxTokens: 100,
    });
    expect(text).toMatch(/^<think>The user wants me to reason first\. .*<\/think>\{[0-9]\}$/);
  });

  it("lets a story that never ends be cut by a client", async () => {
    const running = runner.start({ prompt: await runner.tokenize(chat("Tell me a story")), maxTokens: 1900 }, (event) => {
      if (event.count === 50) running.cancel();
    });
    const { finish, text } = await running.answer;
    expect(finish.reason).toBe("cancel");
    expect(text).toContain("little robot");
    expect(finish.generatedTokens).toBeLessThan(1900);
  });
});
