/** What a model is given to answer from, and the shapes of what search brings. */

/** A passage that search found. Offsets are UTF-16 code units into the document's text. */
export interface Hit {
  document: string;
  documentId: number | string;
  page?: number;
  start: number;
  end: number;
  text: string;
  /** 0 to 100, on one scale for every question of a base. */
  score: number;
  headings: string[];
}

/** A piece of a document under its number in the prompt: `document.text.slice(start, end)` is `text`. */
export interface Source {
  /** From 1. */
  number: number;
  document: string;
  documentId: number | string;
  page?: number;
  headings: string[];
  start: number;
  end: number;
  text: string;
  /** All of the document. */
  whole: boolean;
  /** The best of the hits that it stands for; 0 for a document that was not hit. */
  score: number;
}
