/** Timings of an answer, in nanoseconds; whatever is zero is left out, as Go leaves it out. */
import type { Finish } from "../engine/protocol.ts";

export function metrics(finish: Finish, { startedMs, loadNs }: { startedMs: number; loadNs: number }): Record<string, number> {
  const all = {
    total_duration: toNs(performance.now() - startedMs),
    load_duration: loadNs,
    prompt_eval_count: finish.promptTokens,
    prompt_eval_duration: toNs(finish.promptMs),
    eval_count: finish.generatedTokens,
    eval_duration: toNs(finish.generateMs),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value > 0));
}

function toNs(ms: number): number {
  return Math.round(ms * 1e6);
}
