/**
 * A document to passages: whole sentences packed up to a number of tokens, never across a heading; tables by groups of rows, code by
 * symbol. Passages are slices of the text, in order, and together hold all of it that is not white space.
 */
import type { ParsedDocument, Passage } from "../types.ts";
import { type Group, groupsOf } from "./groups.ts";
import { pack } from "./pack.ts";

export type CountTokens = (text: string) => number;

export interface CutOptions {
  /** With the embedder's own tokenizer. */
  countTokens: CountTokens;
  /** Tokens that a passage should have. About 200 is best for retrieval: some 800 English or 300 Chinese characters. */
  target: number;
  /** Tokens that a passage must not exceed. */
  most: number;
}

export function cutPassages(document: Pick<ParsedDocument, "text" | "blocks">, options: CutOptions): Passage[] {
  const limits = { ...options, most: Math.max(options.most, 1), target: Math.max(Math.min(options.target, options.most), 1) };
  return groupsOf(document).flatMap((group: Group) => pack(document.text, group, limits));
}
