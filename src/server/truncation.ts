/** What did not fit, told the same way in every dialect: a header, and fields of the answer. Nothing is left out in silence. */
import type { Context } from "hono";
import type { Finish } from "../engine/protocol.ts";

export interface Truncation {
  /** Tokens of the prompt with nothing left out. */
  originalTokens: number;
  /** Tokens that the model was given. */
  keptTokens: number;
  /** Whole messages that were left out. */
  droppedMessages: number;
}

/** The header; for a stream it is the only word that comes before the answer. */
export function announceTruncation(c: Context, truncation: Truncation | undefined): void {
  if (!truncation) return;
  const { originalTokens, keptTokens, droppedMessages } = truncation;
  c.header("Puna-Prompt-Truncated", `tokens=${originalTokens}; kept=${keptTokens}; messages=${droppedMessages}`);
}

/** Fields for the top of an answer, or of its last piece. Empty when everything fitted. `finish` tells of the time of the answer. */
export function truncationFields(
  truncation: Truncation | undefined,
  finish?: Pick<Finish, "shiftedTokens">,
): Record<string, unknown> {
  return {
    ...(truncation && {
      prompt_truncated: true,
      prompt_tokens_original: truncation.originalTokens,
      prompt_tokens_kept: truncation.keptTokens,
      ...(truncation.droppedMessages > 0 && { truncated_messages: truncation.droppedMessages }),
    }),
    ...(finish && finish.shiftedTokens > 0 && { shifted_tokens: finish.shiftedTokens }),
  };
}

/** The header for texts that were cut before they were embedded or ranked, and the field that says the same. */
export function truncatedInputs(c: Context, count: number, what: "inputs" | "documents" = "inputs"): Record<string, number> {
  if (count === 0) return {};
  c.header(what === "inputs" ? "Puna-Truncated-Inputs" : "Puna-Truncated-Documents", String(count));
  return { [`truncated_${what}`]: count };
}
