/** What the model thinks of tokens that are there already: log-probabilities of a chosen token, and of a prompt's own. */
import { Failed } from "../errors.ts";
import type { Context, Model } from "../llama/index.ts";
import type { Generation } from "./generation.ts";
import { logprobsOf } from "./logprobs.ts";
import type { PromptLogprob, SequenceEvent, TokenLogprob } from "./protocol.ts";

/** So many tokens of one step may give logits besides one for each active request. Each costs a vocabulary's width of memory. */
export const SCORED_TOKENS = 8;

/** The log-probability of `token` in a row of logits, with the `top` most likely ones. */
export function logprobOf(model: Model, logits: Float32Array, token: number, top: number): TokenLogprob {
  const found = logprobsOf(logits, token, top);
  const ranked = found.top.map(({ token: id, logprob }) => ({ ...shown(model, id), logprob }));
  return { ...shown(model, token), logprob: found.chosen, ...(top > 0 && { top: ranked }) };
}

/**
 * The prompt's tokens that the last batch has logits for. Each row speaks of the token after its own, so that the first token of all
 * has none. The batch held the tokens from position `from` on, from its index `row` on. Throws `Failed` when the logits are NaN.
 */
export function scorePrompt(
  model: Model,
  context: Context,
  generation: Generation,
  { row, from }: { row: number; from: number },
): SequenceEvent {
  const { prompt, topLogprobs = 0 } = generation.request;
  const found: PromptLogprob[] = [];
  const end = Math.min(generation.evaluated + 1, prompt.length);
  for (let at = generation.scoredTokens; at < end; at++) {
    const token = prompt[at] ?? 0;
    if (at === 0) {
      found.push({ ...shown(model, token), logprob: null });
      continue;
    }
    const logits = context.logits(row + at - 1 - from);
    refuseNaN(logits);
    found.push(logprobOf(model, logits, token, topLogprobs));
  }
  generation.scoredTokens = Math.max(generation.scoredTokens, end);
  return { id: generation.id, text: "", count: 0, promptLogprobs: found };
}

/** Throws `Failed` for a row that no token can be chosen from. */
export function refuseNaN(logits: Float32Array): void {
  if (hasNaN(logits))
    throw new Failed("the model computed NaN (not a number): its weights are damaged or do not suit these kernels");
}

/** NaN in the hidden state reaches every logit; a few places tell without a pass over the vocabulary. */
export function hasNaN(row: Float32Array): boolean {
  const stride = Math.max(1, row.length >> 3);
  for (let i = 0; i < row.length; i += stride) if (Number.isNaN(row[i])) return true;
  return false;
}

function shown(model: Model, token: number): { token: string; bytes: number[] } {
  const bytes = model.piece(token, { special: true });
  return { token: new TextDecoder().decode(bytes), bytes: [...bytes] };
}
