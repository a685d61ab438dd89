/** A model in memory for one request, with the options that hold for it. */
import { type ResolvedOptions, resolveOptions } from "../chat/options.ts";
import type { Model } from "../models/types.ts";
import type { Lease } from "../runtime/types.ts";
import type { Deps } from "./deps.ts";

export interface Held extends Disposable {
  lease: Lease;
  options: ResolvedOptions;
  /** How long it took to get hold of the model. */
  loadNs: number;
}

export interface HoldRequest {
  /** The request's own; the model's parameters and the defaults lie below them. */
  options: Record<string, unknown>;
  keepAliveMs: number | undefined;
  signal: AbortSignal;
  /** Looks at the options before the model is asked for; what it throws is what `hold` rejects with. */
  check?: (options: ResolvedOptions) => void;
}

/** Rejects as `Runtime.acquire` does, and with Failed for an option of a wrong type. */
export async function hold({ runtime, config }: Deps, model: Model, request: HoldRequest): Promise<Held> {
  const options = resolveOptions({ numCtx: config.contextLength }, model.parameters, request.options);
  request.check?.(options);
  const started = performance.now();
  const lease = await runtime.acquire({
    model,
    options: options.load,
    signal: request.signal,
    ...(request.keepAliveMs !== undefined && { keepAliveMs: request.keepAliveMs }),
  });
  const loadNs = Math.round((performance.now() - started) * 1e6);
  return { lease, options, loadNs, [Symbol.dispose]: () => lease[Symbol.dispose]() };
}
