/** Options and prompts until chat/ has them. */
import type { SamplingOptions } from "../engine/protocol.ts";
import type { LoadOptions } from "../runtime/types.ts";

export interface Resolved {
  load: LoadOptions;
  sampling: SamplingOptions;
  numPredict: number;
  numKeep: number;
  stop: string[];
}

export function resolveOptions(defaults: { numCtx: number | undefined }, ...layers: Record<string, unknown>[]): Resolved {
  const all: Record<string, unknown> = Object.assign({}, ...layers);
  const n = (key: string, fallback: number) => (typeof all[key] === "number" ? all[key] : fallback);
  const has = (key: string) => typeof all[key] === "number";
  return {
    load: {
      numCtx: n("num_ctx", defaults.numCtx ?? 4096),
      numCtxIsAutomatic: !has("num_ctx"),
      ...(has("num_gpu") && { numGpu: n("num_gpu", -1) }),
      ...(has("num_thread") && { numThread: n("num_thread", 0) }),
      ...(has("num_batch") && { numBatch: n("num_batch", 0) }),
    },
    sampling: {
      seed: n("seed", Math.floor(Math.random() * 2 ** 32)),
      temperature: n("temperature", 0.8),
      topK: n("top_k", 40),
      topP: n("top_p", 0.9),
      minP: n("min_p", 0),
      typicalP: n("typical_p", 1),
      topNSigma: -1,
      xtcProbability: 0,
      xtcThreshold: 0.1,
      repeatLastN: n("repeat_last_n", 64),
      repeatPenalty: n("repeat_penalty", 1),
      frequencyPenalty: 0,
      presencePenalty: 0,
      dryMultiplier: 0,
      dryBase: 1.75,
      dryAllowedLength: 2,
      dryPenaltyLastN: -1,
      drySequenceBreakers: [],
      mirostat: 0,
      mirostatTau: 5,
      mirostatEta: 0.1,
      dynatempRange: 0,
      dynatempExponent: 1,
      logitBias: [],
    },
    numPredict: n("num_predict", -1),
    numKeep: n("num_keep", 4),
    stop: Array.isArray(all.stop) ? all.stop.map(String) : [],
  };
}
