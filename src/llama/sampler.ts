/** A native sampling chain: from a row of logits to a token. */
import { Failed } from "../errors.ts";
import type { Pointer } from "./abi.ts";
import type { Candidates } from "./candidates.ts";
import type { Context } from "./context.ts";
import type { Model } from "./model.ts";
import { choosing, createSampler, type SamplerStep } from "./sampler-steps.ts";

export class Sampler {
  readonly model: Model;
  #pointer: Pointer | undefined;

  private constructor(model: Model, pointer: Pointer) {
    this.model = model;
    this.#pointer = pointer;
  }

  /** A chain of steps; the last must choose a token. Throws `Invalid` for numbers out of range. */
  static chain(model: Model, steps: readonly SamplerStep[]): Sampler {
    const { llama } = model.library;
    const last = steps.at(-1);
    if (!last || !choosing.includes(last.type)) throw new Failed(`a sampling chain ends with one of ${choosing.join(", ")}`);
    const chain = llama.llama_sampler_chain_init({ no_perf: true });
    if (!chain) throw new Failed("llama.cpp could not make a sampling chain");
    try {
      for (const step of steps) llama.llama_sampler_chain_add(chain, createSampler(model, step));
    } catch (error) {
      llama.llama_sampler_free(chain);
      throw error;
    }
    return new Sampler(model, chain);
  }

  /** Address of the native chain. Throws after `close`. */
  get pointer(): Pointer {
    if (this.#pointer === undefined) throw new Failed("the sampler is closed");
    return this.#pointer;
  }

  /** Chooses a token from the logits at index `i` of the context's last batch, and accepts it. */
  sample(context: Context, i: number): number {
    const { llama } = this.model.library;
    // llama.cpp aborts the process when there is no such row.
    if (!context.hasLogits(i)) throw new Failed(`the last batch has no logits for index ${i}`);
    return llama.llama_sampler_sample(this.pointer, context.pointer, i);
  }

  /** Chooses among candidates without accepting the choice. */
  choose(candidates: Candidates): number {
    this.applyTo(candidates);
    const token = candidates.selected;
    if (token === undefined) throw new Failed("the sampling chain chose no token");
    return token;
  }

  /** Runs the chain over candidates: changes their logits, order and number. */
  applyTo(candidates: Candidates): void {
    this.model.library.llama.llama_sampler_apply(this.pointer, candidates.pointer);
  }

  /** Tells the chain that this token was generated, for penalties and the like. */
  accept(token: number): void {
    this.model.library.llama.llama_sampler_accept(this.pointer, token);
  }

  /** Forgets accepted tokens and starts random numbers over. */
  reset(): void {
    this.model.library.llama.llama_sampler_reset(this.pointer);
  }

  /** A copy with its own state. */
  clone(): Sampler {
    const copy = this.model.library.llama.llama_sampler_clone(this.pointer);
    if (!copy) throw new Failed("the sampler cannot be copied");
    return new Sampler(this.model, copy);
  }

  /** Frees the chain. Twice is harmless. */
  close(): void {
    if (this.#pointer === undefined) return;
    this.model.library.llama.llama_sampler_free(this.#pointer);
    this.#pointer = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
