/** The items of a conversation as internal messages. */
import type { Message, ToolCall } from "../../../chat/types.ts";
import { Invalid } from "../../../errors.ts";
import { contentOf } from "../content.ts";
import { nameOfCall, parseArguments, roleOf } from "../messages.ts";
import type { Item } from "./wire.ts";

/**
 * A thought, a text and calls that follow each other are one message of the assistant. The first `earlier` items are those of earlier
 * responses; errors count from behind them. Throws Invalid, in Ollama's words where it has some.
 */
export function toMessages(items: Item[], earlier = 0): Message[] {
  const messages: Message[] = [];
  /** A thought that waits for what it led to. */
  let thinking = "";
  /** The message of the assistant that more may be added to. */
  let open: Message | undefined;
  for (const [index, item] of items.entries()) {
    const where = `input[${index - earlier}]`;
    const type = typeOf(item, where);
    if (type === "reasoning") {
      thinking += thoughtOf(item, where);
      open = undefined;
    } else if (type === "message") {
      const message = toMessage(item, where);
      open = message.role === "assistant" ? message : undefined;
      if (open && thinking !== "") open.thinking = thinking;
      thinking = "";
      messages.push(message);
    } else if (type === "function_call") {
      if (!open) {
        open = { role: "assistant", content: "", ...(thinking !== "" && { thinking }) };
        thinking = "";
        messages.push(open);
      }
      open.toolCalls = [...(open.toolCalls ?? []), toCall(item, where)];
    } else if (type === "function_call_output") {
      open = undefined;
      messages.push(outputOf(item, where, messages));
    } else if (type !== "web_search_call") {
      throw new Invalid(`${where}: unknown input item type: ${JSON.stringify(type)}`, { param: where });
    }
  }
  return messages;
}

function typeOf(item: Item, where: string): string {
  if (typeof item.type === "string") return item.type;
  if (typeof item.role === "string") return "message";
  throw new Invalid(`${where}: missing required 'type' field`, { param: where });
}

function toMessage(item: Item, where: string): Message {
  if (typeof item.role !== "string") throw new Invalid(`${where}: a message needs a role`, { param: `${where}.role` });
  const { text, images } = contentOf(item.content, `${where}.content`);
  return { role: roleOf(item.role), content: text, ...(images.length > 0 && { images }) };
}

/** Clients that keep nothing here send back what they were given: the thought itself, or its summary. */
function thoughtOf({ encrypted_content, content, summary }: Item, where: string): string {
  if (typeof encrypted_content === "string") return encrypted_content;
  const parts = Array.isArray(content) && content.length > 0 ? content : (summary ?? []);
  return contentOf(parts, `${where}.summary`).text;
}

function toCall(item: Item, where: string): ToolCall {
  const { name, call_id: id } = item;
  if (typeof name !== "string") throw new Invalid(`${where}: a function call needs a name`, { param: `${where}.name` });
  const given = parseArguments(item.arguments, `${where}.arguments`);
  return { ...(typeof id === "string" && { id }), function: { name, arguments: given } };
}

function outputOf({ call_id: id, output }: Item, where: string, earlier: Message[]): Message {
  if (typeof id !== "string")
    throw new Invalid(`${where}: the output of a call needs its call_id`, { param: `${where}.call_id` });
  const { text, images } = contentOf(output, `${where}.output`);
  const toolName = nameOfCall(id, earlier);
  return {
    role: "tool",
    content: text,
    toolCallId: id,
    ...(images.length > 0 && { images }),
    ...(toolName !== undefined && { toolName }),
  };
}
