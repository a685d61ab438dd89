/** What a model family's way of writing tool calls consists of. One small file a family says it; see families.ts. */
import type { Expression } from "../grammar/expression.ts";
import type { CallWriter } from "../grammar/tool-calls.ts";
import type { Tool } from "../types.ts";
import type { FoundCall } from "./calls.ts";

/**
 * What stands at the beginning of a text: calls up to `end`; "more" when the text is too short to tell; "none" when it is
 * something else. What a reader says of a text it must not take back when more of it has come.
 */
export type Read = { calls: FoundCall[]; end: number } | "more" | "none";

/** Reads one call, or one list of calls, through a growing text that always begins at the same place. */
export type Reader = (text: string) => Read;

/** `bare`: no tag stands before, so that nothing but the call itself may count as one. `close`: the tag that ends calls. */
export type MakeReader = (options: { tools: Tool[]; bare: boolean; close?: string | undefined }) => Reader;

export interface CallFormat {
  /** The family's name, for logs and docs. */
  family: string;
  /** Begins a call or a group of them. Absent: only bare calls count. */
  open?: string;
  /** Ends a call, or a group of them. */
  close?: string;
  /** The answer's first character may begin a call without a tag; then only declared tools count. */
  bare?: boolean;
  /** Tags inside a call. They must come through as text although they may be control tokens, and never show. */
  inner?: readonly string[];
  /** Asked in order; the first that does not say "none" wins. */
  readers: readonly MakeReader[];
  /** How one can tell that a call begins, where that is not `open`; `first`: only at the beginning of an answer. */
  begins?(tools: readonly Tool[]): { texts: string[]; first: boolean };
  /** Grammar for one or more calls, from the first tag to the last. */
  write(writer: CallWriter): Expression;
}

export interface Family {
  name: string;
  /** Whether a template's text is one of this family. */
  matches(source: string): boolean;
  /** Names of Ollama's parsers and renderers for it, as model configs give them. */
  parsers?: RegExp;
  /** The family's form of calls, which may differ with the template's age. */
  calls(source: string): CallFormat;
  /** Tags around thinking, where a template does not show them. */
  thinking?: { open: string; close: string };
  /** Tags around the answer, which never show. */
  wrappers?: readonly string[];
  /** Answers are messages with channels (gpt-oss). */
  channels?: boolean;
  /** The ids that its templates want calls to have. `count` is the number of calls before, in the whole conversation. */
  callId?(call: { id: string; name: string; count: number }): string;
}
