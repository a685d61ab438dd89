/** One row of logits becomes one token of an answer, and what follows from it. */
import type { Context, Model } from "../llama/index.ts";
import type { Generation } from "./generation.ts";
import type { SequenceEvent } from "./protocol.ts";
import { logprobOf, refuseNaN } from "./score.ts";

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
  refuseNaN(logits);
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
