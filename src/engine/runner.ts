/** The worker's side of the protocol: loads the model, then turns messages into steps and steps into lines. */
import { Failed, Invalid, messageOf, PunaError } from "../errors.ts";
import type { Context } from "../llama/index.ts";
import type { Control } from "./control.ts";
import { Embedder, type EmbedResult } from "./embed.ts";
import { EventHold } from "./event-hold.ts";
import { LoadedModel } from "./load.ts";
import { Loop } from "./loop.ts";
import { PrefixStore } from "./prefix-store.ts";
import type { ContextShape, FromRunner, LoadMessage, RunnerInfo, RunnerStats, ToRunner } from "./protocol.ts";

/** What reaches the worker; texts and tokens are the main thread's own work. */
export type ToWorker = Exclude<ToRunner, { type: "load" | "tokenize" | "detokenize" | "shutdown" }>;

export class Runner {
  readonly #control: Control;
  readonly #send: (message: FromRunner) => void;
  readonly #loaded: LoadedModel;
  readonly #store: PrefixStore;
  readonly #embedder: Embedder;
  /** Requests whose vectors are scores. */
  readonly #reranks = new Set<number>();
  #shape: ContextShape;
  #loop: Loop | undefined;
  #context: Context | undefined;
  #bytesPerToken = 0;
  readonly #hold = new EventHold();
  readonly #loadMs: number;

  /** Loads. Throws what the parent should know. */
  constructor(message: LoadMessage, control: Control, send: (message: FromRunner) => void) {
    const started = performance.now();
    this.#control = control;
    this.#send = send;
    this.#shape = message.shape;
    this.#store = new PrefixStore(message.prefixBytes);
    this.#loaded = new LoadedModel(message, control, progress(send));
    const { model, kind } = this.#loaded;
    this.#embedder = new Embedder({
      createContext: (longest, pooling) => this.#loaded.embeddingContext(longest, pooling),
      limit: Math.min(message.shape.cells, model.trainedContext),
      vocabularySize: model.vocabularySize,
      control,
    });
    if (kind.generates) this.#openLoop(message.shape);
    else this.#embedder.check(model.bos ?? 0);
    this.#loadMs = performance.now() - started;
  }

  /** Address of the native model, for the main thread's tokenizer. */
  get modelPointer(): bigint {
    return this.#loaded.model.pointer;
  }

  get info(): RunnerInfo {
    return this.#loaded.info({
      shape: this.#shape,
      context: this.#context,
      bytesPerToken: this.#bytesPerToken,
      loadMs: this.#loadMs,
      canShift: this.#loop?.canShift ?? false,
    });
  }

  /** Takes in one message. What is wrong with it is answered, not thrown. */
  handle(message: ToWorker): void {
    try {
      this.#handle(message);
    } catch (error) {
      this.#fail(message.id, error);
    }
  }

  /** One step of generation and one batch of embeddings. False when there was nothing to do. */
  step(): boolean {
    const generated = this.#loop?.step() ?? false;
    this.#hold.add(this.#loop?.takeEvents() ?? []);
    const embedded = this.#embedder.step();
    const events = this.#hold.take(
      performance.now(),
      generated && !embedded ? (this.#loop?.nextMs ?? 0) : Number.POSITIVE_INFINITY,
    );
    if (events.length > 0) this.#send({ type: "step", events });
    for (const result of this.#embedder.takeResults()) this.#answer(result);
    return generated || embedded || (this.#loop?.tidy() ?? false);
  }

  close(): void {
    this.#loop?.close();
    this.#embedder.close();
    this.#loaded.close();
  }

  #handle(message: ToWorker): void {
    switch (message.type) {
      case "generate":
        if (!this.#loop) throw new Invalid("this model does not support generate");
        this.#loop.add(message.id, message);
        break;
      case "embed":
        this.#embedder.add(message.id, message.inputs, message.pooling);
        break;
      case "rerank":
        if (this.#loaded.kind.pooling !== "rank") throw new Invalid("this model does not support reranking");
        this.#embedder.add(message.id, message.inputs, "rank");
        this.#reranks.add(message.id);
        break;
      case "cancel":
        this.#loop?.cancel(message.id);
        if (this.#embedder.cancel(message.id)) this.#fail(message.id, new PunaError(499, "request canceled"));
        this.#reranks.delete(message.id);
        break;
      case "resize":
        this.#resize(message.shape);
        this.#send({ type: "resized", id: message.id, info: this.info });
        break;
      case "stats":
        this.#send({ type: "stats", id: message.id, stats: this.#stats() });
        break;
    }
  }

  #openLoop(shape: ContextShape): void {
    const context = this.#loaded.generationContext(shape);
    this.#context = context;
    this.#bytesPerToken = this.#loaded.warmUp(context);
    this.#loop = new Loop({
      model: this.#loaded.model,
      context,
      sequences: shape.sequences,
      slots: this.#loaded.slots(shape.sequences),
      store: this.#store,
      control: this.#control,
      whole: this.#loaded.kind.whole,
    });
  }

  /** Another size of cache; on failure the old size comes back and the error goes to whoever asked. */
  #resize(shape: ContextShape): void {
    const loop = this.#loop;
    if (!loop) {
      this.#shape = shape;
      return;
    }
    const open = (wanted: ContextShape) => {
      const context = this.#loaded.generationContext(wanted);
      this.#context = context;
      return { context, sequences: wanted.sequences, slots: this.#loaded.slots(wanted.sequences) };
    };
    const before = this.#shape;
    let failure: unknown;
    loop.resize(() => {
      this.#context?.close();
      try {
        const opened = open(shape);
        this.#shape = shape;
        return opened;
      } catch (error) {
        failure = error;
        return open(before);
      }
    });
    if (failure !== undefined) throw failure;
  }

  #answer(result: EmbedResult): void {
    const isRerank = this.#reranks.delete(result.id);
    if ("error" in result) {
      this.#fail(result.id, result.error);
      return;
    }
    const { id, vectors } = result;
    if (isRerank) this.#send({ type: "scores", id, scores: vectors.map((vector) => vector[0] ?? 0) });
    else this.#send({ type: "vectors", id, vectors: vectors.map(base64) });
  }

  #stats(): RunnerStats {
    const loop = this.#loop;
    const [stepMsP50 = 0, stepMsP99 = 0] = loop?.times.percentiles(0.5, 0.99) ?? [];
    return {
      activeSequences: loop?.activeCount ?? 0,
      waiting: (loop?.waitingCount ?? 0) + this.#embedder.waitingCount,
      cellsUsed: loop?.cache.ledger.used ?? 0,
      cells: this.#context?.nCtx ?? 0,
      prefixBytes: this.#store.bytes,
      prefixes: this.#store.size + (loop?.cache.keptCount ?? 0),
      steps: loop?.times.count ?? 0,
      stepMsP50,
      stepMsP99,
      rssBytes: process.memoryUsage.rss(),
    };
  }

  #fail(id: number, error: unknown): void {
    this.#send({ type: "failed", id, ...describe(error) });
  }
}

/** An error as the protocol carries it. */
export function describe(error: unknown): { message: string; status: number; code?: string } {
  const known = error instanceof PunaError ? error : new Failed(messageOf(error));
  return { message: known.message, status: known.status, ...(known.code !== undefined && { code: known.code }) };
}

/** Reports each whole percent once. */
function progress(send: (message: FromRunner) => void): (fraction: number) => void {
  let last = -1;
  return (fraction) => {
    const percent = Math.floor(fraction * 100);
    if (percent === last) return;
    last = percent;
    send({ type: "progress", fraction: percent / 100 });
  };
}

function base64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}
