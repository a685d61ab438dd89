/** What a document is after parsing, and what a passage of it is. All offsets are UTF-16 code units into `ParsedDocument.text`. */
import { Invalid } from "../errors.ts";

export type BlockKind = "heading" | "paragraph" | "list" | "table" | "code";

/** A piece of the text that belongs together. Blocks are in order, do not overlap, and cover all text that is not white space. */
export interface Block {
  start: number;
  end: number;
  kind: BlockKind;
  /** Of a heading: 1 is the outermost. */
  level?: number;
  /** Page, slide or sheet, from 1. */
  page?: number;
  /** Of a table: the line that names the columns, as it stands at the head of the table. */
  headerRow?: string;
  /** Of code: the function, class or section that the block is. */
  symbol?: string;
}

export interface ParsedDocument {
  title: string;
  /** ISO 639-1 where there is one, else 639-3; absent when the text is too short to tell. */
  language?: string;
  /** The whole plain text: no NULs, no lone surrogates, lines end with "\n". */
  text: string;
  blocks: Block[];
  /** Pages or slides or sheets of the source, when it has them. */
  pages?: number;
  /** Sentences for the user about what could not be read or was left out. */
  notes: string[];
}

/** A piece of a document that is indexed and quoted: `text.slice(start, end)` is it. */
export interface Passage {
  start: number;
  end: number;
  page?: number;
  /** The headings above it, outermost first. */
  headings: string[];
  kind: BlockKind;
  /** Tokens of the slice (and of the header row in front of it, when `headerRow` is there), by the counter that was given. */
  tokens: number;
  /** Of the later row groups of a table: the line that names the columns, to be put in front when the passage is embedded or quoted. */
  headerRow?: string;
  /** Of code: the symbol it belongs to. */
  symbol?: string;
}

/** Why a document cannot be read, as a word for programs. */
export type UnreadableReason =
  | "empty"
  | "no-text"
  | "scan"
  | "encrypted"
  | "damaged"
  | "unsupported"
  | "too-large"
  | "too-slow"
  | "too-much-memory"
  | "bomb";

/** 400: these bytes cannot be made into text; the message names the document, the one reason and, where there is one, the remedy. */
export class Unreadable extends Invalid {
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason, message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, code: `unreadable_${reason.replaceAll("-", "_")}` });
    this.reason = reason;
  }
}
