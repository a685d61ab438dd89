/** Every sampler of llama.h, and grammars that never let a wrong token through. */
import { existsSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Batch } from "./batch.ts";
import { Candidates } from "./candidates.ts";
import { Context } from "./context.ts";
import { GrammarSampler } from "./grammar-sampler.ts";
import { Model } from "./model.ts";
import { Sampler } from "./sampler.ts";
import type { SamplerStep } from "./sampler-steps.ts";

const shared = path.resolve(import.meta.dirname, "../../../shared/data/models");
const random = path.join(shared, "llama-2-tiny-random.gguf");

describe.skipIf(!existsSync(random))("samplers (needs ../shared)", () => {
  const batch = new Batch(64);
  let model: Model;
  let context: Context;
  let logits: Float32Array;

  beforeAll(() => {
    model = Model.load(random);
    context = new Context(model, { cells: 512, batch: 64 });
    decode(model.tokenize("The weather"), 0);
    logits = context.logits(-1);
  });
  afterAll(() => {
    model.close();
    batch.close();
  });

  function decode(tokens: Int32Array, from: number): void {
    batch.clear();
    tokens.forEach((token, i) => {
      batch.add(token, from + i, 0, i === tokens.length - 1);
    });
    expect(context.decode(batch)).toBe(0);
  }

  function sampleWith(...steps: SamplerStep[]): number {
    using sampler = Sampler.chain(model, steps);
    return sampler.sample(context, -1);
  }

  const ranked = () => [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!);
  const dist: SamplerStep = { type: "dist", seed: 1 };

  it("takes the best token when greedy, or when one is left", () => {
    const [best] = ranked();
    expect(sampleWith({ type: "greedy" })).toBe(best);
    expect(sampleWith({ type: "top_k", k: 1 }, dist)).toBe(best);
    expect(sampleWith({ type: "top_p", p: 0 }, dist)).toBe(best);
    expect(sampleWith({ type: "min_p", p: 1 }, dist)).toBe(best);
    expect(sampleWith({ type: "temp", t: 0 }, dist)).toBe(best);
    expect(sampleWith({ type: "top_n_sigma", n: 0.0001 }, dist)).toBe(best);
  });

  it("keeps what each step is there to keep", () => {
    const left = (...steps: SamplerStep[]) => {
      using candidates = new Candidates(model.vocabularySize);
      using sampler = Sampler.chain(model, [...steps, dist]);
      candidates.fill(logits);
      sampler.applyTo(candidates);
      return candidates.entries();
    };
    expect(left({ type: "top_k", k: 7 }).map(({ token }) => token)).toEqual(ranked().slice(0, 7));
    expect(left({ type: "top_k", k: 100 }, { type: "top_p", p: 0.01, minKeep: 5 })).toHaveLength(5);
    expect(left({ type: "typical", p: 0.5 }).length).toBeLessThan(model.vocabularySize);
    expect(left({ type: "xtc", p: 1, t: 0, seed: 3 }).length).toBeLessThan(3);
    const sum = left({ type: "top_k", k: 50 }).reduce((total, { p }) => total + p, 0);
    expect(sum).toBeCloseTo(1, 4);
  });

  it("gives the same tokens for the same seed, and others for another", () => {
    const tokens = (seed: number) => {
      using sampler = Sampler.chain(model, [
        { type: "temp", t: 2 },
        { type: "dist", seed },
      ]);
      return Array.from({ length: 20 }, () => sampler.sample(context, -1));
    };
    expect(tokens(5)).toEqual(tokens(5));
    expect(tokens(5)).not.toEqual(tokens(6));
  });

  it("starts over with reset, and goes on apart in a clone", () => {
    using sampler = Sampler.chain(model, [{ type: "temp", t: 2 }, dist]);
    const first = [sampler.sample(context, -1), sampler.sample(context, -1)];
    using clone = sampler.clone();
    expect(clone.sample(context, -1)).toBe(sampler.sample(context, -1));
    sampler.reset();
    expect([sampler.sample(context, -1), sampler.sample(context, -1)]).toEqual(first);
  });

  it("applies bias, penalties and DRY to what was accepted", () => {
    const [best = 0, second = 0] = ranked();
    const greedy: SamplerStep = { type: "greedy" };
    expect(sampleWith({ type: "logit_bias", biases: [[77, 1000]] }, greedy)).toBe(77);
    expect(sampleWith({ type: "logit_bias", biases: [[best, Number.NEGATIVE_INFINITY]] }, greedy)).toBe(second);
    using penalised = Sampler.chain(model, [{ type: "penalties", lastN: 64, repeat: 1, frequency: 0, presence: 100 }, greedy]);
    penalised.accept(best);
    expect(penalised.sample(context, -1)).toBe(second);
    using dry = Sampler.chain(model, [
      { type: "dry", multiplier: 1000, base: 2, allowedLength: 1, lastN: 64, breakers: ["\n"] },
      greedy,
    ]);
    for (const token of [500, best, 600, 500]) dry.accept(token);
    expect(dry.sample(context, -1)).toBe(second);
  });

  it("knows mirostat, dynamic temperature, adaptive-p and infill", () => {
    const chains: SamplerStep[][] = [
      [{ type: "mirostat", seed: 1, tau: 5, eta: 0.1 }],
      [{ type: "mirostat_v2", seed: 1, tau: 5, eta: 0.1 }],
      [{ type: "temp_ext", t: 1, delta: 0.5, exponent: 1 }, dist],
      [
        { type: "min_p", p: 0.01 },
        { type: "adaptive_p", target: 0.5, decay: 0.9, seed: 1 },
      ],
      [{ type: "top_k", k: 10 }, { type: "top_p", p: 0.9 }, { type: "infill" }, dist],
    ];
    for (const steps of chains) {
      using sampler = Sampler.chain(model, steps);
      for (let i = 0; i < 5; i++) expect(sampler.sample(context, -1)).toBeLessThan(model.vocabularySize);
    }
  });

  it("refuses what would end the process", () => {
    const greedy: SamplerStep = { type: "greedy" };
    expect(() => Sampler.chain(model, [])).toThrow("a sampling chain ends with one of greedy");
    expect(() => Sampler.chain(model, [greedy, { type: "top_k", k: 3 }])).toThrow("a sampling chain ends with one of greedy");
    expect(() => sampleWith({ type: "temp", t: Number.NaN }, dist)).toThrow("temp: t must be a number, not NaN");
    expect(() => sampleWith({ type: "penalties", lastN: 4, repeat: 0, frequency: 0, presence: 0 }, greedy)).toThrow(
      "penalties: repeat must be a number above 0, not 0",
    );
    expect(() => sampleWith({ type: "logit_bias", biases: [[99_999, 1]] }, greedy)).toThrow(
      "token 99999 is not in the vocabulary",
    );
    using sampler = Sampler.chain(model, [greedy]);
    expect(() => sampler.sample(context, 3)).toThrow("the last batch has no logits for index 3");
    sampler.close();
    expect(() => sampler.sample(context, -1)).toThrow("the sampler is closed");
  });

  describe("a grammar", () => {
    it("allows its tokens only, and refuses others without ending the process", () => {
      using grammar = GrammarSampler.create(model, 'root ::= "yes" | "no"');
      const [yes, no, maybe] = ["yes", "no", "maybe"].map((text) => model.tokenize(text, { addSpecial: false }).at(-1)!);
      // A SentencePiece token may carry the leading space.
      const allowed = [yes!, no!].filter((token) => grammar.allows(token));
      expect(grammar.allows(maybe!)).toBe(false);
      expect(grammar.allows(model.eos!)).toBe(false);
      expect(() => grammar.accept(maybe!)).toThrow(`the grammar does not allow token ${maybe}`);
      for (const token of allowed) {
        using branch = grammar.clone();
        branch.accept(token);
        expect(branch.allows(model.eos!)).toBe(true);
      }
    });

    const text = (tokens: number[]) => Buffer.concat(tokens.map((token) => model.piece(token))).toString();

    it.each(["sample", "sampleMasked"] as const)("is kept by %s for any seed", (method) => {
      const object = String.raw`root ::= "{\"n\": " number ", \"t\": \"" [a-zé猫]{2,4} "\"}"`;
      const gbnf = `${object}\nnumber ::= "-"? [1-9] [0-9]{0,3}`;
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 2 ** 32 - 2 }), (seed) => {
          using grammar = GrammarSampler.create(model, gbnf);
          using chain = Sampler.chain(model, [
            { type: "temp", t: 1.5 },
            { type: "dist", seed },
          ]);
          context.memory.clear();
          decode(model.tokenize("Hi"), 0);
          const tokens: number[] = [];
          for (let pos = 2; pos < 60; pos++) {
            const token = grammar[method](context, -1, chain);
            if (model.isEog(token)) break;
            tokens.push(token);
            decode(Int32Array.of(token), pos);
          }
          const value = JSON.parse(text(tokens));
          expect(value.t).toMatch(/^[a-zé猫]{2,4}$/);
          expect(Number.isInteger(value.n)).toBe(true);
        }),
        { numRuns: 8 },
      );
    });

    it("sleeps until its trigger when it is lazy", () => {
      const lazy = { patterns: ["[\\s\\S]*?(go:[\\s\\S]*)"], tokens: [] };
      using grammar = GrammarSampler.create(model, 'root ::= "go:" [0-9]+', { lazy });
      const pieces = model.tokenize("so go:", { addSpecial: false });
      for (const token of pieces) grammar.accept(token);
      const digit = model.tokenize("7", { addSpecial: false }).at(-1)!;
      const letter = model.tokenize("x", { addSpecial: false }).at(-1)!;
      expect([grammar.allows(digit), grammar.allows(letter)]).toEqual([true, false]);
    });

    it("is refused when it does not parse", () => {
      for (const bad of ["root ::= foo(", 'start ::= "a"', "", 'root ::= "a\0b"', "root ::= root"]) {
        expect(() => GrammarSampler.create(model, bad), bad).toThrow("invalid grammar");
      }
      const nested = (depth: number) => `root ::= ${"(".repeat(depth)}"a"${")".repeat(depth)}`;
      expect(() => GrammarSampler.create(model, nested(50_000))).toThrow("nests parentheses more than 200 deep");
      expect(() => GrammarSampler.create(model, `root ::= ${'"a" | '.repeat(100_000)}"b"`)).toThrow("has 600012 characters");
      GrammarSampler.create(model, nested(200)).close();
      GrammarSampler.create(model, `root ::= "${"(".repeat(999)}" [((((]{1,3} # ${"(".repeat(999)}`).close();
      for (const pattern of ["(", "(?<name>a)", "\\p{L}"]) {
        const lazy = { patterns: [pattern], tokens: [] };
        expect(() => GrammarSampler.create(model, 'root ::= "a"', { lazy }), pattern).toThrow("invalid trigger pattern");
      }
    });
  });
});
