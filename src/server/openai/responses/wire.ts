/** The fields of a request for a response: the one place where they are named. */
import { z } from "zod";
import { Invalid } from "../../../errors.ts";
import { knowledgeRequest } from "../../knowledge/asked.ts";
import { answering, optional } from "../fields.ts";
import { responseFormat } from "../format.ts";
import { toolChoice } from "../tools.ts";

/** What a client sends or is sent: a message, a call, the output of one, or a thought. */
export type Item = Record<string, unknown>;

const item = z.record(z.string(), z.unknown());

export const responseRequest = z.object({
  ...answering,
  input: z.union([z.string(), z.array(item)]).default([]),
  instructions: z.string().optional(),
  previous_response_id: z.string().optional(),
  store: z.boolean().default(true),
  max_output_tokens: z.int().optional(),
  tools: z.array(item).default([]),
  tool_choice: toolChoice,
  parallel_tool_calls: z.boolean().default(true),
  text: z.looseObject({ format: optional(responseFormat), verbosity: optional(z.string()) }).optional(),
  reasoning: z.looseObject({ effort: optional(z.string()), summary: optional(z.string()) }).optional(),
  include: z.array(z.string()).default([]),
  top_logprobs: z.int().min(0).max(20, "top_logprobs must be between 0 and 20").default(0),
  truncation: z.enum(["auto", "disabled"]).optional(),
  metadata: z.record(z.string(), z.string()).default({}),
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
  max_tool_calls: z.int().optional(),
  knowledge: knowledgeRequest,
  background: z.boolean().default(false),
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
});

export type ResponseBody = z.output<typeof responseRequest>;

/** Throws Invalid for what this server would have to leave out in silence. */
export function refuseUnknownWays({ background, conversation, prompt }: ResponseBody): void {
  const refuse = (param: string, instead: string) => {
    throw new Invalid(`${param} is not supported by this server: ${instead}`, { param });
  };
  if (background) refuse("background", "send the request without it, and with stream to see the answer grow");
  if (conversation !== undefined) refuse("conversation", "send previous_response_id, or the earlier items in input");
  if (prompt !== undefined) refuse("prompt", "send the text of the prompt in instructions and input");
}
