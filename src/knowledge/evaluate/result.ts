/** What one question of an evaluation came to. */
import type { GoldenPlace } from "./types.ts";

/** What came first. */
interface FirstHit {
  document: string;
  documentId: number;
  page: number | undefined;
  start: number;
  end: number;
  score: number;
  text: string;
}

/** How a model's answer did. */
export interface AnswerCheck {
  text: string;
  refused: boolean;
  /** Refused where a refusal was expected, and only there. */
  isRefusalRight: boolean;
  /** Whether the answer has the words of the golden one; `undefined` where there are none to look for. */
  hasAnswer: boolean | undefined;
  /** Whether one of its citations lies in the golden place; `undefined` for an expected refusal. */
  citesPlace: boolean | undefined;
  citations: number;
  /** Sentences that no source says. */
  unsupported: string[];
}

export interface Result {
  question: string;
  /** `undefined`: a refusal was expected. */
  expected: Pick<GoldenPlace, "document" | "documentId" | "page" | "start" | "end" | "quote"> | undefined;
  answer: string | undefined;
  /** Of the first hit that overlaps the golden place, from 1; 0 when none does, and for an expected refusal. */
  rank: number;
  /** The highest score, 0 to 100. */
  best: number;
  /** The same without the document that has the answer: what the question would get if the base could not answer it. */
  bestWithout: number | undefined;
  first: FirstHit | undefined;
  reply: AnswerCheck | undefined;
  /** What went wrong with this question alone. */
  fault: string | undefined;
}
