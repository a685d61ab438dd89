/** Texts to vectors and pairs to scores: many texts packed into each batch, over all waiting requests. */
import { Invalid } from "../errors.ts";
import { Batch, type Context, type Pooling } from "../llama/index.ts";
import type { Control } from "./control.ts";
import { hasNaN } from "./score.ts";

/** Texts in one batch: each is a native sequence. */
export const EMBED_SEQUENCES = 64;
/** Tokens in one batch of short texts. Every text attends over the whole batch, masked: larger batches cost more than they save. */
const PACK_TOKENS = 512;

interface Job {
  id: number;
  inputs: readonly number[][];
  pooling: Pooling | undefined;
  results: (Float32Array | undefined)[];
  left: number;
}

interface Text {
  job: Job;
  index: number;
  tokens: readonly number[];
}

/** A finished or failed request. */
export type EmbedResult = { id: number; vectors: Float32Array[] } | { id: number; error: unknown };

export interface EmbedderOptions {
  /** A context for texts of up to `longest` tokens, with this pooling or the model's own. The embedder closes it. */
  createContext: (longest: number, pooling: Pooling | undefined) => Context;
  /** Longest text that can be embedded, in tokens. */
  limit: number;
  vocabularySize: number;
  control: Control;
}

export class Embedder {
  readonly #options: EmbedderOptions;
  #queue: Text[] = [];
  #open: { context: Context; batch: Batch; pooling: Pooling | undefined } | undefined;
  #results: EmbedResult[] = [];

  constructor(options: EmbedderOptions) {
    this.#options = options;
  }

  get waitingCount(): number {
    return new Set(this.#queue.map((text) => text.job)).size;
  }

  /** Throws `Invalid` for texts that are too long or empty. */
  add(id: number, inputs: readonly number[][], pooling?: Pooling): void {
    const { limit, vocabularySize } = this.#options;
    for (const tokens of inputs) {
      if (tokens.length === 0) throw new Invalid("an input to embed has no tokens");
      if (tokens.length > limit) throw new Invalid("the input length exceeds the context length");
      const strange = tokens.find((token) => !(token >= 0 && token < vocabularySize));
      if (strange !== undefined) throw new Invalid(`token ${strange} is not in the model's vocabulary`);
    }
    const job: Job = { id, inputs, pooling, results: [], left: inputs.length };
    if (job.left === 0) this.#results.push({ id, vectors: [] });
    this.#queue.push(...inputs.map((tokens, index) => ({ job, index, tokens })));
    // Longest first within one pooling: texts of like length end up in the same batch, and the context grows once.
    this.#queue.sort((a, b) => b.tokens.length - a.tokens.length);
  }

  /** False when no such request waits. */
  cancel(id: number): boolean {
    const before = this.#queue.length;
    this.#queue = this.#queue.filter((text) => text.job.id !== id);
    return this.#queue.length < before;
  }

  takeResults(): EmbedResult[] {
    const results = this.#results;
    this.#results = [];
    return results;
  }

  /** Computes one batch. False when nothing waits. */
  step(): boolean {
    const first = this.#queue[0];
    if (!first) return false;
    const pack = this.#pack(first);
    try {
      this.#compute(pack);
    } catch (error) {
      const failed = new Set(pack.map((text) => text.job));
      for (const job of failed) this.#results.push({ id: job.id, error });
      this.#queue = this.#queue.filter((text) => !failed.has(text.job));
    }
    return true;
  }

  /** A few tokens through the model: damaged weights show here. */
  check(token: number): void {
    const [vector] =
      this.#vectors([
        { job: { id: 0, inputs: [], pooling: undefined, results: [], left: 1 }, index: 0, tokens: [token, token] },
      ]) ?? [];
    if (vector && hasNaN(vector)) throw new Error(NAN_MESSAGE);
  }

  close(): void {
    this.#open?.batch.close();
    this.#open?.context.close();
    this.#open = undefined;
  }

  /** The next texts that fit together: the first decides the pooling, and how large the batch is. */
  #pack(first: Text): Text[] {
    const room = Math.max(PACK_TOKENS, first.tokens.length);
    const pack: Text[] = [];
    let used = 0;
    for (const text of this.#queue) {
      if (pack.length === EMBED_SEQUENCES) break;
      if (text.job.pooling !== first.job.pooling || used + text.tokens.length > room) continue;
      pack.push(text);
      used += text.tokens.length;
    }
    return pack;
  }

  #compute(pack: readonly Text[]): void {
    const vectors = this.#vectors(pack);
    if (!vectors) return;
    const done = new Set(pack);
    this.#queue = this.#queue.filter((text) => !done.has(text));
    const damaged = new Set<Job>();
    pack.forEach((text, i) => {
      const vector = vectors[i];
      if (!vector || hasNaN(vector)) damaged.add(text.job);
      else text.job.results[text.index] = vector;
      text.job.left--;
    });
    for (const job of new Set(pack.map((text) => text.job))) {
      if (damaged.has(job)) {
        this.#queue = this.#queue.filter((text) => text.job !== job);
        this.#results.push({ id: job.id, error: new Error(NAN_MESSAGE) });
      } else if (job.left === 0) this.#results.push({ id: job.id, vectors: job.results.filter((one) => one !== undefined) });
    }
  }

  /** One vector per text, or undefined when the batch was aborted and is to be tried again. */
  #vectors(pack: readonly Text[]): Float32Array[] | undefined {
    const longest = Math.max(...pack.map((text) => text.tokens.length));
    const { context, batch } = this.#contextFor(longest, pack[0]?.job.pooling);
    batch.clear();
    pack.forEach((text, sequence) => {
      text.tokens.forEach((token, position) => {
        batch.add(token, position, sequence, true);
      });
    });
    this.#options.control.enterStep(true);
    context.memory.clear();
    const result = context.decode(batch);
    if (result === 2) return undefined;
    if (result === 1) throw new Error("the embedding cache has no room for this input");
    if (context.poolingType !== "none") return pack.map((_, sequence) => context.embeddingsOf(sequence));
    let at = 0;
    return pack.map((text) => concat(text.tokens.map(() => context.embeddingsAt(at++))));
  }

  #contextFor(longest: number, pooling: Pooling | undefined) {
    const open = this.#open;
    if (open && open.pooling === pooling && open.batch.capacity >= longest) return open;
    this.close();
    // Powers of two, so that ever longer texts do not make ever new contexts.
    const capacity = Math.min(
      Math.max(PACK_TOKENS, 2 ** Math.ceil(Math.log2(longest))),
      Math.max(PACK_TOKENS, this.#options.limit),
    );
    const context = this.#options.createContext(capacity, pooling);
    this.#open = { context, batch: new Batch(capacity), pooling };
    return this.#open;
  }
}

const NAN_MESSAGE = "the model computed NaN (not a number): its weights are damaged or do not suit these kernels";

function concat(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}
