/** A context: the KV cache and buffers with which a model computes. Used by one thread at a time. */
import koffi from "koffi";
import { Failed, Invalid } from "../errors.ts";
import type { Pointer } from "./abi.ts";
import { checkContext } from "./abi-check.ts";
import type { Batch } from "./batch.ts";
import { type ContextParams, contextStruct, poolingName } from "./context-params.ts";
import type { Llama } from "./functions.ts";
import type { Lora } from "./lora.ts";
import { Memory } from "./memory.ts";
import type { Model } from "./model.ts";
import { systemFunction } from "./system.ts";
import { sharedAddress, type ThreadPool } from "./threads.ts";

/** 0: done. 1: no room in the KV cache, nothing changed. 2: aborted, what was done stays in the cache. */
export type DecodeResult = 0 | 1 | 2;

/** Views of logits rows that are kept; far more than the rows of one step. */
const VIEWS = 4096;
const INVALID_BATCH = -1;

export class Context {
  readonly model: Model;
  readonly memory: Memory;
  readonly #llama: Llama;
  readonly #nBatch: number;
  readonly #nUbatch: number;
  readonly #views = new Map<Pointer, Float32Array>();
  #pointer: Pointer | undefined;
  /** Attention that is not causal sees a batch whole, so it must fit one micro-batch. */
  #mostTokens: number;
  #adapters: readonly { adapter: Lora; scale: number }[] = [];
  #abortFlag: Int32Array<SharedArrayBuffer> | undefined;

  /** Makes a context and reads its settings back. Throws `Failed` with llama.cpp's reason, such as no memory for so many cells. */
  constructor(model: Model, params: ContextParams) {
    this.model = model;
    this.#llama = model.library.llama;
    const settings = contextStruct(this.#llama, params);
    const create = () => this.#llama.llama_init_from_model(model.pointer, settings);
    // Silent first: the log is only needed when it failed, and hearing it would tie other threads of the process to this one.
    const first = create();
    const { result, reason } = first ? { result: first, reason: "" } : model.library.hear(create);
    if (!result)
      throw new Failed(`a context of ${params.cells} cells could not be made: ${reason || "llama.cpp gave no reason"}`);
    this.#pointer = result;
    this.#nBatch = this.#llama.llama_n_batch(result);
    this.#nUbatch = this.#llama.llama_n_ubatch(result);
    this.#mostTokens = this.#startsCausal(params) ? this.#nBatch : this.#nUbatch;
    this.memory = new Memory(this.#llama, () => this.#llama.llama_get_memory(this.pointer));
    model.dependents.add(this);
    try {
      this.#checkSettings(settings);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Address of the native context. Throws after `close`. */
  get pointer(): Pointer {
    if (this.#pointer === undefined) throw new Failed("the context is closed");
    return this.#pointer;
  }

  /** Computes a batch with the KV cache. Throws `Failed` for an invalid batch or a failed computation. */
  decode(batch: Batch): DecodeResult {
    return this.#run(batch, this.#llama.llama_decode, "decode", this.#mostTokens);
  }

  /** Computes a batch without the KV cache: the encoder of an encoder-decoder model, or an embedding model. */
  encode(batch: Batch): DecodeResult {
    return this.#run(batch, this.#llama.llama_encode, "encode", this.#nUbatch);
  }

  /** Waits until everything asked for is computed. */
  synchronize(): void {
    this.#llama.llama_synchronize(this.pointer);
  }

  /**
   * Logits of the token at index `i` of the last batch (-1: the last one that asked for them), without a copy:
   * the view is good until the next decode.
   */
  logits(i: number): Float32Array {
    const row = this.#llama.llama_get_logits_ith(this.pointer, i);
    if (!row) throw new Failed(`the last batch has no logits for index ${i}`);
    const known = this.#views.get(row);
    if (known) return known;
    if (this.#views.size >= VIEWS) this.#views.clear();
    const view = new Float32Array(koffi.view(row, this.model.vocabularySize * 4));
    this.#views.set(row, view);
    return view;
  }

  /** Whether the last batch has logits for this index. */
  hasLogits(i: number): boolean {
    return this.#llama.llama_get_logits_ith(this.pointer, i) !== null;
  }

  /** The pooled embedding of a sequence, or with rank pooling its scores. A copy, not normalised. */
  embeddingsOf(sequence: number): Float32Array {
    const row = this.#llama.llama_get_embeddings_seq(this.pointer, sequence);
    if (!row) throw new Failed(`the last batch has no pooled embedding of sequence ${sequence}`);
    return this.#copyRow(row, this.poolingType === "rank" ? this.model.classCount : this.model.outputEmbeddingLength);
  }

  /** The embedding of the token at index `i` of the last batch. A copy. */
  embeddingsAt(i: number): Float32Array {
    const row = this.#llama.llama_get_embeddings_ith(this.pointer, i);
    if (!row) throw new Failed(`the last batch has no embedding for index ${i}`);
    return this.#copyRow(row, this.model.outputEmbeddingLength);
  }

  /**
   * A decode stops with 2 soon after `flag[index]` becomes 1, whoever writes it, and goes on while it is 0.
   * `undefined` takes the flag away.
   */
  setAbort(flag: Int32Array<SharedArrayBuffer> | undefined, index = 0): void {
    this.#abortFlag = flag;
    if (!flag) {
      this.#llama.llama_set_abort_callback(this.pointer, null, null);
      return;
    }
    if (!(flag.buffer instanceof SharedArrayBuffer)) throw new Invalid("an abort flag must be in shared memory");
    // strlen(flag) is 0 for the bytes 00 … and 1 for 01 00 …: a native abort test that costs no call into JavaScript.
    // Numbers are little-endian on every platform with a build.
    this.#llama.llama_set_abort_callback(this.pointer, systemFunction("strlen"), sharedAddress(flag.subarray(index, index + 1)));
  }

  /** The flag in force; held here, since native code reads its memory. */
  get abortFlag(): Int32Array<SharedArrayBuffer> | undefined {
    return this.#abortFlag;
  }

  /** Whether decodes give embeddings besides logits. */
  setEmbeddings(on: boolean): void {
    this.#llama.llama_set_embeddings(this.pointer, on);
  }

  /** Most tokens of one decode. */
  get mostTokens(): number {
    return this.#mostTokens;
  }

  /** Whether tokens see only what comes before them. */
  setCausal(on: boolean): void {
    this.#mostTokens = on ? this.#nBatch : this.#nUbatch;
    this.#llama.llama_set_causal_attn(this.pointer, on);
  }

  /** Threads for single tokens, and for prompts. */
  setThreads(threads: number, batchThreads = threads): void {
    this.#llama.llama_set_n_threads(this.pointer, threads, batchThreads);
  }

  /** Uses a thread pool, or none. Detach before the pool is closed. */
  attachThreads(pool: ThreadPool | undefined, batchPool = pool): void {
    if (pool && batchPool) this.#llama.llama_attach_threadpool(this.pointer, pool.pointer, batchPool.pointer);
    else this.#llama.llama_detach_threadpool(this.pointer);
  }

  /** Puts these adapters into force, and takes others out. */
  setLoras(adapters: readonly { adapter: Lora; scale: number }[]): void {
    for (const { adapter } of adapters) {
      if (adapter.model.pointer !== this.model.pointer) throw new Invalid("an adapter belongs to the model it was loaded for");
    }
    const pointers = BigUint64Array.from(adapters.map((one) => one.adapter.pointer));
    const scales = Float32Array.from(adapters.map((one) => one.scale));
    const failed = this.#llama.llama_set_adapters_lora(this.pointer, pointers, adapters.length, scales);
    if (failed !== 0) throw new Failed("llama.cpp did not accept the adapters");
    this.#adapters = [...adapters];
  }

  get loras(): readonly { adapter: Lora; scale: number }[] {
    return this.#adapters;
  }

  get nCtx(): number {
    return this.#llama.llama_n_ctx(this.pointer);
  }

  /** Cells that one sequence may hold: all of them when the cache is unified. */
  get nCtxSeq(): number {
    return this.#llama.llama_n_ctx_seq(this.pointer);
  }

  get nBatch(): number {
    return this.#nBatch;
  }

  get nUbatch(): number {
    return this.#nUbatch;
  }

  get nSeqMax(): number {
    return this.#llama.llama_n_seq_max(this.pointer);
  }

  get poolingType() {
    return poolingName(this.#llama.llama_pooling_type(this.pointer));
  }

  /** Frees the context. Twice is harmless. */
  close(): void {
    if (this.#pointer === undefined) return;
    this.#llama.llama_free(this.#pointer);
    this.#pointer = undefined;
    this.#abortFlag = undefined;
    this.#views.clear();
    this.model.dependents.delete(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #run(batch: Batch, compute: Llama["llama_decode"], verb: string, most: number): DecodeResult {
    if (batch.n === 0) throw new Failed(`nothing to ${verb}: the batch is empty`);
    // llama.cpp ends the process for a batch that is too large.
    if (batch.n > most) throw new Failed(`a batch of ${batch.n} tokens is more than the ${most} of this context`);
    const code = compute(this.pointer, batch.native);
    if (code === 0 || code === 1 || code === 2) return code;
    // An invalid batch changed nothing, so asking again with the log heard is safe and names the reason.
    const { reason } =
      code === INVALID_BATCH ? this.model.library.hear(() => compute(this.pointer, batch.native)) : { reason: "" };
    throw new Failed(`llama.cpp could not ${verb} a batch of ${batch.n} tokens: ${reason || `code ${code}`}`);
  }

  /** A context without a cache is an encoder's: every token sees every other. */
  #startsCausal(params: ContextParams): boolean {
    if (this.#llama.llama_get_memory(this.pointer) === null || this.model.isDiffusion) return false;
    const metadata = this.model.metadata();
    const architecture = metadata.get("general.architecture") ?? "";
    // This one says nothing in its file; llama.cpp knows it by name.
    const byName = architecture !== "gemma-embedding";
    return params.causal ?? (byName && metadata.get(`${architecture}.attention.causal`) !== "false");
  }

  #copyRow(row: Pointer, length: number): Float32Array {
    return Float32Array.from(new Float32Array(koffi.view(row, length * 4)));
  }

  /** llama.cpp rounds and clamps some settings; the rest must come back as they were sent. */
  #checkSettings(settings: ReturnType<typeof contextStruct>): void {
    const wanted: Record<string, number> = {
      n_seq_max: settings.n_seq_max,
      n_threads: settings.n_threads,
      n_threads_batch: settings.n_threads_batch,
    };
    if (settings.kv_unified) wanted.n_ctx = Math.ceil((settings.n_ctx || this.model.trainedContext) / 256) * 256;
    const cells = settings.n_ctx || this.model.trainedContext;
    // Causal models never take a batch beyond their context.
    const batch = [settings.n_batch, Math.min(settings.n_batch, cells)].includes(this.nBatch) ? this.nBatch : settings.n_batch;
    wanted.n_batch = batch;
    wanted.n_ubatch = Math.min(batch, settings.n_ubatch || settings.n_batch);
    if (settings.pooling_type >= 0) wanted.pooling_type = settings.pooling_type;
    const { pointer } = this;
    const got: Record<string, number> = {
      n_ctx: this.nCtx,
      n_batch: this.nBatch,
      n_ubatch: this.nUbatch,
      n_seq_max: this.nSeqMax,
      n_threads: this.#llama.llama_n_threads(pointer),
      n_threads_batch: this.#llama.llama_n_threads_batch(pointer),
      pooling_type: this.#llama.llama_pooling_type(pointer),
    };
    checkContext(wanted, got);
  }
}
