/** The messages of a chat completion as internal messages. */
import { z } from "zod";
import type { Message, ToolCall } from "../../chat/types.ts";
import { Invalid } from "../../errors.ts";
import { contentOf } from "./content.ts";
import { optional } from "./fields.ts";

export const chatMessage = z.object({
  role: z.string(),
  content: z.unknown().optional(),
  refusal: optional(z.string()),
  name: optional(z.string()),
  reasoning: optional(z.string()),
  /** DeepSeek's name of the same. */
  reasoning_content: optional(z.string()),
  tool_calls: optional(
    z.array(
      z.looseObject({
        id: optional(z.string()),
        function: optional(z.looseObject({ name: z.string(), arguments: z.unknown().optional() })),
      }),
    ),
  ),
  tool_call_id: optional(z.string()),
});

type WireMessage = z.output<typeof chatMessage>;

/** Throws Invalid, in Ollama's words where it has some. */
export function toMessages(wire: WireMessage[]): Message[] {
  if (wire.length === 0) throw new Invalid("[] is too short - 'messages'", { param: "messages" });
  const messages: Message[] = [];
  for (const [index, message] of wire.entries()) messages.push(toMessage(message, `messages[${index}]`, messages));
  return messages;
}

function toMessage(wire: WireMessage, where: string, earlier: Message[]): Message {
  const toolCalls = wire.tool_calls?.map((call, index) => toCall(call, `${where}.tool_calls[${index}]`)) ?? [];
  const empty = wire.content === null || wire.content === undefined;
  const given = empty ? (wire.refusal ?? (toolCalls.length > 0 ? "" : undefined)) : wire.content;
  const { text, images } = contentOf(given, `${where}.content`);
  const thinking = wire.reasoning ?? wire.reasoning_content;
  const role = roleOf(wire.role);
  const toolName = role === "tool" ? (wire.name ?? nameOfCall(wire.tool_call_id, earlier)) : undefined;
  return {
    role,
    content: text,
    ...(thinking !== undefined && { thinking }),
    ...(images.length > 0 && { images }),
    ...(toolCalls.length > 0 && { toolCalls }),
    ...(toolName !== undefined && { toolName }),
    ...(wire.tool_call_id !== undefined && { toolCallId: wire.tool_call_id }),
  };
}

/** Templates know four roles; OpenAI has had others for the same. */
export function roleOf(role: string): string {
  const lower = role.toLowerCase();
  if (lower === "developer") return "system";
  return lower === "function" ? "tool" : lower;
}

/** The name of the tool that an earlier message called under this id. */
export function nameOfCall(id: string | undefined, earlier: Message[]): string | undefined {
  if (id === undefined) return undefined;
  const calls = earlier.flatMap(({ toolCalls = [] }) => toolCalls);
  return calls.findLast((call) => call.id === id)?.function.name;
}

function toCall(wire: NonNullable<WireMessage["tool_calls"]>[number], where: string): ToolCall {
  if (!wire.function) throw new Invalid(`${where} is no call of a function`, { param: where });
  const { name, arguments: given } = wire.function;
  return { ...(wire.id !== undefined && { id: wire.id }), function: { name, arguments: parseArguments(given, where) } };
}

/** Arguments are JSON in a text; nothing at all stands for none. Throws Invalid in Ollama's words. */
export function parseArguments(given: unknown, param: string): Record<string, unknown> {
  if (given === "" || given === null || given === undefined) return {};
  try {
    const value: unknown = typeof given === "string" ? JSON.parse(given) : given;
    if (isRecord(value)) return value;
  } catch {}
  throw new Invalid("invalid tool call arguments", { param });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
