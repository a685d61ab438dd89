/** Damaged model files that llama.cpp's loader refuses by itself. Those that would end the process are found earlier, by models/gguf/check.ts. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readGguf } from "../models/gguf/read.ts";
import { Batch } from "./batch.ts";
import { Context } from "./context.ts";
import { Model } from "./model.ts";
import { Sampler } from "./sampler.ts";

const stories = path.resolve(import.meta.dirname, "../../../shared/data/models/stories260K.gguf");

describe.skipIf(!existsSync(stories))("a damaged model (needs ../shared)", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "puna-hostile-"));
  const file = path.join(folder, "damaged.gguf");
  afterAll(() => rmSync(folder, { recursive: true }));
  // Tables of cases are built even where they are skipped.
  const whole = existsSync(stories) ? readFileSync(stories) : Buffer.alloc(8192);

  function patched(at: number, ...bytes: number[]): Buffer {
    const copy = Buffer.from(whole);
    copy.set(bytes, at);
    return copy;
  }

  it.each([
    ["empty", Buffer.alloc(0)],
    ["wrong magic", patched(0, 0x47, 0x47, 0x4d, 0x4c)],
    ["version 99", patched(4, 99)],
    ["2^63 tensors", patched(8, 0, 0, 0, 0, 0, 0, 0, 0x80)],
    ["2^62 metadata entries", patched(16, 0, 0, 0, 0, 0, 0, 0, 0x40)],
    ["a key of 2^40 bytes", patched(24, 0, 0, 0, 0, 0, 1, 0, 0)],
    ["cut in the header", whole.subarray(0, 500)],
    ["cut in the vocabulary", whole.subarray(0, 5000)],
    ["cut in the weights", whole.subarray(0, whole.length - 5000)],
  ])("%s is refused with its name and a reason", (_name, bytes) => {
    writeFileSync(file, bytes);
    expect(() => Model.load(file)).toThrow(/model file ".*damaged\.gguf" cannot be loaded: (?!llama\.cpp gave no reason)\S+/);
  });

  it("of NaN weights is found when looked through, and else gives tokens of the vocabulary", async () => {
    const header = await readGguf(stories);
    const copy = Buffer.from(whole);
    for (const { name, offset, size } of header.tensors) {
      if (!name.startsWith("output")) continue;
      for (let at = 0; at < size; at += 4) copy.writeFloatLE(Number.NaN, header.dataOffset + offset + at);
    }
    writeFileSync(file, copy);
    expect(() => Model.load(file, { checkTensors: true })).toThrow("tensor 'output_norm.weight' has invalid data");
    using model = Model.load(file);
    using context = new Context(model, { cells: 256, batch: 8 });
    using batch = new Batch(1);
    batch.add(1, 0, 0, true);
    context.decode(batch);
    expect(context.logits(0)[0]).toBeNaN();
    using chain = Sampler.chain(model, [
      { type: "top_k", k: 40 },
      { type: "temp", t: 0.8 },
      { type: "dist", seed: 1 },
    ]);
    expect(chain.sample(context, 0)).toBeLessThan(model.vocabularySize);
  });
});
