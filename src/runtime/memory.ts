/** Whether a load fits in the memory that is free now, and how much of what is left the KV cache may have. */
import type { Config } from "../config.ts";
import { displayName } from "../models/name.ts";
import type { Model } from "../models/types.ts";
import { availableMemory } from "./available-memory.ts";
import { checkFit, estimateMemory, type FitRequest, largestContext } from "./memory-fit.ts";
import { isEmbeddingOnly } from "./plan.ts";

export interface MemoryPlan {
  /** The context to load with: what was asked for, or less when nobody asked and memory is short. */
  numCtx: number;
  /** Weights, KV for one request, and compute. */
  needBytes: number;
  /** How much is missing; 0 when it fits. */
  shortBytes: number;
  /** One sentence for the user, when it does not fit. */
  problem: string;
  kvBytesPerCell: number;
  /** What the KV cache may grow to, so that several requests fit side by side. */
  kvBudgetBytes: number;
}

export interface MemoryQuestion {
  model: Model;
  numCtx: number;
  /** Nobody asked for this size. */
  numCtxIsAutomatic: boolean;
  config: Config;
  /** What loads under way will still take. */
  promisedBytes: number;
  /** For a resize: what this model holds already. */
  loadedBytes?: number;
}

/** Below this an answer is hardly worth having: a model that does not fit even so is refused. */
const LEAST_AUTOMATIC_CONTEXT = 1024;

/** Fits a load into the free memory of this machine or container. */
export function planMemory(question: MemoryQuestion, free: number = availableMemory()): MemoryPlan {
  const { model, numCtx, config, promisedBytes, loadedBytes = 0 } = question;
  const { header } = model;
  const nothing = { numCtx, needBytes: 0, shortBytes: 0, problem: "", kvBytesPerCell: 0, kvBudgetBytes: 0 };
  if (!header) return nothing;
  const freeBytes = Math.max(0, free - promisedBytes);
  const request: FitRequest = {
    contextLength: numCtx,
    sequences: config.numParallel ?? 8,
    kvType: config.kvType,
    batch: 512,
    ...(isEmbeddingOnly(model) ? {} : { outputs: config.numParallel ?? 8 }),
    ...(config.flashAttention !== undefined && { flashAttention: config.flashAttention }),
  };
  const problem = checkFit(displayName(model.name), header, request, { freeBytes, loadedBytes });
  if (problem !== undefined && question.numCtxIsAutomatic) {
    const largest = largestContext(header, request, freeBytes + loadedBytes);
    if (largest >= LEAST_AUTOMATIC_CONTEXT && largest < numCtx)
      return planMemory({ ...question, numCtx: largest, numCtxIsAutomatic: false }, free);
  }
  const need = estimateMemory(header, request);
  const needBytes = Math.max(0, need.totalBytes - loadedBytes);
  return {
    numCtx,
    needBytes,
    shortBytes: problem === undefined ? 0 : Math.max(1, needBytes - freeBytes),
    problem: problem === undefined ? "" : `model requires more system memory than is available: ${problem}`,
    kvBytesPerCell: need.kvBytesPerCell,
    // Half of what would be left: other models and other programs want some too.
    kvBudgetBytes: need.kvBytes + Math.max(0, freeBytes - needBytes) / 2,
  };
}
