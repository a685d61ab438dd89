/** The fields of a chat completion: the one place where they are named. */
import { z } from "zod";
import type { Think } from "../../chat/types.ts";
import { Invalid } from "../../errors.ts";
import { knowledgeRequest } from "../knowledge/asked.ts";
import { thinkOfEffort } from "./effort.ts";
import { completing, optional } from "./fields.ts";
import { responseFormat } from "./format.ts";
import { chatMessage } from "./messages.ts";
import { chatTool, toolChoice } from "./tools.ts";

export const chatRequest = z.object({
  ...completing,
  messages: z.array(chatMessage).default([]),
  tools: z.array(chatTool).default([]),
  tool_choice: toolChoice,
  parallel_tool_calls: z.boolean().optional(),
  knowledge: knowledgeRequest,
  functions: z.unknown().optional(),
  response_format: responseFormat.optional(),
  logprobs: z.boolean().default(false),
  top_logprobs: z.int().default(0),
  max_completion_tokens: z.int().optional(),
  reasoning_effort: z.string().optional(),
  reasoning: z.looseObject({ effort: optional(z.string()) }).optional(),
  /** vLLM's way to say it. */
  chat_template_kwargs: z.looseObject({ enable_thinking: optional(z.boolean()) }).optional(),
  _debug_render_only: z.boolean().default(false),
});

export type ChatBody = z.output<typeof chatRequest>;

/** What the body says about thinking; Ollama's word is the strongest. Throws Invalid for an effort that is none. */
export function askedThinking(body: ChatBody): Think | undefined {
  const effort = body.reasoning?.effort;
  return (
    body.think ??
    thinkOfEffort(effort ?? body.reasoning_effort, effort === undefined ? "reasoning_effort" : "reasoning.effort") ??
    body.chat_template_kwargs?.enable_thinking
  );
}

/** Throws Invalid for what this server would have to leave out in silence. */
export function refuseOldFields(body: ChatBody): void {
  if (body.functions !== undefined)
    throw new Invalid("functions is the old name of tools: send tools, and tool_choice for function_call", {
      param: "functions",
    });
}
