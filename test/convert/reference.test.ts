/**
 * Converted models against what transformers computes with the same weights (test/fixtures/convert/make.py): the same
 * tokens, and logits or embeddings within the tolerance below.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Batch } from "../../src/llama/batch.ts";
import { Context } from "../../src/llama/context.ts";
import { Model } from "../../src/llama/model.ts";
import { convertFolder } from "../../src/models/convert/convert.ts";
import { difference, filesOf, fixture } from "./fixtures.ts";

interface Case {
  text: string;
  tokens: number[];
  middle?: number[];
  last?: number[];
  embedding?: number[];
}

/**
 * The largest difference, as a part of the reference's standard deviation. With F32 weights only the order of sums and the
 * rounding of the kept reference differ. F16 matrices are multiplied by activations that are rounded to F16 as well.
 */
const tolerance = { F32: 0.002, F16: 0.01, BF16: 0.1 } as const;

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-convert-"));
afterAll(() => rmSync(folder, { recursive: true }));

const names = [
  "llama",
  "mistral",
  "mixtral",
  "qwen2",
  "qwen3",
  "gemma",
  "gemma2",
  "gemma3",
  "phi3",
  "bert",
  "xlm-roberta",
  "nomic-bert",
];

describe.each(names)("%s", (name) => {
  const { cases } = JSON.parse(readFileSync(path.join(fixture(name), "expected.json"), "utf8")) as { cases: Case[] };

  it.each(["F32", "F16", "BF16"] as const)("as %s", async (type) => {
    const output = path.join(folder, `${name}-${type}.gguf`);
    await convertFolder({ files: filesOf(name), output, type });
    using model = Model.load(output);
    for (const { text, tokens } of cases) expect([text, ...model.tokenize(text)]).toEqual([text, ...tokens]);
    const embeds = cases[0]?.embedding !== undefined;
    using context = new Context(model, {
      cells: 256,
      batch: 256,
      sequences: 1,
      embeddings: embeds,
      kvType: "f32",
      flashAttention: false,
    });
    for (const { tokens, middle, last, embedding } of cases) {
      using batch = new Batch(256);
      for (const [i, token] of tokens.entries()) batch.add(token, i, 0, true);
      if (embedding) {
        expect(context.encode(batch)).toBe(0);
        expect(difference(context.embeddingsOf(0), embedding)).toBeLessThan(tolerance[type]);
        continue;
      }
      context.memory.clear();
      expect(context.decode(batch)).toBe(0);
      if (middle) expect(difference(context.logits(Math.floor(tokens.length / 2)), middle)).toBeLessThan(tolerance[type]);
      if (last) expect(difference(context.logits(tokens.length - 1), last)).toBeLessThan(tolerance[type]);
    }
  });
});
