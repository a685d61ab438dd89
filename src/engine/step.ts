/** Composes one `llama_decode`: every waiting answer first, then as much of the waiting prompts as the time allows. */

/** What the composer must know about a sequence. */
export interface Work {
  /** Tokens that are known but not yet in the cache. */
  readonly pending: number;
  /** True while these are the prompt's; false for a sampled token, drafts or forced text. */
  readonly prefilling: boolean;
  /** Steps that passed since this prompt last got a chunk. */
  waitedSteps: number;
  /** Every token of its prompt gives logits, not the last one alone. */
  readonly scored?: boolean;
}

export interface Share<W extends Work> {
  work: W;
  count: number;
}

export interface StepLimits {
  /** Most tokens in one step: n_ubatch, so that a cancel never waits for more than one. */
  tokens: number;
  /** Milliseconds of prefill beside others' decoding. */
  budgetMs: number;
  /** Measured prompt tokens per millisecond; undefined before the first measurement. */
  prefillRate: number | undefined;
  /** The least chunk that is worth a step. */
  leastChunk: number;
  /** Most tokens of one step that may give logits: more than there are sequences. */
  outputs: number;
}

/**
 * Decodes come first and are never cut. Prompts get a chunk of `budgetMs` while anyone decodes (so that nobody's answer stalls) and
 * the whole step otherwise. The longest-waiting prompt is served first, and what it leaves goes to the next.
 */
export function composeStep<W extends Work>(works: Iterable<W>, limits: StepLimits): Share<W>[] {
  const shares: Share<W>[] = [];
  const prompts: W[] = [];
  let room = limits.tokens;
  // Each sequence has one place for logits; what is left goes to prompts that want more.
  let spare = limits.outputs;
  for (const work of works) {
    spare--;
    if (work.pending === 0) continue;
    if (work.prefilling) prompts.push(work);
    else if (room > 0) {
      const count = Math.min(work.pending, room);
      shares.push({ work, count });
      room -= count;
    }
  }
  if (prompts.length === 0) return shares;
  let chunk = room;
  if (shares.length > 0) {
    const inBudget = Math.floor(limits.budgetMs * (limits.prefillRate ?? 0));
    chunk = Math.min(room, Math.max(limits.leastChunk, inBudget));
  }
  prompts.sort((a, b) => b.waitedSteps - a.waitedSteps);
  for (const work of prompts) {
    const count = Math.min(work.pending, chunk, work.scored ? spare + 1 : chunk);
    if (work.scored) spare -= Math.max(0, count - 1);
    if (count > 0) shares.push({ work, count });
    chunk -= count;
    work.waitedSteps = count > 0 ? 0 : work.waitedSteps + 1;
  }
  return shares;
}

/** Learns how fast prompts go, from steps that held a real chunk. */
export class PrefillRate {
  #rate: number | undefined;

  get value(): number | undefined {
    return this.#rate;
  }

  /** @param tokens all tokens of the step, decodes included: they cost about as much as prompt tokens in a full batch */
  observe(tokens: number, ms: number): void {
    if (tokens < 16 || ms <= 0) return;
    const now = tokens / ms;
    const before = this.#rate ?? now;
    // Slower is believed at once: others wait for the next chunk.
    const weight = now < before ? 0.7 : 0.3;
    this.#rate = before * (1 - weight) + now * weight;
  }
}
