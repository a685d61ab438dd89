/** A full window: which tokens go so that an answer can go on. */

export interface ShiftPlan {
  /** First position that goes. */
  from: number;
  count: number;
}

/**
 * Keeps the first `keep` tokens (-1: the whole prompt) and BOS, and drops the older half of the rest, as Ollama's runner does.
 * Undefined when there is nothing that may go.
 * @param window tokens held
 * @param prompt how many of them were the prompt
 */
export function planShift({
  window,
  prompt,
  keep,
  bos,
}: {
  window: number;
  prompt: number;
  keep: number;
  bos: boolean;
}): ShiftPlan | undefined {
  const wanted = keep < 0 ? prompt : keep + (bos ? 1 : 0);
  // At least a few positions must move, or the next token would shift again at once.
  const from = Math.min(wanted, Math.max(0, window - 4));
  const count = Math.floor((window - from) / 2);
  return count > 0 ? { from, count } : undefined;
}
