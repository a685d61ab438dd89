/** One row of logits becomes one token of an answer, and what follows from it. */
import { Failed } from "../errors.ts";
import type { Context, Model } from "../llama/index.ts";
import type { Generation } from "./generation.ts";
import { logprobsOf } from "./logprobs.ts";
import type { SequenceEvent, TokenLogprob } from "./protocol.ts";

export interface Answered {
  event?: SequenceEvent;
  /** `shift`: the window is full. */
  next: "go on" | "stop" | "length" | "shift";
}

/** Samples from row `row` of the last batch. Throws `Failed` when the logits are NaN or a grammar leaves no token. */
export function answerToken(model: Model, context: Context, generation: Generation, row: number): Answered {
  const { request, output } = generation;
  if (request.maxTokens === 0) return { next: "length" };
  const logits = context.logits(row);
  // Samplers may end the process on NaN.
  if (hasNaN(logits))
    throw new Failed("the model computed NaN (not a number): its weights are damaged or do not suit these kernels");
  const token = generation.chooser.choose(context, row);
  if (model.isEog(token) && !request.ignoreEos) {
    generation.ended();
    return { next: "stop" };
  }
  const logprob = request.topLogprobs === undefined ? undefined : logprobOf(model, logits, token, request.topLogprobs);
  const piece = model.piece(token, { special: generation.preserved.has(token) });
  const { text, logprobs } = generation.push(token, piece, logprob);
  const count = generation.generated.length;
  const event: SequenceEvent = { id: generation.id, text, count };
  if (logprobs.length > 0) event.logprobs = logprobs;
  const seen = text !== "" || logprobs.length > 0;
  return { ...(seen && { event }), next: following() };

  function following(): Answered["next"] {
    if (output.stopText !== undefined) return "stop";
    if (count === request.maxTokens) return "length";
    if (generation.tokens.length > request.contextLimit) return "shift";
    return generation.tokens.length === request.contextLimit && !request.shift ? "length" : "go on";
  }
}

/** NaN in the hidden state reaches every logit; a few places tell without a pass over the vocabulary. */
export function hasNaN(row: Float32Array): boolean {
  const stride = Math.max(1, row.length >> 3);
  for (let i = 0; i < row.length; i += stride) if (Number.isNaN(row[i])) return true;
  return false;
}

function logprobOf(model: Model, logits: Float32Array, token: number, top: number): TokenLogprob {
  const found = logprobsOf(logits, token, top);
  const describe = (id: number, logprob: number) => {
    const bytes = model.piece(id, { special: true });
    return { token: new TextDecoder().decode(bytes), logprob, bytes: [...bytes] };
  };
  return {
    ...describe(token, found.chosen),
    ...(top > 0 && { top: found.top.map((one) => describe(one.token, one.logprob)) }),
  };
}
