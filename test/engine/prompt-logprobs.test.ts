/** Logprobs of a prompt's own tokens: those that the model gave when it wrote the same tokens itself. */
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PromptLogprob } from "../../src/engine/protocol.ts";
import { type Answer, hasShared, Runner } from "./runner.ts";

const mini = path.resolve(import.meta.dirname, "../../models/mini/mini.gguf");
/** Batches of other sizes add in another order. */
const DIGITS = 2;

const models: [string, string][] = [
  ["mini", mini],
  ...(hasShared ? [["stories260K", "stories260K.gguf"] as [string, string]] : []),
];

describe.each(models)(`prompt logprobs of %s${hasShared ? "" : " (stories260K needs ../shared)"}`, (_, file) => {
  let runner: Runner;
  let written: Answer;
  let start: number[];
  beforeAll(async () => {
    ({ runner } = await Runner.load(file, { shape: { cells: 256, sequences: 3, batch: 512 } }));
    start = await runner.tokenize("Once upon a time");
    written = await runner.generate({ prompt: start, maxTokens: 60, topLogprobs: 2, ignoreEos: true, contextLimit: 256 });
  });
  afterAll(() => runner.close());

  const prompt = () => [...start, ...written.finish.tokens];
  const score = (options = {}) =>
    runner.generate({ prompt: prompt(), promptLogprobs: true, topLogprobs: 2, maxTokens: 0, contextLimit: 256, ...options });
  const scoresOf = ({ events }: Answer): PromptLogprob[] => events.flatMap(({ promptLogprobs = [] }) => promptLogprobs);

  function expectSame(scores: PromptLogprob[]): void {
    expect(scores).toHaveLength(prompt().length);
    expect(scores[0]?.logprob).toBeNull();
    const own = scores.slice(start.length);
    expect(own.map(({ bytes }) => bytes)).toEqual(written.logprobs.map(({ bytes }) => bytes));
    own.forEach(({ logprob, top }, i) => {
      expect(logprob).toBeCloseTo(written.logprobs[i]?.logprob ?? Number.NaN, DIGITS);
      expect(top?.[0]?.logprob).toBeCloseTo(written.logprobs[i]?.top?.[0]?.logprob ?? Number.NaN, DIGITS);
    });
  }

  it("are those of the answer that it was, although the cache knows it", async () => {
    const answer = await score();
    expectSame(scoresOf(answer));
    expect(answer.finish).toMatchObject({ reason: "length", cachedTokens: 0, generatedTokens: 0 });
    // In a few tokens a step: the room for logits is bounded.
    expect(Math.max(...answer.events.map(({ promptLogprobs = [] }) => promptLogprobs.length))).toBeLessThanOrEqual(12);
  });

  it("stay right beside others, and others beside them", async () => {
    const plain = () => runner.generate({ prompt: start, maxTokens: 40, ignoreEos: true, contextLimit: 256 });
    const [one, other, text] = await Promise.all([score(), score({ maxTokens: 3, ignoreEos: true }), plain()]);
    expectSame(scoresOf(one));
    expectSame(scoresOf(other));
    expect(other.finish.generatedTokens).toBe(3);
    expect(text.text).toBe(written.text.slice(0, text.text.length));
  });

  it("are given once each when the cache has no room for all at once", async () => {
    const many = await Promise.all(Array.from({ length: 3 }, () => score({ maxTokens: 40, ignoreEos: true })));
    for (const answer of many) expectSame(scoresOf(answer));
  });

  it("are given once each when the cache is made anew meanwhile", async () => {
    let resized: Promise<unknown> | undefined;
    const request = { prompt: prompt(), promptLogprobs: true, topLogprobs: 2, maxTokens: 0, contextLimit: 256 };
    const scoring = runner.start(request, () => {
      resized ??= runner.ask("resized", { type: "resize", shape: { cells: 512, sequences: 3, batch: 512 } });
    });
    expectSame(scoresOf(await scoring.answer));
    expect(await resized).toMatchObject({ info: { shape: { cells: 512 } } });
  });

  it("leave what they computed for the next request", async () => {
    await score();
    const answer = await runner.generate({ prompt: prompt(), maxTokens: 1, contextLimit: 256 });
    expect(answer.finish.cachedTokens).toBeGreaterThanOrEqual(prompt().length - 2);
  });
});
