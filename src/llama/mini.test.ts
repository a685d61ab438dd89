/** The binding on the bundled model: what a clone without ../shared can test. */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Batch } from "./batch.ts";
import { Context } from "./context.ts";
import { GrammarSampler } from "./grammar-sampler.ts";
import { Model } from "./model.ts";
import { quantize } from "./quantize.ts";
import { Sampler } from "./sampler.ts";
import { loadSequence, saveSequence } from "./state-file.ts";

const mini = path.resolve(import.meta.dirname, "../../models/mini/mini.gguf");

describe.skipIf(!existsSync(mini))("the bundled model (needs models/mini/mini.gguf)", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "puna-mini-"));
  const batch = new Batch(256);
  let model: Model;
  let context: Context;

  beforeAll(() => {
    model = Model.load(mini);
    context = new Context(model, { cells: 512, batch: 256, sequences: 4 });
  });
  afterAll(() => {
    model.close();
    batch.close();
    rmSync(folder, { recursive: true });
  });

  function prefill(sequence: number, text: string): Int32Array {
    const tokens = model.tokenize(text);
    batch.clear();
    for (const [i, token] of tokens.entries()) batch.add(token, i, sequence, i === tokens.length - 1);
    expect(context.decode(batch)).toBe(0);
    return tokens;
  }

  function go(sequence: number, from: number, choose: () => number, most = 24): number[] {
    const tokens: number[] = [];
    for (let pos = from; tokens.length < most; pos++) {
      const token = choose();
      if (model.isEog(token)) break;
      tokens.push(token);
      batch.clear();
      batch.add(token, pos, sequence, true);
      expect(context.decode(batch)).toBe(0);
    }
    return tokens;
  }

  const text = (tokens: number[]) => Buffer.concat(tokens.map((token) => model.piece(token))).toString();

  it("has a chat template and an end of generation", () => {
    expect(model.chatTemplate()).toContain("messages");
    expect(model.eos ?? model.eot).toBeDefined();
    expect(model.metadata().get("general.architecture")).toBe("llama");
  });

  it("goes on from a state file as it would have", () => {
    const file = path.join(folder, "state.bin");
    using greedy = Sampler.chain(model, [{ type: "greedy" }]);
    const tokens = prefill(0, "The answer is in the passage. 答案在文中。");
    saveSequence(context, 0, file, tokens);
    const first = greedy.sample(context, -1);
    expect([...loadSequence(context, 1, file)]).toEqual([...tokens]);
    expect(context.memory.posMax(1)).toBe(tokens.length - 1);
    const continued = [0, 1].map((sequence) => {
      let next: number | undefined = first;
      return go(sequence, tokens.length, () => {
        const token = next ?? greedy.sample(context, -1);
        next = undefined;
        return token;
      });
    });
    expect(continued[1]).toEqual(continued[0]);
  });

  it("keeps a grammar", () => {
    context.memory.clear();
    using grammar = GrammarSampler.create(model, 'root ::= "[" ("\\"" [a-z猫犬]{1,3} "\\",")? [1-9] [0-9]? "]"');
    using chain = Sampler.chain(model, [
      { type: "temp", t: 1 },
      { type: "dist", seed: 3 },
    ]);
    const { length } = prefill(2, "[1");
    expect(Array.isArray(JSON.parse(text(go(2, length, () => grammar.sample(context, -1, chain), 60))))).toBe(true);
  });

  it("can be quantised", () => {
    const file = path.join(folder, "small.gguf");
    quantize(mini, file, { type: "q4_0", allowRequantize: true });
    expect(statSync(file).size).toBeLessThan(statSync(mini).size);
    Model.load(file).close();
  });
});
