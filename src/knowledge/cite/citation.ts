/** What verification finds: places for sentences that have one, and the sentences that have none. */
import { pageAt, type Source } from "../sources.ts";
import type { Match } from "./align.ts";

/** Where a sentence of the answer comes from. All offsets are UTF-16 code units. */
export interface Citation {
  /** As it stands in brackets in the answer, and as the source had it in the prompt. */
  number: number;
  document: string;
  documentId: Source["documentId"];
  page?: number;
  headings: string[];
  /** Into the document's text, which says there exactly `text`. */
  start: number;
  end: number;
  text: string;
  /** The sentence of the answer, into its content. */
  answerStart: number;
  answerEnd: number;
  /** 0 to 1: how much of the sentence the place says. */
  support: number;
  /** The sentence is a quotation, letter by letter. */
  verbatim: boolean;
}

/** A sentence that no source says. */
interface Unsupported {
  start: number;
  end: number;
  text: string;
  reason: "unsupported" | "unchecked";
}

export interface Cited {
  citations: Citation[];
  unsupported: Unsupported[];
  /** How often the model's own numbers were wrong or missing. */
  repaired: number;
  /** Sentences that a model wrote with slips and that were put right from the source. */
  restored: number;
  /** Sentences of a quoting model, answering from documents only, that are no quotation of anything. */
  leftOut: number;
  /** The answer is that the sources are silent, or nothing in it is from them and it was held back. */
  refused: boolean;
}

/** `where` is the sentence of the answer. */
export function citationOf(source: Source, match: Match, where: { answerStart: number; answerEnd: number }): Citation {
  const page = pageAt(source.pages, source.start + match.start) ?? source.page;
  return {
    number: source.number,
    document: source.document,
    documentId: source.documentId,
    ...(page !== undefined && { page }),
    headings: source.headings,
    start: source.start + match.start,
    end: source.start + match.end,
    text: source.text.slice(match.start, match.end),
    ...where,
    support: Math.round(match.support * 100) / 100,
    verbatim: match.verbatim,
  };
}
