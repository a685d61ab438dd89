/** What of a passage is indexed by its words, and what is given to an embedder. */
import type { PassageWords } from "../index/types.ts";
import type { Passage } from "../types.ts";
import { termsOf } from "./analyse.ts";

/** A passage with its text, as it is kept. */
export interface PassageText extends Pick<Passage, "headings" | "headerRow"> {
  text: string;
}

export interface Fields {
  title: string;
  headings: string;
  body: string;
}

/** The terms of each field. */
export function fieldsOf(title: string, { headings, headerRow, text }: PassageText): Fields {
  return {
    title: termsOf(title).join(" "),
    headings: termsOf(headings.join("\n")).join(" "),
    body: termsOf(withHeader(text, headerRow)).join(" "),
  };
}

/** What a stored passage is indexed by. */
export function wordsOf(passage: PassageText & { id: number; document: number; title: string }): PassageWords {
  return { passage: passage.id, document: passage.document, ...fieldsOf(passage.title, passage) };
}

/** A passage says more with what it stands under. */
export function embeddedText(title: string, { headings, headerRow, text }: PassageText): string {
  const above = [...new Set([title, ...headings].filter((line) => line.trim() !== ""))].join(" > ");
  const body = withHeader(text, headerRow);
  return above === "" ? body : `${above}\n${body}`;
}

function withHeader(text: string, headerRow: string | undefined): string {
  return headerRow === undefined ? text : `${headerRow}\n${text}`;
}
