/** An answer as Anthropic words it: blocks of content, why it stopped, and what it took. */
import { createHash } from "node:crypto";
import type { ToolCall } from "../../chat/types.ts";
import type { AnswerEvent } from "../answer.ts";
import { hexId } from "./errors.ts";
import type { MessagesBody } from "./wire.ts";

type End = Extract<AnswerEvent, { type: "end" }>;
type Part = Extract<AnswerEvent, { type: "part" }>;

export type AnswerBlock =
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "text"; text: string }
  | { type: "tool_use"; id: string; name: string; input: Record<string, unknown> };

/** What a part adds: text to the block of its kind, or a whole call. */
export type Addition = { type: "thinking" | "text"; text: string } | Extract<AnswerBlock, { type: "tool_use" }>;

export function additionsOf({ thinking, content, toolCalls }: Part): Addition[] {
  return [
    ...(thinking === "" ? [] : [{ type: "thinking" as const, text: thinking }]),
    ...(content === "" ? [] : [{ type: "text" as const, text: content }]),
    ...toolCalls.map(toolUse),
  ];
}

function toolUse({ function: { name, arguments: input } }: ToolCall): Extract<AnswerBlock, { type: "tool_use" }> {
  return { type: "tool_use", id: `toolu_${hexId()}`, name, input };
}

/**
 * Clients send thinking back only with a signature. Anthropic's proves that the text is the model's own; ours is a plain digest of it,
 * and what comes back is not checked.
 */
export function signatureOf(thinking: string): string {
  return createHash("sha256").update(thinking).digest("base64");
}

export function stopOf({ reason, finish }: End, body: MessagesBody, calls: boolean): StopFields {
  const none = { stop_sequence: null };
  if (reason === "length") {
    const full = finish.generatedTokens < (body.max_tokens ?? 0);
    return { stop_reason: full ? "model_context_window_exceeded" : "max_tokens", ...none };
  }
  if (calls) return { stop_reason: "tool_use", ...none };
  if (finish.stopText !== undefined && body.stop_sequences.includes(finish.stopText))
    return { stop_reason: "stop_sequence", stop_sequence: finish.stopText };
  return { stop_reason: "end_turn", ...none };
}

export interface StopFields {
  stop_reason: string;
  stop_sequence: string | null;
}

/** Tokens found in the cache are counted apart, as Anthropic does: the whole prompt is the sum of the three. */
export function usageOf({ finish, thinkingTokens }: End): object {
  return {
    input_tokens: finish.promptTokens - finish.cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: finish.cachedTokens,
    output_tokens: finish.generatedTokens,
    ...(thinkingTokens > 0 && { output_tokens_details: { thinking_tokens: thinkingTokens } }),
  };
}
