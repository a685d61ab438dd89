/** A model in memory: its runner, who holds it, and when it is to go. */
import type { ContextShape } from "../engine/protocol.ts";
import type { Model } from "../models/types.ts";
import type { Runner } from "./runner.ts";
import type { LoadedModel } from "./types.ts";

/** Go's longest duration: what Ollama calls forever, some 292 years. */
export const FOREVER_MS = 9_223_372_036_854;
/** setTimeout counts in 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One runner from its load to its end. */
export class Loaded {
  readonly model: Model;
  readonly runner: Runner;
  /** What only another load can change, as text to compare. */
  readonly structure: string;
  /** The request's `num_gpu`; 0 keeps a model off the GPU. */
  readonly gpuLayers: number;
  /** Largest `num_ctx` this runner was sized for. */
  contextLength: number;
  keepAliveMs: number;
  active = 0;
  lastUsed = Date.now();
  answered = false;
  /** No new requests: it goes when those that hold it are done. */
  draining = false;
  busy: "resizing" | "closing" | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    model: Model;
    runner: Runner;
    structure: string;
    gpuLayers: number;
    contextLength: number;
    keepAliveMs: number;
  }) {
    this.model = options.model;
    this.runner = options.runner;
    this.structure = options.structure;
    this.gpuLayers = options.gpuLayers;
    this.contextLength = options.contextLength;
    this.keepAliveMs = options.keepAliveMs;
  }

  get shape(): ContextShape {
    return this.runner.info.shape;
  }

  get idle(): boolean {
    return this.active === 0 && this.busy === undefined;
  }

  get sizeBytes(): number {
    const { weightBytes, kvBytes, computeBytes } = this.runner.info;
    return weightBytes + kvBytes + computeBytes;
  }

  /** Calls `expire` once nobody has used the model for its keep-alive time. */
  startTimer(expire: () => void): void {
    this.stopTimer();
    const check = () => {
      const leftMs = this.lastUsed + this.keepAliveMs - Date.now();
      if (leftMs <= 0) expire();
      else if (leftMs !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(check, Math.min(leftMs, LONGEST_TIMER_MS)).unref();
    };
    check();
  }

  stopTimer(): void {
    clearTimeout(this.#timer);
  }

  describe(): LoadedModel {
    const from = this.active > 0 ? Date.now() : this.lastUsed;
    return {
      model: this.model,
      info: this.runner.info,
      sizeBytes: this.sizeBytes,
      // llama.cpp takes all layers unless told how many; where only some went, this says too much.
      sizeVramBytes: this.runner.info.gpus.length > 0 && this.gpuLayers !== 0 ? this.sizeBytes : 0,
      contextLength: this.contextLength,
      expiresAt: new Date(this.draining ? Date.now() - 1 : from + Math.min(this.keepAliveMs, FOREVER_MS)),
      active: this.active,
      stats: async () => await this.runner.stats(),
    };
  }
}
