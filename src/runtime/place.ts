/** One model's place in the runtime: what is loaded of it and who waits for it. */
import type { Model } from "../models/types.ts";
import { FOREVER_MS, type Loaded } from "./loaded.ts";
import type { LoadedModel } from "./types.ts";
import type { WaitingList, Want } from "./waiting.ts";

export interface Place {
  readonly key: string;
  readonly waiting: WaitingList;
  loaded: Loaded | undefined;
  loading: Loading | undefined;
  /** Fires when a model whose runner died may be tried again. */
  retry: NodeJS.Timeout | undefined;
}

interface Loading {
  model: Model;
  needBytes: number;
  contextLength: number;
  abort: AbortController;
}

/**
 * Who makes room for a load that lacks `shortBytes` (0: only too many are loaded): an idle model to unload, "wait" when
 * something will leave or end by itself, "nothing" when waiting would be in vain.
 */
export function whatGoes(others: Place[], shortBytes: number): Loaded | "wait" | "nothing" {
  if (others.some(({ loaded }) => loaded?.busy === "closing")) return "wait";
  const idle = others.flatMap(({ loaded, waiting }) => (loaded?.idle && waiting.size === 0 ? [loaded] : []));
  idle.sort((a, b) => a.lastUsed - b.lastUsed);
  // Least recently used, but one that frees enough by itself rather than two that do not.
  const victim = idle.find((loaded) => loaded.sizeBytes >= shortBytes) ?? idle[0];
  if (victim) return victim;
  return others.some(({ loaded, loading }) => loading || (loaded && !loaded.idle)) ? "wait" : "nothing";
}

/** A load as lists show it: it expires a keep-alive from now. */
export function describeLoading({ model, needBytes, contextLength }: Loading, keepAliveMs: number): LoadedModel {
  const expiresAt = new Date(Date.now() + Math.min(keepAliveMs, FOREVER_MS));
  const stats = async () => undefined;
  return { model, info: undefined, sizeBytes: needBytes, sizeVramBytes: 0, contextLength, expiresAt, active: 0, stats };
}

/** Smaller contexts are served as they are; that is the point of a limit per request. */
export function serves(loaded: Loaded, { numCtx, isAutomatic, structure }: Want): boolean {
  if (loaded.draining || loaded.busy !== undefined || structure !== loaded.structure) return false;
  return isAutomatic || numCtx <= loaded.shape.cells;
}
