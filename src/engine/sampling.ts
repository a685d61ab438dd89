/** From a request's options to the native chain that chooses its tokens, in llama.cpp's usual order, with a grammar beside it. */
import { type Context, GrammarSampler, type Model, Sampler, type SamplerStep } from "../llama/index.ts";
import type { GenerateRequest, SamplingOptions } from "./protocol.ts";
import { Trigger, type Woken } from "./trigger.ts";

/** The steps of a request's chain. Steps that would change nothing are left out: each costs a pass over the vocabulary. */
export function samplerSteps(options: SamplingOptions, contextLimit: number): SamplerStep[] {
  const steps: SamplerStep[] = [...shapingSteps(options, contextLimit)];
  const { temperature, seed } = options;
  if (temperature <= 0) return [...steps, { type: "greedy" }];
  if (options.mirostat > 0) {
    const { mirostatTau: tau, mirostatEta: eta } = options;
    const type = options.mirostat === 1 ? "mirostat" : "mirostat_v2";
    return [...steps, { type: "temp", t: temperature }, { type, seed, tau, eta }];
  }
  if (options.topNSigma > 0) steps.push({ type: "top_n_sigma", n: options.topNSigma });
  if (options.topK > 0) steps.push({ type: "top_k", k: options.topK });
  if (options.typicalP < 1) steps.push({ type: "typical", p: options.typicalP });
  if (options.topP < 1) steps.push({ type: "top_p", p: options.topP });
  if (options.minP > 0) steps.push({ type: "min_p", p: options.minP });
  if (options.xtcProbability > 0) {
    steps.push({ type: "xtc", p: options.xtcProbability, t: options.xtcThreshold, seed });
  }
  if (options.dynatempRange > 0) {
    steps.push({ type: "temp_ext", t: temperature, delta: options.dynatempRange, exponent: options.dynatempExponent });
  } else if (temperature !== 1) steps.push({ type: "temp", t: temperature });
  return [...steps, { type: "dist", seed }];
}

/** What looks at earlier tokens, and biases: these count at temperature 0 too. */
function shapingSteps(options: SamplingOptions, contextLimit: number): SamplerStep[] {
  const steps: SamplerStep[] = [];
  const window = (tokens: number) => (tokens < 0 ? contextLimit : tokens);
  if (options.logitBias.length > 0) steps.push({ type: "logit_bias", biases: options.logitBias });
  const { repeatPenalty: repeat, frequencyPenalty: frequency, presencePenalty: presence } = options;
  if (window(options.repeatLastN) > 0 && (repeat !== 1 || frequency !== 0 || presence !== 0)) {
    steps.push({ type: "penalties", lastN: window(options.repeatLastN), repeat, frequency, presence });
  }
  if (options.dryMultiplier > 0 && window(options.dryPenaltyLastN) > 0) {
    steps.push({
      type: "dry",
      multiplier: options.dryMultiplier,
      base: options.dryBase,
      allowedLength: options.dryAllowedLength,
      lastN: window(options.dryPenaltyLastN),
      breakers: options.drySequenceBreakers,
    });
  }
  return steps;
}

/** How far back the chain looks: as many prompt tokens as it must be told. */
function memoryOf(steps: readonly SamplerStep[]): number {
  return Math.max(0, ...steps.map((step) => (step.type === "penalties" || step.type === "dry" ? step.lastN : 0)));
}

/** Chooses one request's tokens. */
export class Chooser {
  readonly #model: Model;
  readonly #chain: Sampler;
  /** A chain with penalties or mirostat must not be told of a token that the grammar then refuses. */
  readonly #remembers: boolean;
  #grammar: GrammarSampler | undefined;
  readonly #grammarText: string;
  /** The grammar sleeps until this has met its text. */
  #trigger: Trigger | undefined;

  /** Throws `Invalid` for options or a grammar that llama.cpp does not take. */
  constructor(model: Model, request: GenerateRequest) {
    const steps = samplerSteps(request.sampling, request.contextLimit);
    this.#model = model;
    this.#remembers = steps.some((step) => ["penalties", "dry", "mirostat", "mirostat_v2"].includes(step.type));
    this.#chain = Sampler.chain(model, steps);
    try {
      // One that waits for a tag may never be needed: it is made when the tag comes.
      if (request.grammar !== undefined && !request.grammarAt) this.#grammar = GrammarSampler.create(model, request.grammar);
    } catch (error) {
      this.#chain.close();
      throw error;
    }
    this.#grammarText = request.grammar ?? "";
    if (request.grammar !== undefined) this.#trigger = Trigger.of(request);
    const memory = memoryOf(steps);
    if (memory > 0) for (const token of request.prompt.slice(-memory)) this.#chain.accept(token);
  }

  /** A token for row `i` of the context's last batch. Throws `Failed` when the grammar leaves none. */
  choose(context: Context, i: number): number {
    const grammar = this.#grammar;
    if (!grammar || this.#trigger) {
      const token = this.#chain.sample(context, i);
      const woken = this.#trigger?.push(token, this.#model.piece(token, { special: true }));
      return woken ? this.#wake(woken, token, { context, i }) : token;
    }
    if (this.#remembers) return grammar.sample(context, i, this.#chain);
    const token = this.#chain.sample(context, i);
    if (!grammar.allows(token)) return grammar.sampleMasked(context, i, this.#chain);
    grammar.accept(token);
    return token;
  }

  close(): void {
    this.#chain.close();
    this.#grammar?.close();
  }

  /**
   * The grammar begins inside the last tokens. It follows them from the first; the very last is chosen again if it goes
   * on with something that the grammar does not allow. (A chain with penalties remembers both.)
   */
  #wake({ tokens, before }: Woken, token: number, { context, i }: { context: Context; i: number }): number {
    this.#trigger = undefined;
    if (tokens.length === 0) return token;
    this.#grammar?.close();
    this.#grammar = undefined;
    const text = decoded(before);
    // The grammar cannot follow into the middle of a character: then the answer stays free.
    if (text === undefined) return token;
    const grammar = GrammarSampler.create(this.#model, startingBehind(this.#grammarText, text), { root: START });
    this.#grammar = grammar;
    for (const one of tokens.slice(0, -1)) grammar.accept(one);
    if (!grammar.allows(token)) return grammar.sampleMasked(context, i, this.#chain);
    grammar.accept(token);
    return token;
  }
}

const START = "puna-start";

/** The grammar, with a text before its root, and a little space for a tag that is one token with the line break behind it. */
function startingBehind(grammar: string, text: string): string {
  const literal = Array.from(text, (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`).join("");
  return `${grammar}\n${START} ::= "${literal}" [ \\t\\r\\n]{0,4} root\n`;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
