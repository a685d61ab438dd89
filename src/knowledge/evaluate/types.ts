/** Golden questions: what is asked, and where the answer is. Offsets are UTF-16 code units into the document's text. */

/** How a question came: typed in, from a file, made of the base's own sentences, or by a model. */
export type Origin = "hand" | "file" | "sentences" | "model";

/** A question as it is given, before its place is found. */
export interface WantedQuestion {
  question: string;
  /** The documents do not say. */
  expectsRefusal?: boolean | undefined;
  /** Words of the document that are the answer, and what stands around them where they alone are not enough to find them. */
  quote?: string | undefined;
  before?: string | undefined;
  after?: string | undefined;
  /** Id, name or place of the document. Found by the quote when it is not named, or has another name in this base. */
  document?: string | number | undefined;
  start?: number | undefined;
  end?: number | undefined;
  /** Words that a right answer has. */
  answer?: string | undefined;
}

/** Where the answer is. */
export interface GoldenPlace {
  document: string;
  /** `undefined`: the document has changed or is gone, and the quote was not found elsewhere. */
  documentId: number | undefined;
  page?: number | undefined;
  start: number;
  end: number;
  quote: string;
  /** A little of what stands around. */
  before: string;
  after: string;
}

export interface PlacedQuestion {
  question: string;
  /** `undefined`: a refusal is expected. */
  place: GoldenPlace | undefined;
  answer?: string | undefined;
}

export interface Question extends PlacedQuestion {
  id: number;
  origin: Origin;
  createdAt: number;
}

/** A question that cannot be used, and why. `at` counts from 1 in what was given. */
export interface Misplaced {
  at: number;
  question: string;
  reason: string;
}
