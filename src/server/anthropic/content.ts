/** Anthropic's messages, in blocks, as our own. What cannot be given to a model is refused by name, never left out. */
import type { Message, ToolCall } from "../../chat/types.ts";
import { Invalid } from "../../errors.ts";
import { refuseImages } from "../capable.ts";
import type { Block, MessagesBody } from "./wire.ts";

type Content = MessagesBody["messages"][number]["content"];

/** The conversation with its system text in front. Throws Invalid that names the place of what is wrong. */
export function toMessages({ system, messages }: Pick<MessagesBody, "system" | "messages">): Message[] {
  const toolNames = new Map<string, string>();
  const text = system === undefined ? "" : textOf(system, "system");
  return [
    ...(text === "" ? [] : [{ role: "system", content: text }]),
    ...messages.flatMap(({ role, content }, at) => {
      const place = `messages[${at}].content`;
      if (role === "user") return userMessages(content, place, toolNames);
      if (role === "assistant") return [assistantMessage(content, place, toolNames)];
      if (role === "system") return [{ role, content: textOf(content, place) }];
      throw new Invalid(`messages[${at}].role: ${JSON.stringify(role)} is neither "user" nor "assistant"`);
    }),
  ];
}

/** Results of tools go before what the user says about them. */
function userMessages(content: Content, place: string, toolNames: Map<string, string>): Message[] {
  if (typeof content === "string") return [{ role: "user", content }];
  const results: Message[] = [];
  const rest: Block[] = [];
  for (const [at, block] of content.entries()) {
    if (block.type === "tool_result") results.push(toolMessage(block, `${place}[${at}]`, toolNames));
    else rest.push(block);
  }
  if (rest.length === 0 && results.length > 0) return results;
  return [...results, { role: "user", content: textOf(rest, place) }];
}

function toolMessage(block: Block, place: string, toolNames: Map<string, string>): Message {
  const id = stringField(block, "tool_use_id", place);
  const { content } = block;
  if (content !== undefined && content !== null && typeof content !== "string" && !isBlocks(content))
    throw new Invalid(`${place}.content: must be a string or a list of blocks`);
  const text = textOf(content ?? "", `${place}.content`);
  const toolName = toolNames.get(id);
  return {
    role: "tool",
    // No template knows of failed calls, so the text has to say it.
    content: block.is_error === true && !/^error/i.test(text) ? `Error: ${text}` : text,
    toolCallId: id,
    ...(toolName !== undefined && { toolName }),
  };
}

function assistantMessage(content: Content, place: string, toolNames: Map<string, string>): Message {
  if (typeof content === "string") return { role: "assistant", content };
  const texts: Block[] = [];
  let thinking = "";
  const toolCalls: ToolCall[] = [];
  for (const [at, block] of content.entries()) {
    if (block.type === "thinking") thinking += stringField(block, "thinking", `${place}[${at}]`);
    else if (block.type === "tool_use") {
      const call = toolCall(block, `${place}[${at}]`, toolCalls.length);
      toolNames.set(call.id ?? "", call.function.name);
      toolCalls.push(call);
      // Redacted thinking is encrypted for another model: there is nothing in it to read.
    } else if (block.type !== "redacted_thinking") texts.push(block);
  }
  return {
    role: "assistant",
    content: textOf(texts, place),
    ...(thinking !== "" && { thinking }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}

function toolCall(block: Block, place: string, index: number): ToolCall {
  const { id, name, input = {} } = block;
  if (typeof id !== "string" || id === "") throw new Invalid("tool_use block missing required 'id' field");
  if (typeof name !== "string" || name === "") throw new Invalid("tool_use block missing required 'name' field");
  if (typeof input !== "object" || input === null || Array.isArray(input)) throw new Invalid(`${place}.input: must be an object`);
  return { id, function: { index, name, arguments: input as Record<string, unknown> } };
}

/** The text of blocks that hold text, a line break between two. */
function textOf(content: Content, place: string): string {
  if (typeof content === "string") return content;
  return content.map((block, at) => blockText(block, `${place}[${at}]`)).join("\n");
}

function blockText(block: Block, place: string): string {
  switch (block.type) {
    case "text":
      return stringField(block, "text", place);
    case "image":
      return refuseImage(block, place);
    case "document":
      return documentText(block, place);
    case "search_result":
      return [`${block.title ?? ""} (${block.source ?? ""})`, textOf(blocksOf(block.content, place), `${place}.content`)].join(
        "\n",
      );
    default:
      throw new Invalid(`${place}: blocks of type ${JSON.stringify(block.type)} cannot be read by this version of Puna`);
  }
}

function refuseImage(block: Block, place: string): never {
  const source = isRecord(block.source) ? block.source : {};
  if (source.type !== "base64")
    throw new Invalid(`invalid image source type: ${source.type ?? ""}. Only base64 images are supported.`);
  refuseImages([stringField(source, "data", `${place}.source`)]);
  throw new Invalid(`${place}: images cannot be read by this version of Puna yet`);
}

function documentText(block: Block, place: string): string {
  const source = isRecord(block.source) ? block.source : {};
  const head = typeof block.title === "string" && block.title !== "" ? `${block.title}\n\n` : "";
  if (source.type === "text") return `${head}${stringField(source, "data", `${place}.source`)}`;
  if (source.type === "content") {
    const inner = typeof source.content === "string" ? source.content : blocksOf(source.content, `${place}.source`);
    return `${head}${textOf(inner, `${place}.source.content`)}`;
  }
  throw new Invalid(`${place}: a document can be read as text only; send its text instead of ${source.type ?? "its file"}`);
}

function blocksOf(value: unknown, place: string): Block[] {
  if (isBlocks(value)) return value;
  throw new Invalid(`${place}.content: must be a list of blocks`);
}

function isBlocks(value: unknown): value is Block[] {
  return Array.isArray(value) && value.every((item) => isRecord(item) && typeof item.type === "string");
}

function stringField(of: Record<string, unknown>, name: string, place: string): string {
  const value = of[name];
  if (typeof value === "string") return value;
  throw new Invalid(`${place}.${name}: must be a string`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
