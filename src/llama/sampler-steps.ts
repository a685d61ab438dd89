/** Every sampler of llama.h as plain data, checked before it becomes native: llama.cpp aborts the process on some bad numbers. */
import { Failed, Invalid, messageOf } from "../errors.ts";
import type { Pointer } from "./abi.ts";
import { checkGrammarText } from "./grammar-text.ts";
import type { Model } from "./model.ts";

/** A step of a sampling chain. `minKeep` (default 1) is how many candidates a step leaves at least. Seeds are 32 bits; 2^32 - 1 is a random one. */
export type SamplerStep =
  | { type: "greedy" }
  | { type: "dist"; seed: number }
  | { type: "top_k"; k: number }
  | { type: "top_p"; p: number; minKeep?: number }
  | { type: "min_p"; p: number; minKeep?: number }
  | { type: "typical"; p: number; minKeep?: number }
  | { type: "temp"; t: number }
  | { type: "temp_ext"; t: number; delta: number; exponent: number }
  | { type: "xtc"; p: number; t: number; minKeep?: number; seed: number }
  | { type: "top_n_sigma"; n: number }
  | { type: "mirostat"; seed: number; tau: number; eta: number; m?: number }
  | { type: "mirostat_v2"; seed: number; tau: number; eta: number }
  | { type: "grammar"; grammar: string; root?: string }
  | { type: "grammar_lazy_patterns"; grammar: string; root?: string; patterns: readonly string[]; tokens: readonly number[] }
  | { type: "penalties"; lastN: number; repeat: number; frequency: number; presence: number }
  | {
      type: "dry";
      multiplier: number;
      base: number;
      allowedLength: number;
      lastN: number;
      breakers: readonly string[];
    }
  | { type: "adaptive_p"; target: number; decay: number; seed: number }
  | { type: "logit_bias"; biases: readonly (readonly [token: number, bias: number])[] }
  | { type: "infill" };

/** Steps that choose a token; a chain must end with one. */
export const choosing: readonly SamplerStep["type"][] = ["greedy", "dist", "mirostat", "mirostat_v2", "adaptive_p"];

/** The native sampler of a step; whoever gets it owns it. Throws `Invalid` for numbers out of range and for grammars that do not parse. */
export function createSampler(model: Model, step: SamplerStep): Pointer {
  const sampler = create(model, step);
  if (sampler) return sampler;
  throw new Failed(`llama.cpp could not make the sampler ${step.type}`);
}

function create(model: Model, step: SamplerStep): Pointer | null {
  const { llama } = model.library;
  const number = (name: string, value: number, least = Number.NEGATIVE_INFINITY) => finite(step.type, name, value, least);
  switch (step.type) {
    case "greedy":
      return llama.llama_sampler_init_greedy();
    case "dist":
      return llama.llama_sampler_init_dist(step.seed >>> 0);
    case "top_k":
      return llama.llama_sampler_init_top_k(int32(number("k", step.k)));
    case "top_p":
      return llama.llama_sampler_init_top_p(number("p", step.p), step.minKeep ?? 1);
    case "min_p":
      return llama.llama_sampler_init_min_p(number("p", step.p), step.minKeep ?? 1);
    case "typical":
      return llama.llama_sampler_init_typical(number("p", step.p), step.minKeep ?? 1);
    case "temp":
      return llama.llama_sampler_init_temp(number("t", step.t));
    case "temp_ext":
      return llama.llama_sampler_init_temp_ext(
        number("t", step.t),
        number("delta", step.delta),
        number("exponent", step.exponent),
      );
    case "xtc":
      return llama.llama_sampler_init_xtc(number("p", step.p), number("t", step.t), step.minKeep ?? 1, step.seed >>> 0);
    case "top_n_sigma":
      return llama.llama_sampler_init_top_n_sigma(number("n", step.n));
    case "mirostat":
      // m is how many candidates the estimate of s looks at; it divides by what it finds there.
      return llama.llama_sampler_init_mirostat(
        model.vocabularySize,
        step.seed >>> 0,
        number("tau", step.tau),
        number("eta", step.eta),
        Math.min(int32(number("m", step.m ?? 100, 2)), model.vocabularySize),
      );
    case "mirostat_v2":
      return llama.llama_sampler_init_mirostat_v2(step.seed >>> 0, number("tau", step.tau), number("eta", step.eta));
    case "grammar":
      return createGrammar(model, step.grammar, step.root);
    case "grammar_lazy_patterns":
      return createGrammar(model, step.grammar, step.root, step);
    case "penalties":
      return llama.llama_sampler_init_penalties(
        model.vocabularySize,
        int32(number("lastN", step.lastN, 0)),
        number("repeat", step.repeat, Number.MIN_VALUE),
        number("frequency", step.frequency),
        number("presence", step.presence),
      );
    case "dry":
      return llama.llama_sampler_init_dry(
        model.vocabularyPointer,
        number("multiplier", step.multiplier),
        number("base", step.base),
        int32(number("allowedLength", step.allowedLength, 0)),
        int32(number("lastN", step.lastN, 0)),
        step.breakers,
        step.breakers.length,
      );
    case "adaptive_p":
      return llama.llama_sampler_init_adaptive_p(number("target", step.target), number("decay", step.decay, 0), step.seed >>> 0);
    case "logit_bias":
      return llama.llama_sampler_init_logit_bias(model.vocabularySize, step.biases.length, biasStructs(model, step.biases));
    case "infill":
      return llama.llama_sampler_init_infill(model.vocabularyPointer);
  }
}

/** A native grammar. Lazy ones hold back until a pattern or token appears. Throws `Invalid` when it does not parse. */
export function createGrammar(
  model: Model,
  grammar: string,
  root = "root",
  lazy?: { patterns: readonly string[]; tokens: readonly number[] },
): Pointer {
  const { llama } = model.library;
  checkGrammarText(grammar);
  for (const pattern of lazy?.patterns ?? []) checkPattern(pattern);
  const sampler = lazy
    ? llama.llama_sampler_init_grammar_lazy_patterns(
        model.vocabularyPointer,
        grammar,
        root,
        lazy.patterns,
        lazy.patterns.length,
        Int32Array.from(lazy.tokens),
        lazy.tokens.length,
      )
    : llama.llama_sampler_init_grammar(model.vocabularyPointer, grammar, root);
  // The parser names the place on stderr only, past the log.
  if (!sampler) throw new Invalid(`invalid grammar: llama.cpp could not parse it, or it has no rule "${root}"`);
  return sampler;
}

/** Patterns become ECMAScript `std::regex`es, which knows less than JavaScript and ends the process for what it does not know. */
function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch (error) {
    throw new Invalid(`invalid trigger pattern: ${messageOf(error)}`, { cause: error });
  }
  if (/\(\?<|\\[pPk]/.test(pattern)) throw new Invalid(`invalid trigger pattern "${pattern}": it uses look-behind, names or \\p`);
}

/** `llama_logit_bias[]`: a token and a float each. */
function biasStructs(model: Model, biases: readonly (readonly [number, number])[]): Int32Array {
  const structs = new Int32Array(biases.length * 2);
  const floats = new Float32Array(structs.buffer);
  biases.forEach(([token, bias], i) => {
    if (!(Number.isInteger(token) && token >= 0 && token < model.vocabularySize)) {
      throw new Invalid(`logit_bias: token ${token} is not in the vocabulary of ${model.vocabularySize}`);
    }
    if (Number.isNaN(bias) || bias === Number.POSITIVE_INFINITY) throw new Invalid(`logit_bias: ${bias} is no bias`);
    structs[i * 2] = token;
    floats[i * 2 + 1] = bias;
  });
  return structs;
}

function finite(step: string, name: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new Invalid(
    `${step}: ${name} must be a number${least > 0 ? ` above ${least === Number.MIN_VALUE ? 0 : least - 1}` : ""}, not ${value}`,
  );
}

function int32(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value)));
}
