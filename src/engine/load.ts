/** A model from its file to what the loop needs: weights, adapters, threads, contexts, and what the parent wants to know of it. */
import { Canceled, Failed, Invalid } from "../errors.ts";
import {
  Batch,
  Context,
  type ContextParams,
  Lora,
  Model,
  openLibrary,
  type Pooling,
  poolings,
  sequenceSize,
  ThreadPool,
} from "../llama/index.ts";
import { Control } from "./control.ts";
import { EMBED_SEQUENCES } from "./embed.ts";
import type { ContextShape, LoadMessage, RunnerInfo } from "./protocol.ts";
import { hasNaN, SCORED_TOKENS } from "./score.ts";

/** Most native sequences of a context (LLAMA_MAX_SEQ). */
const MOST_SLOTS = 256;
/** Sequences beyond the active ones, for prefixes kept after their request. */
const KEPT_SLOTS = 8;
/** A step never holds more tokens than this on a CPU: more is no faster, and a cancel would wait longer. */
const CPU_STEP_TOKENS = 512;

/** Below this head size ggml's flash attention on a CPU takes three times as long as plain attention (measured: size 8, 512 tokens). */
const LEAST_FLASH_HEAD = 32;

/** What the file says about how the model is used. */
export interface ModelKind {
  headSize: number;
  /** It answers: it is no embedder. */
  generates: boolean;
  pooling: RunnerInfo["pooling"];
  /** Its memory cannot be cut or shared in part: recurrent state, or a sliding window. */
  whole: boolean;
  recurrent: boolean;
}

/** A model in memory with its threads. Contexts are made from it and closed with it. */
export class LoadedModel {
  readonly model: Model;
  readonly kind: ModelKind;
  readonly #message: LoadMessage;
  readonly #control: Control;
  readonly #pool: ThreadPool;
  readonly #loras: { adapter: Lora; scale: number }[];

  /** Throws `Failed` naming the file and the reason, or `Canceled` after `control.abortAll`. */
  constructor(message: LoadMessage, control: Control, onProgress: (fraction: number) => void) {
    const library = openLibrary({ path: message.libraryPath });
    this.#message = message;
    this.#control = control;
    this.model = Model.load(message.modelPath, {
      library,
      gpuLayers: message.gpuLayers,
      ...(message.mainGpu !== undefined && { mainGpu: message.mainGpu }),
      ...(message.useMmap !== undefined && { useMmap: message.useMmap }),
      onProgress: (fraction) => {
        onProgress(fraction);
        return !control.aborted;
      },
    });
    if (control.aborted) throw new Canceled("the load was canceled");
    this.kind = kindOf(this.model);
    this.#loras = message.adapters.map(({ path, scale }) => ({ adapter: Lora.load(this.model, path), scale }));
    // Threads spin between steps even where they leave the server no core of its own: waking them costs a tenth of the speed.
    this.#pool = new ThreadPool(library, message.threads);
  }

  /** Native sequences for so many active requests. */
  slots(sequences: number): number {
    const kept = this.kind.recurrent ? 1 : Math.max(KEPT_SLOTS, sequences);
    return Math.min(MOST_SLOTS, sequences + kept);
  }

  /** The context that generates. */
  generationContext(shape: ContextShape): Context {
    const batch = this.#message.gpuLayers > 0 ? shape.batch : Math.min(shape.batch, CPU_STEP_TOKENS);
    // A step samples one token for each active request, and scores a few; room for more would cost a vocabulary's width a token.
    const { sequences } = shape;
    const outputs = sequences + SCORED_TOKENS;
    return this.#context({ cells: shape.cells, batch, microBatch: batch, outputs, sequences: this.slots(sequences) });
  }

  /** A context that embeds texts of up to `capacity` tokens. Throws `Invalid` for a pooling that this model cannot do. */
  embeddingContext(capacity: number, pooling: Pooling | undefined): Context {
    const own = this.kind.pooling;
    if (pooling === "rank" && own !== "rank") throw new Invalid("this model does not support reranking: it has no rank pooling");
    // A chat model has no pooling of its own, and its last token alone stands for the end of the text, not for the text.
    const chosen = pooling ?? (own === "unspecified" || own === "none" ? "mean" : own);
    return this.#context({
      cells: capacity,
      batch: capacity,
      microBatch: capacity,
      sequences: Math.min(EMBED_SEQUENCES, MOST_SLOTS),
      embeddings: true,
      pooling: chosen,
    });
  }

  /** One token through the model. Gives back the bytes of one token's KV. Throws `Failed` when it computes NaN. */
  warmUp(context: Context): number {
    using batch = new Batch(2);
    const token = this.model.bos ?? 0;
    const decode = (position: number) => {
      batch.clear();
      batch.add(token, position, 0, true);
      if (context.decode(batch) === 2) throw new Canceled("the load was canceled");
      if (hasNaN(context.logits(0))) {
        throw new Failed(
          `model file "${this.#message.modelPath}" computes NaN: its weights are damaged or do not suit these kernels`,
        );
      }
      return sequenceSize(context, 0);
    };
    const first = decode(0);
    const bytesPerToken = decode(1) - first;
    context.memory.clear();
    return Math.max(0, bytesPerToken);
  }

  info(options: {
    shape: ContextShape;
    context: Context | undefined;
    bytesPerToken: number;
    loadMs: number;
    canShift: boolean;
  }): RunnerInfo {
    const { model, kind } = this;
    const { shape, context } = options;
    const template = model.chatTemplate();
    const text = (token: number | undefined) =>
      token === undefined ? "" : new TextDecoder().decode(model.piece(token, { special: true }));
    const cells = context?.nCtx ?? shape.cells;
    return {
      description: model.description,
      libraryVersion: model.library.version,
      kernelBuild: model.library.kernelBuild,
      gpus: model.library.gpus,
      parameters: model.parameters,
      weightBytes: model.sizeBytes,
      kvBytes: options.bytesPerToken * cells,
      computeBytes: computeBytes(model, context?.nUbatch ?? CPU_STEP_TOKENS, shape.sequences),
      trainedContext: model.trainedContext,
      embeddingLength: model.outputEmbeddingLength,
      vocabularySize: model.vocabularySize,
      shape: { ...shape, cells },
      ...(model.bos !== undefined && { bosToken: model.bos }),
      bosText: text(model.bos),
      ...(model.eos !== undefined && { eosToken: model.eos }),
      eosText: text(model.eos),
      addBos: model.addBos,
      addEos: model.addEos,
      ...(model.sep !== undefined && { sepToken: model.sep }),
      addSep: model.addSep,
      canShift: options.canShift,
      pooling: kind.pooling,
      hasDecoder: kind.generates,
      ...(template !== undefined && { chatTemplate: template }),
      loadMs: options.loadMs,
    };
  }

  close(): void {
    this.model.close();
    this.#pool.close();
  }

  #flashAttention(): boolean | undefined {
    const { flashAttention, gpuLayers, kvType } = this.#message;
    if (flashAttention !== undefined) return flashAttention;
    // A quantised cache works with flash attention only.
    const plain = gpuLayers === 0 && this.kind.headSize < LEAST_FLASH_HEAD && ["f16", "f32", "bf16"].includes(kvType);
    return plain ? false : undefined;
  }

  #context(params: ContextParams): Context {
    const { threads, kvType } = this.#message;
    const flashAttention = this.#flashAttention();
    const context = new Context(this.model, {
      ...params,
      threads,
      kvType,
      ...(flashAttention !== undefined && { flashAttention }),
    });
    context.attachThreads(this.#pool);
    context.setAbort(this.#control.flags, Control.abortIndex);
    if (this.#loras.length > 0) context.setLoras(this.#loras);
    return context;
  }
}

/** GGUF's `<arch>.pooling_type` marks an embedder, as in Ollama; the numbers are llama.h's. */
function kindOf(model: Model): ModelKind {
  const metadata = model.metadata();
  const arch = metadata.get("general.architecture") ?? "";
  const type = metadata.get(`${arch}.pooling_type`);
  const pooling = type === undefined ? "unspecified" : (poolings[Number(type)] ?? "unspecified");
  const causal = metadata.get(`${arch}.attention.causal`) !== "false";
  const recurrent = model.isRecurrent || model.isHybrid;
  const headSize = Number(metadata.get(`${arch}.attention.key_length`)) || model.embeddingLength / Math.max(1, model.heads);
  return {
    headSize,
    generates: model.hasDecoder && causal && (pooling === "unspecified" || pooling === "none"),
    pooling,
    whole: recurrent || model.slidingWindow > 0,
    recurrent,
  };
}

/** An estimate, for want of a way to ask: a dozen activations per token of a step, and the logits of those that are sampled. */
function computeBytes(model: Model, tokens: number, outputs: number): number {
  return 4 * (outputs * model.vocabularySize + tokens * 12 * model.embeddingLength);
}
