/** Vectors through the runner's front door. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunnerInfo } from "../../src/engine/protocol.ts";
import { hasShared, Runner } from "./runner.ts";

const cosine = (a: Float32Array, b: Float32Array) => {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

describe.skipIf(!hasShared)("potion-base-4M (needs ../shared)", () => {
  let runner: Runner;
  let info: RunnerInfo;
  beforeAll(async () => {
    ({ runner, info } = await Runner.load("potion-base-4M.static-bert.f16.gguf"));
  });
  afterAll(() => runner.close());

  it("is an embedder", async () => {
    expect(info).toMatchObject({ pooling: "mean", embeddingLength: 160, hasDecoder: false, canShift: false });
    await expect(runner.generate({ prompt: [101] })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining("does not support generate"),
    });
  });

  it("finds like meanings close", async () => {
    const texts = ["The cat sat on the mat", "A kitten is resting on the rug", "The stock market fell sharply today"];
    const inputs = await Promise.all(texts.map((text) => runner.tokenize(text)));
    const [cat, kitten, stocks] = await runner.embed(inputs);
    expect(cat).toHaveLength(160);
    expect(cosine(cat!, kitten!)).toBeGreaterThan(cosine(cat!, stocks!) + 0.2);
  });

  it("gives each of many texts the vector that it has alone, in order", async () => {
    const words = ["cat", "dog", "house", "river", "market", "music", "paper", "stone"];
    const texts = Array.from({ length: 300 }, (_, i) =>
      Array.from({ length: 1 + (i % 17) }, (_, k) => words[(i * 3 + k * 5) % 8]).join(" "),
    );
    const inputs = await Promise.all(texts.map((text) => runner.tokenize(text)));
    const packed = await runner.embed(inputs);
    for (const i of [0, 1, 16, 77, 150, 299]) {
      const [alone] = await runner.embed([inputs[i]!]);
      expect(cosine(alone!, packed[i]!)).toBeGreaterThan(0.9999);
    }
    const several = await Promise.all(inputs.slice(0, 20).map((input) => runner.embed([input])));
    several.forEach(([vector], i) => {
      expect(cosine(vector!, packed[i]!)).toBeGreaterThan(0.9999);
    });
  });

  it("refuses texts that are too long or empty, with the documented words", async () => {
    const long = Array.from({ length: info.trainedContext + 2049 }, () => 2003);
    await expect(runner.embed([long])).rejects.toMatchObject({
      status: 400,
      message: "the input length exceeds the context length",
    });
    await expect(runner.embed([[]])).rejects.toMatchObject({ status: 400 });
    expect(await runner.embed([])).toEqual([]);
    const fits = Array.from({ length: Math.min(info.trainedContext, 1500) }, () => 2003);
    expect((await runner.embed([fits]))[0]).toHaveLength(160);
  });
});

describe.skipIf(!hasShared)("a chat model's vectors (needs ../shared)", () => {
  let runner: Runner;
  beforeAll(async () => {
    ({ runner } = await Runner.load("stories260K.gguf"));
  });
  afterAll(() => runner.close());

  it("embeds beside generating, with a chosen pooling", async () => {
    const dog = await runner.tokenize("The dog likes to play in the park");
    const generating = runner.generate({ prompt: "Once upon a time", maxTokens: 60 });
    const [mean, same] = await runner.embed([dog, dog]);
    const [last] = await runner.embed([dog], "last");
    const [all] = await runner.embed([dog], "none");
    expect(mean).toHaveLength(64);
    expect(cosine(mean!, same!)).toBeGreaterThan(0.9999);
    expect(cosine(mean!, last!)).toBeLessThan(0.999);
    expect(all).toHaveLength(64 * dog.length);
    expect(cosine(all!.subarray(-64), last!)).toBeGreaterThan(0.9999);
    expect((await generating).text).toContain("Lily");
  });
});
