/** A request's `options` over the model's parameters over the defaults. Names, types and error texts are Ollama's; the rest is llama.cpp's. */
import { randomInt } from "node:crypto";
import { Failed, Invalid } from "../errors.ts";

/** The parts have the shapes that runtime/ and engine/ ask for, which this folder must not import. */
export interface ResolvedOptions {
  load: LoadPart;
  sampling: SamplingPart;
  /** -1 is unlimited. */
  numPredict: number;
  /** Tokens that a context shift keeps; -1 is the whole prompt. */
  numKeep: number;
  stop: string[];
  /** GBNF text. */
  grammar?: string;
  ignoreEos?: boolean;
}

interface LoadPart {
  numCtx: number;
  /** Nobody asked for a size. */
  numCtxIsAutomatic: boolean;
  numBatch?: number;
  numGpu?: number;
  mainGpu?: number;
  useMmap?: boolean;
  numThread?: number;
}

interface SamplingPart {
  seed: number;
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  typicalP: number;
  topNSigma: number;
  xtcProbability: number;
  xtcThreshold: number;
  repeatLastN: number;
  repeatPenalty: number;
  frequencyPenalty: number;
  presencePenalty: number;
  dryMultiplier: number;
  dryBase: number;
  dryAllowedLength: number;
  dryPenaltyLastN: number;
  drySequenceBreakers: string[];
  mirostat: 0 | 1 | 2;
  mirostatTau: number;
  mirostatEta: number;
  dynatempRange: number;
  dynatempExponent: number;
  logitBias: [token: number, bias: number][];
}

type Layer = Record<string, unknown>;

/** Later layers win; `null` and unknown keys count for nothing. Throws Failed in Ollama's words for a wrong type (it answers 500). */
export function resolveOptions(defaults: { numCtx: number | undefined }, ...layers: Layer[]): ResolvedOptions {
  const given = new Map<string, unknown>();
  for (const layer of layers)
    for (const [key, value] of Object.entries(layer)) if (value !== null && value !== undefined) given.set(key, value);
  const optional = optionsFrom(given);
  const integer = (key: string, fallback: number) => optional.integer(key) ?? fallback;
  const float = (key: string, fallback: number) => optional.float(key) ?? fallback;
  const numCtx = optional.integer("num_ctx");
  const context = Math.max(4, numCtx ?? defaults.numCtx ?? 4096);
  const repeatLastN = integer("repeat_last_n", 64);
  const seed = integer("seed", -1);
  const grammar = optional.text("grammar");
  return {
    load: {
      numCtx: context,
      numCtxIsAutomatic: numCtx === undefined && defaults.numCtx === undefined,
      ...defined("numBatch", optional.integer("num_batch")),
      ...defined("numGpu", optional.integer("num_gpu")),
      ...defined("mainGpu", optional.integer("main_gpu")),
      ...defined("useMmap", optional.flag("use_mmap")),
      ...defined("numThread", optional.integer("num_thread")),
    },
    sampling: {
      // The engine takes 32 bits; other negative seeds are as good as any.
      seed: seed === -1 ? randomInt(2 ** 32 - 1) : seed >>> 0,
      temperature: float("temperature", 0.8),
      topK: integer("top_k", 40),
      topP: float("top_p", 0.9),
      minP: float("min_p", 0),
      typicalP: float("typical_p", 1),
      topNSigma: float("top_n_sigma", -1),
      xtcProbability: float("xtc_probability", 0),
      xtcThreshold: float("xtc_threshold", 0.1),
      repeatLastN: repeatLastN < 0 ? context : repeatLastN,
      repeatPenalty: float("repeat_penalty", 1),
      frequencyPenalty: float("frequency_penalty", 0),
      presencePenalty: float("presence_penalty", 0),
      dryMultiplier: float("dry_multiplier", 0),
      dryBase: float("dry_base", 1.75),
      dryAllowedLength: integer("dry_allowed_length", 2),
      dryPenaltyLastN: integer("dry_penalty_last_n", -1),
      drySequenceBreakers: optional.texts("dry_sequence_breakers") ?? ["\n", ":", '"', "*"],
      mirostat: mirostat(integer("mirostat", 0)),
      mirostatTau: float("mirostat_tau", 5),
      mirostatEta: float("mirostat_eta", 0.1),
      dynatempRange: float("dynatemp_range", 0),
      dynatempExponent: float("dynatemp_exponent", 1),
      logitBias: logitBias(given.get("logit_bias")),
    },
    numPredict: integer("num_predict", -1),
    numKeep: integer("num_keep", 4),
    // An empty stop string would end every answer at once.
    stop: (optional.texts("stop") ?? []).filter((text) => text !== ""),
    ...(grammar && { grammar }),
    ...defined("ignoreEos", optional.flag("ignore_eos")),
  };
}

/** Readers that check the type when the key is there. */
function optionsFrom(given: Map<string, unknown>) {
  const wrong = (key: string, type: string) => new Failed(`option "${key}" must be of ${type}`);
  return {
    integer(key: string): number | undefined {
      const value = given.get(key);
      if (value === undefined) return undefined;
      if (typeof value !== "number" || Number.isNaN(value)) throw wrong(key, "type integer");
      // Anything past 32 bits means "as much as there is" to the engine.
      return Math.trunc(Math.min(Math.max(value, -0x8000_0000), 0x7fff_ffff));
    },
    float(key: string): number | undefined {
      const value = given.get(key);
      if (value === undefined) return undefined;
      if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(key, "type float32");
      return value;
    },
    flag(key: string): boolean | undefined {
      const value = given.get(key);
      if (value !== undefined && typeof value !== "boolean") throw wrong(key, "type boolean");
      return value;
    },
    text(key: string): string | undefined {
      const value = given.get(key);
      if (value !== undefined && typeof value !== "string") throw wrong(key, "type string");
      return value;
    },
    texts(key: string): string[] | undefined {
      const value = given.get(key);
      if (value === undefined) return undefined;
      if (!Array.isArray(value)) throw wrong(key, "type array");
      if (!value.every((item) => typeof item === "string")) throw wrong(key, "an array of strings");
      return value;
    },
  };
}

function mirostat(mode: number): 0 | 1 | 2 {
  if (mode === 0 || mode === 1 || mode === 2) return mode;
  throw new Invalid('option "mirostat" must be 0 (off), 1 or 2');
}

/** As in OpenAI's API `{"token id": bias}`, or pairs; `false` forbids a token. */
function logitBias(given: unknown): [token: number, bias: number][] {
  if (given === undefined) return [];
  const pairs = Array.isArray(given) ? given : typeof given === "object" && given !== null ? Object.entries(given) : undefined;
  const wrong = new Invalid('option "logit_bias" must be an object of token ids and numbers, such as {"15043": -1}');
  if (!pairs) throw wrong;
  return pairs.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw wrong;
    const [token, bias]: unknown[] = pair;
    const id = typeof token === "string" && /^\d+$/.test(token) ? Number(token) : token;
    const amount = bias === false ? -1e9 : bias;
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id > 0x7fff_ffff) throw wrong;
    if (typeof amount !== "number" || !Number.isFinite(amount)) throw wrong;
    return [id, amount];
  });
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  const part: { [P in K]?: V } = {};
  if (value !== undefined) part[key] = value;
  return part;
}
