/** Fields that several of OpenAI's requests share, and those of Ollama that may stand beside them. */
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { goType } from "../go-type.ts";
import { parseKeepAlive } from "../keep-alive.ts";
import { parseThink } from "../think.ts";

/** `null` below the top counts as absent, as it does at the top. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** What every request that runs a model may have. Clients send Ollama's fields as `extra_body`. */
export const common = {
  model: z.string().default(""),
  options: z.record(z.string(), z.unknown()).default({}),
  keep_alive: z.unknown().optional().transform(parseKeepAlive),
  num_ctx: z.int().optional(),
  truncate: z.boolean().default(true),
};

/** What every request for text may have besides. */
export const answering = {
  ...common,
  stream: z.boolean().default(false),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  shift: z.boolean().optional(),
  think: z.unknown().optional().transform(parseThink),
  top_k: z.int().optional(),
  min_p: z.number().optional(),
  typical_p: z.number().optional(),
  repeat_penalty: z.number().optional(),
  /** vLLM's and Hugging Face's name of the same. */
  repetition_penalty: z.number().optional(),
};

/** What the two kinds of completions have in common. */
export const completing = {
  ...answering,
  n: z.int().min(1).max(128).default(1),
  stop: z.unknown().optional().transform(parseStop),
  seed: z.int().optional(),
  frequency_penalty: z.number().optional(),
  presence_penalty: z.number().optional(),
  logit_bias: z.record(z.string(), z.number()).optional(),
  max_tokens: z.int().optional(),
  stream_options: z.object({ include_usage: optional(z.boolean()) }).optional(),
};

/** One text or several. Throws Invalid in Ollama's words. */
function parseStop(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.map((text) => {
    if (typeof text !== "string") throw new Invalid(`invalid type for 'stop' field: ${goType(text)}`, { param: "stop" });
    return text;
  });
}
