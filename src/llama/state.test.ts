/** State of sequences to bytes and files, adapters, and quantising. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writeGguf } from "../models/gguf/write.ts";
import { Batch } from "./batch.ts";
import { Context } from "./context.ts";
import { Lora } from "./lora.ts";
import { Model } from "./model.ts";
import { quantize } from "./quantize.ts";
import { getSequence, getState, sequenceSize, setSequence, setState, stateSize } from "./state.ts";
import { loadSequence, saveSequence } from "./state-file.ts";

const shared = path.resolve(import.meta.dirname, "../../../shared/data/models");
const stories = path.join(shared, "stories260K.gguf");

describe.skipIf(!existsSync(stories))("stories260K (needs ../shared)", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "puna-state-"));
  const batch = new Batch(64);
  let model: Model;
  let context: Context;
  let prompt: Int32Array;

  beforeAll(() => {
    model = Model.load(stories);
    context = new Context(model, { cells: 256, batch: 64, sequences: 4 });
    prompt = model.tokenize("Once upon a time, there was a little girl");
  });
  beforeEach(() => context.memory.clear());
  afterAll(() => {
    model.close();
    batch.close();
    rmSync(folder, { recursive: true });
  });

  function logitsOf(tokens: Int32Array, sequence: number, from = 0): Float32Array {
    batch.clear();
    tokens.forEach((token, i) => {
      batch.add(token, from + i, sequence, i === tokens.length - 1);
    });
    expect(context.decode(batch)).toBe(0);
    return context.logits(-1).slice();
  }

  function farthest(a: Float32Array, b: Float32Array): number {
    return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
  }

  describe("the state of a sequence", () => {
    it("goes through a file with its tokens", () => {
      const file = path.join(folder, "sequence.bin");
      const whole = logitsOf(prompt, 0);
      context.memory.clear();
      logitsOf(prompt.subarray(0, -1), 0);
      const written = saveSequence(context, 0, file, prompt);
      expect(written).toBe(statSync(file).size);
      expect([...loadSequence(context, 3, file)]).toEqual([...prompt]);
      expect(context.memory.posMax(3)).toBe(prompt.length - 2);
      // Another batch shape may differ in the last bits.
      expect(farthest(logitsOf(prompt.subarray(-1), 3, prompt.length - 1), whole)).toBeLessThan(1e-4);
    });

    it("is refused with a reason when the file is damaged, and leaves nothing behind", () => {
      const file = path.join(folder, "damaged.bin");
      logitsOf(prompt, 0);
      saveSequence(context, 0, file, prompt);
      const whole = readFileSync(file);
      const flipped = Buffer.from(whole);
      flipped[3000] = (flipped[3000] ?? 0) ^ 1;
      const faults: [Buffer, string][] = [
        [whole.subarray(0, 700), "it is cut or too long"],
        [whole.subarray(0, 10), "it is no state file"],
        [Buffer.concat([whole, Buffer.from("x")]), "it is cut or too long"],
        [flipped, "its checksum is wrong"],
        [Buffer.from("not a state at all, whatever it is"), "it is no state file"],
      ];
      for (const [bytes, problem] of faults) {
        writeFileSync(file, bytes);
        expect(() => loadSequence(context, 1, file)).toThrow(`damaged.bin" cannot be used: ${problem}`);
      }
      expect(() => loadSequence(context, 1, path.join(folder, "absent.bin"))).toThrow('absent.bin" cannot be read');
      expect(() => saveSequence(context, 0, path.join(folder, "no/folder.bin"), prompt)).toThrow("could not be written");
      expect(context.memory.posMax(1)).toBe(-1);
      expect(context.memory.posMax(0)).toBe(prompt.length - 1);
    });

    it("is refused when bytes are missing or there is no room", () => {
      logitsOf(prompt, 0);
      const bytes = getSequence(context, 0);
      expect(bytes.length).toBe(sequenceSize(context, 0));
      expect(setSequence(context, 1, bytes.subarray(0, bytes.length - 1))).toBe(false);
      expect(setSequence(context, 1, new Uint8Array())).toBe(false);
      expect(setSequence(context, 1, new Uint8Array(100).fill(7))).toBe(false);
      expect(context.memory.posMax(1)).toBe(-1);
      for (let i = 0; i < 20; i++) {
        batch.clear();
        for (let j = 0; j < 12; j++) batch.add(300, i * 12 + j, 2, false);
        if (context.decode(batch) !== 0) break;
      }
      expect(setSequence(context, 1, bytes)).toBe(false);
      expect(context.memory.posMax(0)).toBe(prompt.length - 1);
    });

    it("of every sequence goes in one piece", () => {
      const first = logitsOf(prompt.subarray(0, 3), 0);
      const bytes = getState(context);
      expect(bytes.length).toBeLessThanOrEqual(stateSize(context));
      context.memory.clear();
      expect(setState(context, bytes)).toBe(true);
      expect(context.memory.posMax(0)).toBe(2);
      expect(farthest(context.logits(-1), first)).toBe(0);
      expect(setState(context, bytes.subarray(0, 10))).toBe(false);
    });
  });

  describe("memory", () => {
    it("shifts, keeps and removes positions", () => {
      logitsOf(prompt, 0);
      logitsOf(prompt, 1);
      expect(context.memory.remove(0, 2, 5)).toBe(true);
      context.memory.add(0, 5, -1, -3);
      expect([context.memory.posMin(0), context.memory.posMax(0)]).toEqual([0, prompt.length - 4]);
      expect(context.memory.posMax(1)).toBe(prompt.length - 1);
      context.memory.keep(1);
      expect(context.memory.posMax(0)).toBe(-1);
      expect(context.memory.canShift).toBe(true);
    });

    it("moves shared cells for every sequence that shares them", () => {
      logitsOf(prompt, 0);
      context.memory.copy(0, 1);
      context.memory.remove(0, 2, 5);
      context.memory.add(0, 5, -1, -3);
      expect(context.memory.posMax(1)).toBe(prompt.length - 4);
    });

    it("refuses sequences that would end the process", () => {
      for (const sequence of [-1, 256, Number.NaN]) {
        expect(() => context.memory.remove(sequence)).toThrow("is not one of 0 to 255");
        expect(() => context.memory.posMax(sequence)).toThrow("is not one of 0 to 255");
      }
      expect(() => context.memory.divide(0, 0, -1, 0)).toThrow("cannot be divided by 0");
    });
  });

  describe("a LoRA adapter", () => {
    it("changes logits while it is in force, by its scale", async () => {
      const file = path.join(folder, "lora.gguf");
      await writeLora(file, "llama");
      const plain = logitsOf(prompt, 0);
      const lora = Lora.load(model, file);
      expect(lora.metadata().get("general.type")).toBe("adapter");
      context.setLoras([{ adapter: lora, scale: 1 }]);
      expect(context.loras).toHaveLength(1);
      const full = logitsOf(prompt, 1);
      context.setLoras([{ adapter: lora, scale: 0.25 }]);
      const quarter = logitsOf(prompt, 2);
      context.setLoras([]);
      const without = logitsOf(prompt, 3);
      const distance = (a: Float32Array) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - plain[i]!) ** 2, 0));
      expect(distance(full)).toBeGreaterThan(distance(quarter));
      expect(distance(quarter)).toBeGreaterThan(0.01);
      expect(farthest(without, plain)).toBeLessThan(1e-4);
      lora.close();
      expect(() => lora.pointer).toThrow("the adapter is closed");
    });

    it("is refused for another model, and when it is none", async () => {
      const file = path.join(folder, "other.gguf");
      await writeLora(file, "gemma");
      expect(() => Lora.load(model, file)).toThrow(/other.gguf" cannot be loaded: .*arch/);
      expect(() => Lora.load(model, stories)).toThrow(/stories260K.gguf" cannot be loaded/);
      expect(() => Lora.load(model, path.join(folder, "absent.gguf"))).toThrow("cannot be read");
    });
  });

  describe("quantize", () => {
    it("writes a smaller model that still works", () => {
      const file = path.join(folder, "q8_0.gguf");
      quantize(stories, file, { type: "q8_0" });
      expect(statSync(file).size).toBeLessThan(statSync(stories).size / 2);
      using small = Model.load(file);
      expect(small.fileType).toBe("Q8_0");
      using other = new Context(small, { cells: 256, batch: 64 });
      logitsOf(prompt, 0);
      const best = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
      const expected = best(context.logits(-1));
      other.decode(batch);
      expect(best(other.logits(-1))).toBe(expected);
    });

    it("names what is wrong", () => {
      const file = path.join(folder, "bad.gguf");
      expect(() => quantize(stories, file, { type: "Q3_X" })).toThrow("unsupported quantization type Q3_X");
      expect(() => quantize(path.join(folder, "absent.gguf"), file, { type: "Q8_0" })).toThrow("cannot be read");
      writeFileSync(file, readFileSync(stories).subarray(0, 5000));
      expect(() => quantize(file, path.join(folder, "out.gguf"), { type: "Q8_0" })).toThrow(
        /bad.gguf" could not be quantised to Q8_0: \w/,
      );
    });
  });
});

/** An adapter of rank 4 for the first layer's query weights (64 x 64). */
async function writeLora(file: string, architecture: string): Promise<void> {
  const random = (seed: number) => Float32Array.from({ length: 256 }, (_, i) => Math.sin(seed + i * 7.3));
  const tensor = (name: string, shape: number[], seed: number) => ({
    name,
    shape,
    type: 0,
    data: new Uint8Array(random(seed).buffer),
  });
  await writeGguf(file, {
    metadata: [
      { key: "general.architecture", type: 8, value: architecture },
      { key: "general.type", type: 8, value: "adapter" },
      { key: "adapter.type", type: 8, value: "lora" },
      { key: "adapter.lora.alpha", type: 6, value: 4 },
    ],
    tensors: [tensor("blk.0.attn_q.weight.lora_a", [64, 4], 1), tensor("blk.0.attn_q.weight.lora_b", [4, 64], 2)],
  });
}
