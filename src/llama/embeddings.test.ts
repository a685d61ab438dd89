/** Pooled embeddings and rank scores of packed texts. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readGguf } from "../models/gguf/read.ts";
import { writeGguf } from "../models/gguf/write.ts";
import { Batch } from "./batch.ts";
import { Context } from "./context.ts";
import { Model } from "./model.ts";

const shared = path.resolve(import.meta.dirname, "../../../shared/data/models");
const potion = path.join(shared, "potion-base-4M.static-bert.f16.gguf");
const lexical = path.join(shared, "lexical-zh-en.static-bert.f16.gguf");

function embed(context: Context, texts: string[], addSpecial = true): Float32Array[] {
  using batch = new Batch(context.nUbatch);
  texts.forEach((text, sequence) => {
    context.model.tokenize(text, { addSpecial }).forEach((token, pos) => {
      batch.add(token, pos, sequence, true);
    });
  });
  expect(context.encode(batch)).toBe(0);
  return texts.map((_, sequence) => context.embeddingsOf(sequence));
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe.skipIf(!existsSync(potion))("embeddings (needs ../shared)", () => {
  let model: Model;
  beforeAll(() => {
    model = Model.load(potion);
  });
  afterAll(() => model.close());
  const sentences = ["The cat sat on the mat.", "A kitten is resting on the rug.", "The stock market fell."];

  it("of English sentences are as near as their README says", () => {
    using context = new Context(model, { cells: 512, batch: 512, sequences: 8, embeddings: true });
    const [cat, kitten, market] = embed(context, sentences);
    expect(context.poolingType).toBe("mean");
    expect(cat!.length).toBe(160);
    expect(cosine(cat!, kitten!)).toBeCloseTo(0.435, 3);
    expect(cosine(cat!, market!)).toBeCloseTo(0.063, 3);
    expect(() => context.embeddingsOf(7)).toThrow("no pooled embedding of sequence 7");
  });

  it("do not depend on what else is in the batch", () => {
    using context = new Context(model, { cells: 512, batch: 512, sequences: 8, embeddings: true });
    const together = embed(context, sentences);
    for (const [i, text] of sentences.entries()) expect(cosine(embed(context, [text])[0]!, together[i]!)).toBeCloseTo(1, 5);
  });

  it("follow the pooling that was asked for", () => {
    using context = new Context(model, { cells: 512, batch: 512, sequences: 8, embeddings: true, pooling: "cls" });
    using mean = new Context(model, { cells: 512, batch: 512, sequences: 8, embeddings: true, pooling: "mean" });
    using none = new Context(model, { cells: 512, batch: 512, sequences: 8, embeddings: true, pooling: "none" });
    // Without [CLS], which is a zero vector in this model.
    const [first] = embed(context, sentences, false);
    expect(cosine(first!, embed(mean, sentences, false)[0]!)).toBeLessThan(0.99);
    using batch = new Batch(16);
    model.tokenize(sentences[0]!, { addSpecial: false }).forEach((token, pos) => {
      batch.add(token, pos, 0, true);
    });
    none.encode(batch);
    expect(cosine(none.embeddingsAt(0), first!)).toBeCloseTo(1, 5);
    expect(() => none.embeddingsOf(0)).toThrow("no pooled embedding");
  });

  it("of Chinese words share what they share", () => {
    using chinese = Model.load(lexical);
    using context = new Context(chinese, { cells: 512, batch: 512, sequences: 8, embeddings: true });
    const [a, b, c] = embed(context, ["今天天气很好", "今天天气不错", "数据库索引"]);
    expect(cosine(a!, b!)).toBeGreaterThan(cosine(a!, c!) + 0.2);
  });

  it("never take more than one micro-batch, which would end the process", () => {
    using context = new Context(model, { cells: 512, batch: 512, microBatch: 64, sequences: 8, embeddings: true });
    using batch = new Batch(65);
    for (let i = 0; i < 65; i++) batch.add(5, i, 0, true);
    expect(() => context.encode(batch)).toThrow("a batch of 65 tokens is more than the 64 of this context");
  });

  it("become scores where the model has a classifier", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "puna-rank-"));
    try {
      const file = path.join(folder, "rank.gguf");
      await addClassifier(potion, file, model.embeddingLength);
      using ranker = Model.load(file);
      expect(ranker.classCount).toBe(2);
      expect(ranker.classLabels).toEqual(["no", "yes"]);
      using context = new Context(ranker, { cells: 512, batch: 512, sequences: 8, embeddings: true, pooling: "rank" });
      expect(context.poolingType).toBe("rank");
      const scores = embed(context, sentences, false);
      using cls = new Context(model, { cells: 512, batch: 512, sequences: 8, embeddings: true, pooling: "cls" });
      embed(cls, sentences, false).forEach((embedding, i) => {
        // The classifier's rows pick the first and the second dimension.
        expect(scores[i]!.length).toBe(2);
        expect(scores[i]![0]).toBeCloseTo(embedding[0]!, 4);
        expect(scores[i]![1]).toBeCloseTo(embedding[1]!, 4);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The same model with a classification head of two classes. */
async function addClassifier(from: string, to: string, width: number): Promise<void> {
  const header = await readGguf(from, { maxArray: Number.POSITIVE_INFINITY });
  const head = new Float32Array(width * 2);
  head[0] = 1;
  head[width + 1] = 1;
  const metadata = [...header.metadata].map(([key, value]) => ({ key, type: header.metadataTypes.get(key)!, value }));
  const labels = { type: 8, length: 2, items: ["no", "yes"] };
  await writeGguf(to, {
    metadata: [...metadata, { key: `${header.architecture}.classifier.output_labels`, type: 9, value: labels }],
    tensors: [
      ...header.tensors.map(({ name, shape, type, offset, size }) => {
        return { name, shape, type, data: { path: from, start: header.dataOffset + offset, size } };
      }),
      { name: "cls.output.weight", shape: [width, 2], type: 0, data: new Uint8Array(head.buffer) },
    ],
  });
}
