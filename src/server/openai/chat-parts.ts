/** Pieces of a chat completion that the stream and the whole object share. */
import type { ToolCall } from "../../chat/types.ts";
import type { AnswerEvent } from "../answer.ts";
import { newId } from "./ids.ts";

/** What stands at the top of an answer and of each of its chunks. */
export interface Head {
  id: string;
  created: number;
  model: string;
}

export interface WireCall {
  index: number;
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

export function wireCall({ id, function: { name, arguments: given } }: ToolCall, index: number): WireCall {
  return { index, id: id ?? newId("call_"), type: "function", function: { name, arguments: JSON.stringify(given) } };
}

/** An answer that was cut because it said the same thing for ever is not whole either. */
export function finishReason(
  { reason }: Extract<AnswerEvent, { type: "end" }>,
  called = false,
): "stop" | "length" | "tool_calls" {
  if (reason !== "stop") return "length";
  return called ? "tool_calls" : "stop";
}
