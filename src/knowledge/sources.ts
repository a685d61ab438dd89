/** What a model is given to answer from. */
import type { Hit as FoundHit } from "./search/types.ts";

/** What is used of a passage that search found. */
export type Hit = Pick<FoundHit, "document" | "documentId" | "start" | "end" | "text" | "score" | "headings"> &
  Partial<Pick<FoundHit, "page" | "headerRow">>;

/** A piece of a document under its number in the prompt: `document.text.slice(start, end)` is `text`. */
export interface Source {
  /** From 1. */
  number: number;
  document: string;
  documentId: number;
  page?: number | undefined;
  headings: string[];
  /** Of later rows of a table: the line that names the columns. The model sees it before the text. */
  header?: string | undefined;
  start: number;
  end: number;
  text: string;
  /** The text as the model is given it, where that is not the usual way to make it harmless. */
  plain?: string;
  /** Where pages begin, of a source that may have several. */
  pages?: readonly PageStart[];
  /** All of the document. */
  whole: boolean;
  /** The best of the hits that it stands for; 0 for a document that was not hit. */
  score: number;
}

/** Where a page begins, in the text of its document. */
export interface PageStart {
  start: number;
  page: number;
}

/** The page that holds an offset; undefined in a document without pages. */
export function pageAt(pages: readonly PageStart[] | undefined, offset: number): number | undefined {
  return pages?.findLast(({ start }) => start <= offset)?.page;
}
