/** The parser for what a model writes, by its template: thinking first, tool calls in what is left. */
import type { ChatTemplate, OutputParser, Piece, Think, Tool } from "../types.ts";
import { thinkingParser } from "./thinking.ts";
import { type ToolFormat, toolCallParser } from "./tool-calls.ts";

export interface OutputOptions {
  /** The request's tools. Without any, nothing is a call. */
  tools?: Tool[] | undefined;
  /** False gives thinking as content, as Ollama does. */
  think?: Think | undefined;
  /** The rendered prompt already opened the thinking. */
  promptEndsInThinking?: boolean | undefined;
}

/** A parser for one answer of a model with this template. */
export function outputParserFor(template: Pick<ChatTemplate, "thinking" | "toolTag">, options: OutputOptions): OutputParser {
  const { tools = [], think, promptEndsInThinking = false } = options;
  const parsers: OutputParser[] = [];
  if (template.thinking && think !== false) parsers.push(thinkingParser(template.thinking, promptEndsInThinking));
  if (tools.length > 0) parsers.push(toolCallParser(toolFormat(template.toolTag), tools));
  const [first, second] = parsers;
  if (!first) return { push: (text) => (text === "" ? [] : [{ type: "content", text }]), end: () => [] };
  return second ? chain(first, second) : first;
}

/** Tags in what the model writes that must arrive as text although they may be control tokens: those that the parser looks for. */
export function preservedTags(
  template: Pick<ChatTemplate, "thinking" | "toolTag">,
  { tools = [], think }: OutputOptions,
): string[] {
  const thinking = think === false ? undefined : template.thinking;
  const { open, close } = tools.length > 0 ? toolFormat(template.toolTag) : {};
  return [thinking?.open, thinking?.close, open, close].filter((tag) => tag !== undefined);
}

/** The form of tool calls that a template's tag stands for. */
function toolFormat(tag: string | undefined): ToolFormat {
  // The parser takes lists as well as objects, so a bracket is no part of a tag.
  const open = tag?.replace(/\s*\[$/, "") ?? "";
  if (open === "" || open === "{") return { bare: true };
  // Llama 3 writes the tag or leaves it out.
  if (open === "<|python_tag|>") return { open, bare: true };
  const close = closeTag(open);
  return close === undefined ? { open } : { open, close };
}

function closeTag(open: string): string | undefined {
  const angled = /^<([^<>/|｜]+)>$/.exec(open);
  if (angled) return `</${angled[1]}>`;
  if (!/^<[|｜][^<>|｜]+[|｜]>$/.test(open)) return undefined;
  const ended = open.replace(/begin|start/, "end").replace(/BEGIN|START/, "END");
  return ended === open ? open.replace("<|", "<|/") : ended;
}

function chain(first: OutputParser, second: OutputParser): OutputParser {
  const through = (pieces: Piece[]) => pieces.flatMap((piece) => (piece.type === "content" ? second.push(piece.text) : [piece]));
  return {
    push: (text) => through(first.push(text)),
    end: () => [...through(first.end()), ...second.end()],
  };
}
