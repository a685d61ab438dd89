/** Composes one `llama_decode`: every waiting answer, or as much of the waiting prompts as the time allows. */

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
  /** Milliseconds of prefill between others' tokens. */
  budgetMs: number;
  /** Measured prompt tokens per millisecond; undefined before the first measurement. */
  prefillRate: number | undefined;
  /** The least chunk that is worth a step. */
  leastChunk: number;
  /** The last step was the answers'. */
  promptsTurn: boolean;
  /** Most tokens of one step that may give logits: more than there are sequences. */
  outputs: number;
}

/** A chunk as long as this gets a step of its own. */
const OWN_STEP = 48;
/** Kernels compute rows in groups: what is left over costs as much as a group. */
const ROWS = 16;

/**
 * Answers and prompts take turns, so that nobody's answer stalls: a prompt gets a chunk of `budgetMs` while anyone answers, and the whole
 * step otherwise. The longest-waiting prompt is served first, and what it leaves goes to the next.
 *
 * One step for both would be slower on a CPU: 60 prompt tokens and 6 answers take 119 ms together, and 73 and 18 apart. Attention works on
 * tiles of rows, and for each row of a tile at every cell that one of them wants. Short chunks do go along with the answers: they
 * cost less there than alone.
 */
export function composeStep<W extends Work>(works: Iterable<W>, limits: StepLimits): Share<W>[] {
  const answers: Share<W>[] = [];
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
      answers.push({ work, count });
      room -= count;
    }
  }
  if (prompts.length === 0) return answers;
  if (answers.length === 0) return chunks(prompts, limits.tokens, spare);
  const chunk = Math.max(limits.leastChunk, Math.floor(limits.budgetMs * (limits.prefillRate ?? 0)));
  if (chunk < OWN_STEP) return [...answers, ...chunks(prompts, Math.min(room, chunk), spare)];
  return limits.promptsTurn ? chunks(prompts, Math.min(limits.tokens, chunk), spare) : answers;
}

/** @param spare places for logits beyond one for each */
function chunks<W extends Work>(prompts: W[], room: number, spare: number): Share<W>[] {
  const shares: Share<W>[] = [];
  const isCut = prompts.reduce((sum, { pending }) => sum + pending, 0) > room;
  let left = isCut && room > ROWS ? room - (room % ROWS) : room;
  let places = spare;
  prompts.sort((a, b) => b.waitedSteps - a.waitedSteps);
  for (const work of prompts) {
    const count = Math.min(work.pending, left, work.scored ? places + 1 : left);
    if (work.scored) places -= Math.max(0, count - 1);
    if (count > 0) shares.push({ work, count });
    left -= count;
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
