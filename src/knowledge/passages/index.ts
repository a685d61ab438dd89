/**
 * A document to passages: whole sentences packed up to a number of tokens, never across a heading; tables by groups of rows, code by
 * symbol. Passages are slices of the text, in order, and together hold all of it that is not white space.
 */
import type { ParsedDocument, Passage } from "../types.ts";
import { groupsOf } from "./groups.ts";
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
  const { countTokens } = options;
  const most = Math.max(options.most, 1);
  const target = Math.max(Math.min(options.target, most), 1);
  return groupsOf(document).flatMap((group) => {
    // Packing asks for the same slices again, and a tokenizer is dearer than a look-up.
    const counts = new Map<string, number>();
    const remembered = (text: string) => {
      const count = counts.get(text) ?? countTokens(text);
      counts.set(text, count);
      return count;
    };
    return pack(document.text, group, { countTokens: remembered, target, most });
  });
}
