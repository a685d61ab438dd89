/** Memory that cannot be cut at will: nothing may be reused wrongly, and what is whole must be reused. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeMamba, writeSlidingWindow } from "./odd-models.ts";
import { hasShared, Runner } from "./runner.ts";

const noise = (count: number, seed = 1) =>
  Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 259 + ((i * 7919 * seed + seed * seed * 31) % 250)));
const models = [
  { name: "a recurrent model", write: writeMamba },
  { name: "a sliding-window model", write: writeSlidingWindow },
];

describe.skipIf(!hasShared).each(models)("$name (needs ../shared)", ({ write }) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "puna-odd-"));
  const file = path.join(folder, "model.gguf");
  const shape = { cells: 1024, sequences: 4, batch: 256 };
  let runner: Runner;
  const ask = (prompt: number[], maxTokens = 16) =>
    runner.start({ prompt, maxTokens, contextLimit: 1024, ignoreEos: true, shift: false }).answer;
  beforeAll(async () => {
    await write(file);
    ({ runner } = await Runner.load(file, { shape }));
  });
  afterAll(async () => {
    await runner.close();
    rmSync(folder, { recursive: true });
  });

  it("goes on from a whole conversation, and from nothing less", async () => {
    const prompt = noise(150);
    const first = await ask(prompt);
    expect(first.finish).toMatchObject({ reason: "length", cachedTokens: 0 });
    const again = await ask(prompt);
    expect(again.finish.cachedTokens).toBe(0);
    expect(again.finish.tokens).toEqual(first.finish.tokens);
    const next = [...prompt, ...first.finish.tokens, 300, 301];
    const followed = await ask(next);
    expect(followed.finish.cachedTokens).toBe(150 + 16 - 1);
    const { runner: fresh } = await Runner.load(file, { shape });
    const alone = await fresh.start({ prompt: next, maxTokens: 16, contextLimit: 1024, ignoreEos: true }).answer;
    await fresh.close();
    expect(followed.finish.tokens).toEqual(alone.finish.tokens);
  });

  it("gives the same answers to several at once, before and after cancels and a resize", async () => {
    const prompts = [3, 4, 5, 6].map((seed) => noise(60 + 10 * seed, seed));
    const alone: number[][] = [];
    for (const prompt of prompts) alone.push((await ask(prompt, 40)).finish.tokens);
    const together = () => Promise.all(prompts.map((prompt) => ask(prompt, 40).then((answer) => answer.finish.tokens)));
    expect(await together()).toEqual(alone);
    const others = together();
    for (let i = 0; i < 10; i++) {
      const cancelled = runner.start({ prompt: noise(900, 20 + i), contextLimit: 1024 });
      cancelled.cancel();
      expect((await cancelled.answer).finish.reason).toBe("cancel");
    }
    expect(await others).toEqual(alone);
    await runner.ask("resized", { type: "resize", shape: { ...shape, cells: 2048 } });
    expect(await together()).toEqual(alone);
    expect((await runner.stats()).activeSequences).toBe(0);
  });

  it("ends at a full window", async () => {
    const { finish } = await runner.start({ prompt: noise(100, 40), contextLimit: 128, maxTokens: 400, ignoreEos: true }).answer;
    expect(finish.reason).toBe("length");
    expect(finish.shiftedTokens).toBe(0);
    expect(finish.generatedTokens).toBeLessThanOrEqual(29);
  });
});
