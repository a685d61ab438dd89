/** Messages and tools in the shape that Hugging Face chat templates expect. */
import type { Message, Tool, ToolCall } from "./types.ts";

/** How a template wants to be given tool calls. */
export interface CallStyle {
  /** Most want arguments as an object, some join them as text. */
  arguments: "object" | "text";
  /** What the content of a message is that only calls. */
  emptyContent: "" | null;
}

/** A message, and the tools if the template wants them there. */
interface RenderedMessage extends Message {
  toolText?: string;
}

/** https://huggingface.co/docs/transformers/chat_extras: absent parts stay undefined, since templates ask whether they are defined. */
export function jinjaMessages(messages: RenderedMessage[], style: CallStyle): Record<string, unknown>[] {
  return messages.map((message) => ({
    role: message.role,
    content: message.content === "" && message.toolCalls?.length ? style.emptyContent : message.content,
    ...(message.thinking && { reasoning_content: message.thinking, thinking: message.thinking }),
    ...(message.toolCalls?.length && { tool_calls: message.toolCalls.map((call) => jinjaToolCall(call, style)) }),
    ...(message.toolName && { name: message.toolName }),
    ...(message.toolText && { tools: message.toolText }),
    ...(message.toolCallId && { tool_call_id: message.toolCallId }),
  }));
}

function jinjaToolCall(call: ToolCall, style: CallStyle): Record<string, unknown> {
  const given = call.function.arguments;
  return {
    type: "function",
    ...(call.id && { id: call.id }),
    function: { name: call.function.name, arguments: style.arguments === "text" ? JSON.stringify(given) : given },
  };
}

/** Some templates, Gemma 3's among them, take for granted that a content is a list of parts. */
export function withTypedContent(messages: Record<string, unknown>[]): Record<string, unknown>[] {
  return messages.map((message) => ({ ...message, content: [{ type: "text", text: message.content ?? "" }] }));
}

/** Phi-4-mini's template looks for the tools, as text, in the system message. */
export function withToolText(source: string, messages: Message[], tools: Tool[] | undefined): RenderedMessage[] {
  if (!tools?.length || !/message\[['"]tools['"]\]|message\.tools\b/.test(source)) return messages;
  const toolText = JSON.stringify(jinjaTools(tools).map((tool) => tool.function));
  const [first, ...others] = messages;
  if (first?.role === "system") return [{ ...first, toolText }, ...others];
  return [{ role: "system", content: "", toolText }, ...messages];
}

export function jinjaTools(tools: Tool[]): Record<string, unknown>[] {
  return tools.map(({ type, function: { name, description, parameters } }) => ({
    type,
    function: { name, description: description ?? "", parameters: parameters ?? { type: "object", properties: {} } },
  }));
}

/** For templates that know no system role: its text goes before the first user message. */
export function systemIntoUser(messages: Message[]): Message[] {
  const system = messages.filter((message) => message.role === "system").map((message) => message.content);
  const others = messages.filter((message) => message.role !== "system");
  const first = others.findIndex((message) => message.role === "user");
  if (first < 0) return [{ role: "user", content: system.join("\n\n") }, ...others];
  return others.map((message, index) =>
    index === first ? { ...message, content: [...system, message.content].join("\n\n") } : message,
  );
}
