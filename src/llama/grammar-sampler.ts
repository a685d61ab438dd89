/** A grammar beside a chain: checked on the chosen token first, and put over the whole vocabulary only when that token is refused. */
import { Failed } from "../errors.ts";
import type { Pointer } from "./abi.ts";
import { Candidates } from "./candidates.ts";
import type { Context } from "./context.ts";
import type { Model } from "./model.ts";
import type { Sampler } from "./sampler.ts";
import { createGrammar } from "./sampler-steps.ts";
import { continueUtf8, type Utf8State, utf8Start } from "./utf8-prefix.ts";

/** The candidates of a whole vocabulary are large and needed only during a call: one array per model and thread, freed with the model. */
const wholeVocabulary = new WeakMap<Model, Candidates>();

export class GrammarSampler {
  readonly model: Model;
  readonly #one = new Candidates(1);
  /** The token that `allows` said yes to, at this place in the grammar. */
  #allowed: number | undefined;
  #pointer: Pointer | undefined;
  /** Where the text stands within a character; byte tokens cut characters apart. */
  #utf8: Utf8State = utf8Start;

  private constructor(model: Model, pointer: Pointer) {
    this.model = model;
    this.#pointer = pointer;
  }

  /** A grammar in GBNF whose first rule is `root`. With `lazy` it starts only after a pattern or token. Throws `Invalid` when it does not parse. */
  static create(
    model: Model,
    grammar: string,
    options: { root?: string; lazy?: { patterns: readonly string[]; tokens: readonly number[] } } = {},
  ): GrammarSampler {
    return new GrammarSampler(model, createGrammar(model, grammar, options.root, options.lazy));
  }

  /** Address of the native grammar. Throws after `close`. */
  get pointer(): Pointer {
    if (this.#pointer === undefined) throw new Failed("the grammar is closed");
    return this.#pointer;
  }

  /** Whether the grammar allows this token next. */
  allows(token: number): boolean {
    if (token === this.#allowed) return true;
    if (!this.#keepsUtf8(token)) return false;
    this.#one.fillOne(token);
    this.model.library.llama.llama_sampler_apply(this.pointer, this.#one.pointer);
    if (!this.#one.firstAllowed) return false;
    this.#allowed = token;
    return true;
  }

  /** Moves on by a token. Throws `Failed` for a token that the grammar does not allow (llama.cpp would end the process). */
  accept(token: number): void {
    if (!this.allows(token)) throw new Failed(`the grammar does not allow token ${token}`);
    this.#allowed = undefined;
    this.#utf8 = continueUtf8(this.#utf8, this.#bytes(token)) ?? utf8Start;
    this.model.library.llama.llama_sampler_accept(this.pointer, token);
  }

  /**
   * Chooses a token that the grammar allows: first as `chain` alone would, and if that is refused, among the allowed tokens only.
   * Accepts it in both.
   */
  sample(context: Context, i: number, chain: Sampler): number {
    const candidates = this.#candidates(context, i);
    const first = chain.choose(candidates);
    const token = this.allows(first) ? first : this.#masked(context, i, chain);
    this.accept(token);
    chain.accept(token);
    return token;
  }

  /** Chooses among the allowed tokens only, and accepts the choice in the grammar and in `chain`. */
  sampleMasked(context: Context, i: number, chain: Sampler): number {
    const token = this.#masked(context, i, chain);
    this.accept(token);
    chain.accept(token);
    return token;
  }

  /** Starts over. */
  reset(): void {
    this.#allowed = undefined;
    this.#utf8 = utf8Start;
    this.model.library.llama.llama_sampler_reset(this.pointer);
  }

  /** A copy at the same place in the grammar. */
  clone(): GrammarSampler {
    const copy = this.model.library.llama.llama_sampler_clone(this.pointer);
    if (!copy) throw new Failed("the grammar cannot be copied");
    const same = new GrammarSampler(this.model, copy);
    same.#utf8 = this.#utf8;
    return same;
  }

  /** Frees the grammar. Twice is harmless. */
  close(): void {
    if (this.#pointer === undefined) return;
    this.model.library.llama.llama_sampler_free(this.#pointer);
    this.#pointer = undefined;
    this.#one.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #candidates(context: Context, i: number): Candidates {
    let candidates = wholeVocabulary.get(this.model);
    if (!candidates) {
      candidates = new Candidates(this.model.vocabularySize);
      wholeVocabulary.set(this.model, candidates);
      this.model.dependents.add(candidates);
    }
    candidates.fill(context.logits(i));
    return candidates;
  }

  #masked(context: Context, i: number, chain: Sampler): number {
    const broken = new Set<number>();
    for (;;) {
      const candidates = this.#candidates(context, i);
      this.model.library.llama.llama_sampler_apply(this.pointer, candidates.pointer);
      candidates.forbid(broken);
      const token = chain.choose(candidates);
      if (this.allows(token)) return token;
      // When no token is allowed the chain still picks one; accepting it would end the process.
      if (broken.has(token) || this.#keepsUtf8(token))
        throw new Failed("the grammar leaves no token of this vocabulary to choose");
      // Allowed by the grammar, but no UTF-8: at most a few dozen byte tokens are so at any place.
      broken.add(token);
    }
  }

  #keepsUtf8(token: number): boolean {
    return continueUtf8(this.#utf8, this.#bytes(token)) !== undefined;
  }

  #bytes(token: number): Uint8Array {
    return this.model.piece(token, { special: true });
  }
}
