/** What requests share, what stays after them, and what happens when the cache is full. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { greedy, hasShared, Runner } from "./runner.ts";

const load = (options = {}) => Runner.load("stories260K.gguf", options).then((loaded) => loaded.runner);
/** Tokens of no meaning, but always the same for one seed. */
const noise = (count: number, seed = 1) =>
  Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 259 + ((i * 7919 * seed + seed * seed * 31) % 250)));

describe.skipIf(!hasShared)("prefixes (needs ../shared)", () => {
  let runner: Runner;
  beforeEach(async () => {
    runner = await load();
  });
  afterEach(() => runner.close());

  it("computes only what is new of a follow-up turn", async () => {
    const prompt = noise(200);
    const first = await runner.start({ prompt }).answer;
    expect(first.finish.cachedTokens).toBe(0);
    const next = [...prompt, ...first.finish.tokens, 300, 301];
    const followed = await runner.start({ prompt: next }).answer;
    // All but the answer's last token, which was never computed.
    expect(followed.finish.cachedTokens).toBe(200 + 32 - 1);
    const fresh = await load();
    expect(followed.text).toBe((await fresh.start({ prompt: next }).answer).text);
    await fresh.close();
  });

  it("reuses a part of a prompt, and all but the last token of the same one", async () => {
    const prompt = noise(200);
    const first = await runner.start({ prompt }).answer;
    const again = await runner.start({ prompt }).answer;
    expect(again.finish.cachedTokens).toBe(199);
    expect(again.text).toBe(first.text);
    const other = await runner.start({ prompt: [...prompt.slice(0, 150), ...noise(30, 5)] }).answer;
    expect(other.finish.cachedTokens).toBe(150);
  });

  it("shares with a request that is still answering", async () => {
    const prompt = noise(300);
    let joined: Promise<unknown> | undefined;
    const long = runner.start({ prompt, maxTokens: 200, ignoreEos: true }, (event) => {
      if (event.count >= 5) joined ??= runner.start({ prompt: [...prompt.slice(0, 280), 300, 301] }).answer;
    });
    await long.answer;
    expect(await joined).toMatchObject({ finish: { cachedTokens: 280 } });
  });

  it("lets requests with one unseen prefix wait for one computation of it", async () => {
    const prefix = noise(600);
    const answers = await Promise.all(
      [11, 12, 13, 14].map((last) => runner.start({ prompt: [...prefix, 300 + last, 301] }).answer),
    );
    expect(answers.map((answer) => answer.finish.cachedTokens).sort((a, b) => a - b)).toEqual([0, 600, 600, 600]);
    const fresh = await load();
    const alone = await fresh.start({ prompt: [...prefix, 313, 301] }).answer;
    expect(answers[2]!.text).toBe(alone.text);
    await fresh.close();
  });

  it("does not leave waiters behind when the one they wait for is cancelled", async () => {
    const prefix = noise(1500);
    const leader = runner.start({ prompt: [...prefix, 300], maxTokens: 5 });
    const waiters = [1, 2].map((last) => runner.start({ prompt: [...prefix, 300 + last], maxTokens: 5 }));
    leader.cancel();
    expect((await leader.answer).finish.reason).toBe("cancel");
    for (const waiter of waiters) expect((await waiter.answer).finish).toMatchObject({ reason: "length", generatedTokens: 5 });
  });
});

describe.skipIf(!hasShared)("a full cache (needs ../shared)", () => {
  const small = { shape: { cells: 512, sequences: 4, batch: 256 } };

  it("moves kept prefixes to RAM and brings them back", async () => {
    const runner = await load(small);
    const prompts = [1, 2, 3].map((seed) => noise(300, seed));
    const first = await runner.start({ prompt: prompts[0]!, maxTokens: 8, contextLimit: 512 }).answer;
    for (const prompt of prompts.slice(1)) await runner.start({ prompt, maxTokens: 8, contextLimit: 512 }).answer;
    const stats = await runner.stats();
    expect(stats.cellsUsed).toBeLessThanOrEqual(512);
    expect(stats.prefixBytes).toBeGreaterThan(0);
    const again = await runner.start({ prompt: prompts[0]!, maxTokens: 8, contextLimit: 512 }).answer;
    expect(again.finish.cachedTokens).toBe(299);
    expect(again.text).toBe(first.text);
    await runner.close();
  });

  it("tidies up when idle: the last prefix stays, the others wait in RAM", async () => {
    const runner = await load();
    const prompts = [1, 2, 3].map((seed) => noise(200, seed));
    const before = await Promise.all(prompts.map((prompt) => runner.start({ prompt, maxTokens: 8 }).answer));
    // Each question about the state comes between two turns, and a turn puts one prefix away.
    let stats = await runner.stats();
    for (let i = 0; i < 200 && (stats.cellsUsed > 207 || stats.prefixes < 3); i++) stats = await runner.stats();
    // The one that stayed is in RAM as well, ready to make way.
    expect(stats).toMatchObject({ cellsUsed: 207, prefixes: 3 });
    for (const [i, prompt] of prompts.entries()) {
      const again = await runner.start({ prompt, maxTokens: 8 }).answer;
      expect(again.finish.cachedTokens).toBe(199);
      expect(again.text).toBe(before[i]!.text);
    }
    await runner.close();
  });

  it("keeps nothing in RAM when told so", async () => {
    const runner = await load({ ...small, prefixBytes: 0 });
    for (const seed of [1, 2, 3]) await runner.start({ prompt: noise(300, seed), maxTokens: 8, contextLimit: 512 }).answer;
    expect((await runner.stats()).prefixBytes).toBe(0);
    expect(
      (await runner.start({ prompt: noise(300, 1), maxTokens: 8, contextLimit: 512 }).answer).finish.cachedTokens,
    ).toBeLessThanOrEqual(1);
    await runner.close();
  });

  it("serves requests that do not fit together one after the other, with the same answers", async () => {
    const runner = await load(small);
    const request = (seed: number) => ({ prompt: noise(100, seed), maxTokens: 120, contextLimit: 512, ignoreEos: true });
    const alone: string[] = [];
    for (const seed of [1, 2, 3, 4]) alone.push((await runner.start(request(seed)).answer).text);
    // Together they need 880 cells of 512.
    const together = await Promise.all([1, 2, 3, 4].map((seed) => runner.start(request(seed)).answer));
    expect(together.map((answer) => answer.finish)).toEqual(
      together.map(() => expect.objectContaining({ reason: "length", generatedTokens: 120 })),
    );
    expect(together.map((answer) => answer.text)).toEqual(alone);
    expect((await runner.stats()).activeSequences).toBe(0);
    await runner.close();
  });

  it("goes on past a full window by dropping its middle, or ends", async () => {
    const runner = await load();
    const prompt = noise(100);
    const request = { prompt, contextLimit: 128, maxTokens: 200, ignoreEos: true, keep: 10 };
    const shifted = await runner.start(request).answer;
    expect(shifted.finish).toMatchObject({ reason: "length", generatedTokens: 200 });
    // 11 tokens stay (BOS and 10), half of the other 117 goes each time.
    expect(shifted.finish.shiftedTokens % 58).toBe(0);
    expect(shifted.finish.shiftedTokens).toBeGreaterThan(0);
    const ended = await runner.start({ ...request, shift: false }).answer;
    expect(ended.finish).toMatchObject({ reason: "length", generatedTokens: 28, shiftedTokens: 0 });
    expect(shifted.text.startsWith(ended.text)).toBe(true);
    // A window whose cells others share is shifted for itself alone.
    const [a, b] = await Promise.all([runner.start(request).answer, runner.start({ ...request, maxTokens: 27 }).answer]);
    expect(a.text).toBe(shifted.text);
    expect(shifted.text.startsWith(b.text)).toBe(true);
    expect((await runner.start({ ...request, keep: -1 }).answer).finish.generatedTokens).toBe(200);
    expect((await runner.start({ ...request, prompt: prompt.slice(0, 3), contextLimit: 4 }).answer).finish.generatedTokens).toBe(
      200,
    );
    await runner.close();
  });
});

describe.skipIf(!hasShared)("resize (needs ../shared)", () => {
  let runner: Runner;
  beforeEach(async () => {
    runner = await load({ shape: { cells: 512, sequences: 2, batch: 256 } });
  });
  afterEach(() => runner.close());

  it("makes the cache larger and keeps prefixes", async () => {
    const prompt = noise(300);
    const before = await runner.start({ prompt, contextLimit: 512, maxTokens: 8 }).answer;
    const { info } = await runner.ask("resized", { type: "resize", shape: { cells: 1024, sequences: 4, batch: 256 } });
    expect(info.shape).toEqual({ cells: 1024, sequences: 4, batch: 256 });
    const after = await runner.start({ prompt, contextLimit: 1024, maxTokens: 8 }).answer;
    expect(after.finish.cachedTokens).toBe(299);
    expect(after.text).toBe(before.text);
    const long = await runner.start({ prompt: noise(900, 3), contextLimit: 1024, maxTokens: 4 }).answer;
    expect(long.finish.reason).toBe("length");
  });

  it("carries running answers over", async () => {
    const request = { prompt: noise(100), contextLimit: 512, maxTokens: 150, ignoreEos: true };
    const alone = await runner.start(request).answer;
    let resized: Promise<unknown> | undefined;
    const moved = await runner.start(request, (event) => {
      if (event.count >= 20)
        resized ??= runner.ask("resized", { type: "resize", shape: { cells: 1024, sequences: 4, batch: 256 } });
    }).answer;
    await resized;
    expect(moved.text).toBe(alone.text);
    expect(moved.finish.generatedTokens).toBe(150);
  });

  it("stays as it is when the new size is impossible", async () => {
    await expect(
      runner.ask("resized", { type: "resize", shape: { cells: 2 ** 31, sequences: 2, batch: 256 } }),
    ).rejects.toMatchObject({ status: 400 });
    expect(
      (await runner.start({ prompt: noise(50), contextLimit: 512, maxTokens: 4, sampling: greedy }).answer).finish.reason,
    ).toBe("length");
    expect((await runner.stats()).cells).toBe(512);
  });
});
