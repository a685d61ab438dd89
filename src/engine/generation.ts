/** One request inside the loop: its tokens, how far they are computed, and what it has shown. */
import type { Model } from "../llama/index.ts";
import { Output, type Shown } from "./output.ts";
import type { Held } from "./prefixes.ts";
import type { Finish, GenerateRequest, TokenLogprob } from "./protocol.ts";
import { Chooser } from "./sampling.ts";
import type { Work } from "./step.ts";
import { StopSet } from "./stop.ts";

export class Generation implements Work, Held {
  readonly id: number;
  readonly request: GenerateRequest;
  readonly chooser: Chooser;
  readonly output: Output;
  /** Control tokens whose text shows. */
  readonly preserved: ReadonlySet<number>;
  /** What the cache holds or shall hold: prompt and answer, less what shifts dropped. A token's index is its position. */
  readonly tokens: number[];
  readonly generated: number[] = [];
  /** Leading tokens that are in the cache. */
  evaluated = 0;
  /** Native sequence; undefined while waiting. */
  slot: number | undefined;
  waitedSteps = 0;
  /** Do not start before `leader` has computed this many tokens that both share. */
  waitsFor: { leader: Generation; length: number } | undefined;
  /** It was put aside to make room, and must not come back before there is some. */
  preempted = false;
  shiftedTokens = 0;
  /** Leading prompt tokens whose logprobs were given, where they are wanted. */
  scoredTokens = 0;
  #cachedTokens: number | undefined;
  #startedAt: number | undefined;
  #firstTokenAt: number | undefined;
  /** From here on positions hold other tokens' KV than a fresh evaluation would give, since a shift. */
  #cleanLength = Number.POSITIVE_INFINITY;

  /** Throws `Invalid` for options that cannot be used. */
  constructor(id: number, request: GenerateRequest, model: Model) {
    this.id = id;
    this.request = request;
    this.tokens = [...request.prompt];
    this.preserved = preservedTokens(model, request.preserve ?? []);
    this.output = new Output(new StopSet(request.stop));
    this.chooser = new Chooser(model, request);
  }

  get pending(): number {
    return this.tokens.length - this.evaluated;
  }

  /** More than a sampled token is to be computed: the prompt, or all of it again after it was put aside. */
  get prefilling(): boolean {
    return this.generated.length === 0 || this.pending > 1;
  }

  /** Its prompt's logprobs are wanted and not all given yet. */
  get scored(): boolean {
    return this.request.promptLogprobs === true && this.scoredTokens < this.request.prompt.length;
  }

  /** Whether the logits that follow token `index` are wanted. */
  wantsLogits(index: number): boolean {
    return index === this.tokens.length - 1 || (this.scored && index + 1 >= this.scoredTokens);
  }

  /** What may be found in the cache: a prompt to be scored has its logits nowhere. */
  get reusable(): readonly number[] {
    return this.scored ? this.tokens.slice(0, Math.max(1, this.scoredTokens)) : this.tokens;
  }

  get usable(): number {
    return Math.min(this.evaluated, this.#cleanLength);
  }

  /** It has a sequence, of whose tokens `cached` were already there. */
  start(slot: number, cached: number): void {
    this.slot = slot;
    this.evaluated = cached;
    this.waitsFor = undefined;
    this.preempted = false;
    this.#cachedTokens ??= cached;
    this.#startedAt ??= performance.now();
  }

  /** A sampled token; gives back what may be shown of it. */
  push(token: number, bytes: Uint8Array, logprob?: TokenLogprob): Shown {
    this.#firstTokenAt ??= performance.now();
    this.generated.push(token);
    this.tokens.push(token);
    return this.output.push(bytes, logprob);
  }

  /** The end-of-generation token was sampled: time counts, text does not. */
  ended(): void {
    this.#firstTokenAt ??= performance.now();
  }

  /** Positions [from, from + count) went away and what followed moved up. */
  dropWindow(from: number, count: number): void {
    this.tokens.splice(from, count);
    this.evaluated -= count;
    this.shiftedTokens += count;
    this.#cleanLength = Math.min(this.#cleanLength, from);
  }

  /** All of it must be computed anew, which also heals a shift. */
  forgetEvaluated(): void {
    this.evaluated = 0;
    this.#cleanLength = Number.POSITIVE_INFINITY;
  }

  finish(reason: Finish["reason"], error?: { message: string; status?: number }): Finish {
    const now = performance.now();
    const started = this.#startedAt ?? now;
    const first = this.#firstTokenAt ?? now;
    return {
      reason,
      ...(this.output.stopText !== undefined && { stopText: this.output.stopText }),
      ...(error && { error: error.message }),
      ...(error?.status !== undefined && { status: error.status }),
      promptTokens: this.request.prompt.length,
      cachedTokens: this.#cachedTokens ?? 0,
      promptMs: first - started,
      generatedTokens: this.generated.length,
      generateMs: now - first,
      tokens: this.generated,
      shiftedTokens: this.shiftedTokens,
    };
  }

  close(): void {
    this.chooser.close();
  }
}

function preservedTokens(model: Model, texts: readonly string[]): Set<number> {
  const tokens = texts.map((text) => model.tokenize(text, { addSpecial: false, parseSpecial: true }));
  return new Set(tokens.flatMap((list) => (list.length === 1 ? [...list] : [])));
}
