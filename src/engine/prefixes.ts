/** Finds what is already computed: the longest common prefix of a prompt and what sequences or the RAM store hold. */

/** Tokens whose KV exists somewhere. */
export interface Held {
  readonly tokens: ArrayLike<number>;
  /** How many of `tokens` may be reused: those that are evaluated and stand at their own positions. */
  readonly usable: number;
}

/** How many leading tokens are the same, looking no further than `limit`. */
export function commonPrefix(a: ArrayLike<number>, b: ArrayLike<number>, limit = Number.POSITIVE_INFINITY): number {
  const end = Math.min(a.length, b.length, limit);
  let i = 0;
  while (i < end && a[i] === b[i]) i++;
  return i;
}

export interface Match<H extends Held> {
  held: H;
  /** Tokens to reuse. */
  length: number;
}

/**
 * The longest match for `prompt`. Its last token is never reused, since its logits are needed. A few hundred candidates differ
 * early, so comparing each costs microseconds: less than keeping a tree right while sequences grow, shift and end.
 * @param whole recurrent and sliding-window memory cannot be cut: only a candidate that is a prefix as a whole counts
 */
export function longestMatch<H extends Held>(
  prompt: ArrayLike<number>,
  candidates: Iterable<H>,
  { whole = false } = {},
): Match<H> | undefined {
  let best: Match<H> | undefined;
  for (const held of candidates) {
    const length = commonPrefix(prompt, held.tokens, Math.min(held.usable, prompt.length - 1));
    if (length === 0 || length <= (best?.length ?? 0)) continue;
    if (whole && (length !== held.usable || length !== held.tokens.length)) continue;
    best = { held, length };
  }
  return best;
}
