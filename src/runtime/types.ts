/** What `server/` asks of `runtime/`: a model in memory, for as long as a request holds it. */
import type { EmbedRequest, GenerateRequest, RerankRequest, RunnerInfo, RunnerStats, SequenceEvent } from "../engine/protocol.ts";
import type { Model } from "../models/types.ts";
import type { RuntimeCounts } from "./counts.ts";

/** Load-time options of Ollama's table; a request's `options` and the model's parameters, merged. */
export interface LoadOptions {
  /** Context wanted by this request; clamped to what the model was trained with. */
  numCtx: number;
  /** True when nobody asked for a size: memory may then choose less. */
  numCtxIsAutomatic: boolean;
  numBatch?: number;
  numGpu?: number;
  mainGpu?: number;
  useMmap?: boolean;
  numThread?: number;
}

export interface AcquireRequest {
  model: Model;
  options: LoadOptions;
  /** Nanoseconds as in Ollama would overflow; milliseconds here. Infinity is forever, undefined keeps what the runner has. */
  keepAliveMs?: number;
  signal: AbortSignal;
}

export interface Runtime {
  /** A running model, loaded if need be. Rejects with Busy, Canceled, Invalid or Failed. */
  acquire(request: AcquireRequest): Promise<Lease>;
  /** Loaded and loading models, latest expiry first. */
  loaded(): LoadedModel[];
  /** Unload after the requests that hold it; resolves when its memory is free. False when it was not loaded. */
  unload(model: Model): Promise<boolean>;
  /** Requests waiting for a runner. */
  readonly waiting: number;
  readonly counts: RuntimeCounts;
  close(): Promise<void>;
}

/** A request's hold on a runner. Dispose it exactly once; keep-alive runs from then. */
export interface Lease extends Disposable {
  readonly info: RunnerInfo;
  /** `num_ctx` of this request after clamping. */
  readonly contextLength: number;
  /** Nanoseconds this request waited for a load; 0 when it was loaded. */
  readonly loadDurationNs: number;
  tokenize(text: string, options?: { addSpecial?: boolean; parseSpecial?: boolean }): Promise<number[]>;
  detokenize(tokens: number[], options?: { special?: boolean }): Promise<string>;
  /** Events until one carries `finish`. Aborting ends it within one step with reason `cancel`. A runner that dies throws Failed. */
  generate(request: GenerateRequest, options: { signal: AbortSignal }): AsyncIterable<SequenceEvent>;
  embed(request: EmbedRequest, options: { signal: AbortSignal }): Promise<Float32Array[]>;
  rerank(request: RerankRequest, options: { signal: AbortSignal }): Promise<number[]>;
  stats(): Promise<RunnerStats>;
}

export interface LoadedModel {
  model: Model;
  info: RunnerInfo | undefined;
  sizeBytes: number;
  sizeVramBytes: number;
  contextLength: number;
  expiresAt: Date;
  /** Requests holding it now. */
  active: number;
  /** Undefined while it loads. Rejects when its runner dies. */
  stats: () => Promise<RunnerStats | undefined>;
}
