/** The fields of Anthropic's Messages API: the one place where they are named. */
import { z } from "zod";
import { parseKeepAlive } from "../keep-alive.ts";
import { knowledgeRequest } from "../knowledge/asked.ts";

/** A block of content; which fields it has depends on its type. */
const block = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(block)]);

export const messagesRequest = z.object({
  model: z.string().default(""),
  knowledge: knowledgeRequest,
  max_tokens: z.int().optional(),
  messages: z.array(z.object({ role: z.string(), content })).default([]),
  system: content.optional(),
  stream: z.boolean().default(false),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
  stop_sequences: z.array(z.string()).default([]),
  tools: z
    .array(
      z.looseObject({
        type: z.string().nullish(),
        name: z.string().default(""),
        description: z.string().nullish(),
        input_schema: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .default([]),
  tool_choice: z
    .object({ type: z.string(), name: z.string().optional(), disable_parallel_tool_use: z.boolean().optional() })
    .optional(),
  thinking: z.object({ type: z.string(), budget_tokens: z.int().nullish() }).optional(),
  output_config: z
    .object({
      effort: z.string().nullish(),
      format: z.object({ type: z.string(), schema: z.unknown().optional() }).nullish(),
    })
    .optional(),
  /** Ollama's, for what Anthropic's API has no field for, such as `num_ctx`. */
  options: z.record(z.string(), z.unknown()).default({}),
  keep_alive: z.unknown().optional().transform(parseKeepAlive),
});

export type MessagesBody = z.output<typeof messagesRequest>;
export type Block = z.output<typeof block>;
