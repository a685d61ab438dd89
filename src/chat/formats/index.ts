/** The parser for what a model writes, by its template: thinking first, tool calls in what is left. */
import type { ChatTemplate, OutputParser, Piece, Think, Tool } from "../types.ts";
import { callFormatOf } from "./families.ts";
import { harmonyParser } from "./harmony-parser.ts";
import { thinkingParser } from "./thinking.ts";
import { toolCallParser } from "./tool-calls.ts";
import { wrapperParser } from "./wrappers.ts";

export interface OutputOptions {
  /** The request's tools. Without any, nothing is a call. */
  tools?: Tool[] | undefined;
  /** False gives thinking as content, as Ollama does. */
  think?: Think | undefined;
  /** The rendered prompt already opened the thinking. */
  promptEndsInThinking?: boolean | undefined;
  /** The rendered prompt: an answer may go on with a message that it began. */
  prompt?: string | undefined;
}

type Source = Partial<Pick<ChatTemplate, "source" | "thinking" | "toolTag" | "family">>;

/** A parser for one answer of a model with this template. */
export function outputParserFor(template: Source, options: OutputOptions): OutputParser {
  const { tools = [], think, promptEndsInThinking = false, prompt = "" } = options;
  const { family } = template;
  if (family?.channels) {
    const start = prompt.lastIndexOf("<|start|>");
    const opened = start < 0 ? "" : prompt.slice(start);
    return harmonyParser({ tools, think: think !== false, opened });
  }
  const parsers: OutputParser[] = [];
  if (template.thinking && think !== false) parsers.push(thinkingParser(template.thinking, promptEndsInThinking));
  if (family?.wrappers) parsers.push(wrapperParser(family.wrappers));
  if (tools.length > 0) parsers.push(toolCallParser(callFormatOf(template), tools));
  const plain: OutputParser = { push: (text) => (text === "" ? [] : [{ type: "content", text }]), end: () => [] };
  return parsers.length === 0 ? plain : parsers.reduce(chain);
}

/** Tags in what the model writes that must arrive as text although they may be control tokens: those that the parser looks for. */
export function preservedTags(template: Source, { tools = [], think }: OutputOptions): string[] {
  const { open, close, inner = [] } = tools.length > 0 || template.family?.channels ? callFormatOf(template) : {};
  if (template.family?.channels) return [...inner];
  const thinking = think === false ? undefined : template.thinking;
  return [thinking?.open, thinking?.close, open, close, ...inner].filter((tag) => tag !== undefined);
}

function chain(first: OutputParser, second: OutputParser): OutputParser {
  const through = (pieces: Piece[]) => pieces.flatMap((piece) => (piece.type === "content" ? second.push(piece.text) : [piece]));
  return {
    push: (text) => through(first.push(text)),
    end: () => [...through(first.end()), ...second.end()],
  };
}
