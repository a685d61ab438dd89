/** The fields of Ollama's generate, chat and embed requests: the one place where they are named. */
import { z } from "zod";
import type { ToolChoice } from "../../chat/tool-choice.ts";
import type { Message, Tool, ToolCall } from "../../chat/types.ts";
import { Invalid } from "../../errors.ts";
import { withFields } from "../body.ts";
import { parseKeepAlive } from "../keep-alive.ts";
import { knowledgeRequest } from "../knowledge/asked.ts";
import { parseThink } from "../think.ts";

const keepAlive = z.unknown().optional().transform(parseKeepAlive);
const options = z.record(z.string(), z.unknown()).default({});
const images = z.array(z.string());

/** What every request that runs a model has. */
const common = {
  model: z.string().default(""),
  keep_alive: keepAlive,
  options,
};

const answering = {
  ...common,
  stream: z.boolean().default(true),
  format: z.unknown().optional(),
  think: z.unknown().optional().transform(parseThink),
  truncate: z.boolean().default(true),
  shift: z.boolean().optional(),
  _debug_render_only: z.boolean().default(false),
  logprobs: z.boolean().default(false),
  top_logprobs: z.int().default(0),
};

export const generateRequest = z.object({
  ...answering,
  prompt: z.string().default(""),
  suffix: z.string().default(""),
  system: z.string().default(""),
  template: z.string().default(""),
  context: z.array(z.int()).optional(),
  raw: z.boolean().default(false),
  images: images.default([]),
  knowledge: knowledgeRequest,
});

const toolCall = folded({
  id: z.string().optional(),
  function: folded({
    index: z.int().optional(),
    name: z.string().default(""),
    arguments: z.record(z.string(), z.unknown()).default({}),
  }),
});

const message = folded({
  role: z
    .string()
    .default("")
    .transform((role) => role.toLowerCase()),
  content: z.string().default(""),
  thinking: z.string().optional(),
  images: images.optional(),
  tool_calls: z.array(toolCall).optional(),
  tool_name: z.string().optional(),
  tool_call_id: z.string().optional(),
}).transform(toMessage);

const tool = folded({
  type: z.string().default(""),
  items: z.unknown().optional(),
  function: folded({
    name: z.string().default(""),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
  }).optional(),
}).transform(toTool);

export const chatRequest = z.object({
  ...answering,
  messages: z.array(message).default([]),
  tools: z.array(tool).default([]),
  // Ollama has neither of the two; the words are OpenAI's.
  tool_choice: z.unknown().optional().transform(parseToolChoice),
  parallel_tool_calls: z.boolean().optional(),
  knowledge: knowledgeRequest,
});

export const embedRequest = z.object({
  ...common,
  input: z.unknown().optional().transform(parseInput),
  truncate: z.boolean().default(true),
  dimensions: z.int().default(0),
});

export const embeddingsRequest = z.object({ ...common, prompt: z.string().default("") });

export type GenerateBody = z.output<typeof generateRequest>;
export type ChatBody = z.output<typeof chatRequest>;

/** An object below the top: its names match in any case as well. */
function folded<Shape extends z.ZodRawShape>(shape: Shape) {
  const object = z.object(shape);
  return z.preprocess((value) => withFields(value, Object.keys(shape)), object);
}

interface WireCall {
  id?: string | undefined;
  function: { index?: number | undefined; name: string; arguments: Record<string, unknown> };
}

function toMessage(wire: {
  role: string;
  content: string;
  thinking?: string | undefined;
  images?: string[] | undefined;
  tool_calls?: WireCall[] | undefined;
  tool_name?: string | undefined;
  tool_call_id?: string | undefined;
}): Message {
  return {
    role: wire.role,
    content: wire.content,
    ...(wire.thinking !== undefined && { thinking: wire.thinking }),
    ...(wire.images && { images: wire.images }),
    ...(wire.tool_calls && { toolCalls: wire.tool_calls.map(toCall) }),
    ...(wire.tool_name !== undefined && { toolName: wire.tool_name }),
    ...(wire.tool_call_id !== undefined && { toolCallId: wire.tool_call_id }),
  };
}

function toCall({ id, function: { index, name, arguments: given } }: WireCall): ToolCall {
  return { ...(id !== undefined && { id }), function: { ...(index !== undefined && { index }), name, arguments: given } };
}

function toTool(wire: {
  type: string;
  items?: unknown;
  function?: { name: string; description?: string | undefined; parameters?: Record<string, unknown> | undefined } | undefined;
}): Tool {
  const { name = "", description, parameters } = wire.function ?? {};
  return {
    type: wire.type,
    ...(wire.items !== undefined && { items: wire.items }),
    function: { name, ...(description !== undefined && { description }), ...(parameters && { parameters }) },
  };
}

function parseToolChoice(value: unknown): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === "auto" || value === "none" || value === "required") return value;
  const named = z.object({ function: z.object({ name: z.string() }) }).safeParse(value);
  if (named.success) return { name: named.data.function.name };
  throw new Invalid('tool_choice must be "auto", "none", "required", or {"type": "function", "function": {"name": …}}');
}

/** Texts to embed. Undefined when there is nothing to embed and the request only loads. */
function parseInput(value: unknown): string[] | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) throw new Invalid("invalid input type");
  return value.map((item) => {
    if (typeof item !== "string") throw new Invalid("invalid input type");
    return item;
  });
}
