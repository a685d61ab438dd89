/** Whether a model fits in the memory that is free now, and how much of it the KV cache may have. */
import { readFileSync } from "node:fs";
import os from "node:os";
import type { Config } from "../config.ts";
import type { RunnerInfo } from "../engine/protocol.ts";
import type { Model } from "../models/types.ts";
import type { LoadOptions } from "./types.ts";

export interface MemoryPlan {
  /** Weights, KV for one request, and compute. */
  needBytes: number;
  /** How much is missing; 0 when it fits. */
  shortBytes: number;
  problem: string;
  kvBytesPerCell: number;
  kvBudgetBytes: number;
}

export interface MemoryQuestion {
  model: Model;
  numCtx: number;
  options: LoadOptions;
  config: Config;
  /** What loads under way will still take. */
  promisedBytes: number;
  /** For a resize: what is loaded already. */
  loaded?: RunnerInfo;
}

/** Fits a load into the free memory of this machine or container. */
export function planMemory({ model, numCtx, promisedBytes, loaded }: MemoryQuestion, free = freeBytes()): MemoryPlan {
  const weightBytes = loaded ? 0 : (model.header?.fileSize ?? 0);
  const needBytes = weightBytes + numCtx;
  const available = free - promisedBytes;
  return {
    needBytes,
    shortBytes: Math.max(0, needBytes - available),
    problem: "",
    kvBytesPerCell: 0,
    kvBudgetBytes: available / 4,
  };
}

/** Bytes a new process can have: what the kernel calls available, within the container's limit. */
export function freeBytes(): number {
  const available = Number(/^MemAvailable:\s*(\d+) kB/m.exec(readText("/proc/meminfo"))?.[1] ?? Number.NaN) * 1024;
  const free = Number.isFinite(available) ? available : os.freemem();
  const limit = Number(readText("/sys/fs/cgroup/memory.max").trim());
  const used = Number(readText("/sys/fs/cgroup/memory.current").trim());
  return limit > 0 && Number.isFinite(limit) ? Math.min(free, Math.max(0, limit - used)) : free;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
