/** The internal chat request: every dialect is translated to this and back. */
import type { Family } from "./formats/family.ts";

export interface Message {
  role: string;
  content: string;
  thinking?: string;
  /** Base64 image bytes, refused until there is an image encoder. */
  images?: string[];
  toolCalls?: ToolCall[];
  toolName?: string;
  toolCallId?: string;
}

export interface ToolCall {
  id?: string;
  function: { index?: number; name: string; arguments: Record<string, unknown> };
}

export interface Tool {
  type: string;
  items?: unknown;
  function: { name: string; description?: string; parameters?: Record<string, unknown> };
}

/** True, false, or how hard to think. */
export type Think = boolean | "low" | "medium" | "high" | "max";

export type Capability = "completion" | "tools" | "insert" | "vision" | "embedding" | "thinking" | "image" | "audio" | "rerank";

/** What a template is given. */
export interface RenderInput {
  messages: Message[];
  tools?: Tool[];
  think?: Think;
  /** Fill-in-the-middle, or plain generation through a legacy template. */
  prompt?: string;
  suffix?: string;
  system?: string;
  /** False leaves the last assistant turn open for the model to continue. */
  addGenerationPrompt?: boolean;
  /** Fixed by tests. */
  now?: Date;
}

/** A model's own way of writing a conversation down. `render` throws `Failed` with the template's error text. */
export interface ChatTemplate {
  kind: "go" | "jinja" | "renderer";
  source: string;
  supports: { tools: boolean; thinking: boolean; insert: boolean };
  /** Tags that enclose thinking in what the model writes. */
  thinking?: { open: string; close: string };
  /** Text that begins a tool call, `{` or `[` when the template shows none. */
  toolTag?: string;
  /** The model family whose way of writing it is, if we know it. */
  family?: Family;
  /** The model's other template, for requests with tools, where this one knows none. */
  withTools?: ChatTemplate;
  render(input: RenderInput): string;
}

/** One piece of an answer, as the output parser splits it. */
export type Piece = { type: "content"; text: string } | { type: "thinking"; text: string } | { type: "tool"; call: ToolCall };

/** Splits a stream of text into pieces. Never lets a tag or half a tag through. */
export interface OutputParser {
  push(text: string): Piece[];
  end(): Piece[];
}
