/** Whether a model's answer is right, as far as that can be told without another model. */
import { fold } from "../cite/fold.ts";
import type { AnswerCheck } from "./result.ts";
import type { PlacedQuestion } from "./types.ts";

export interface Reply {
  text: string;
  refused: boolean;
  citations: readonly { documentId: number; start: number; end: number }[];
  /** Sentences that no source says. */
  unsupported: readonly string[];
}

/** A quote longer than this is a sentence that an answer need not repeat. */
const LONGEST_ANSWER = 40;

export function checkAnswer({ place, answer }: PlacedQuestion, reply: Reply): AnswerCheck {
  const { text, refused, citations, unsupported } = reply;
  const wanted = answer ?? (place && place.quote.length <= LONGEST_ANSWER ? place.quote : undefined);
  return {
    text,
    refused,
    isRefusalRight: refused === !place,
    hasAnswer: place && wanted !== undefined ? !refused && has(text, wanted) : undefined,
    citesPlace: place && citations.some((citation) => overlaps(citation, place)),
    citations: citations.length,
    unsupported: [...unsupported],
  };
}

/** Whether two places have a character in common. */
export function overlaps(
  place: { documentId: number | undefined; start: number; end: number },
  other: { documentId: number | undefined; start: number; end: number },
): boolean {
  return place.documentId === other.documentId && place.start < other.end && place.end > other.start;
}

/** By letters and digits alone. A number must not be the beginning of another. */
function has(text: string, wanted: string): boolean {
  const [inText, sought] = [fold(text).text, fold(wanted).text];
  if (sought === "") return text.includes(wanted.trim());
  if (!/^\d+$/.test(sought)) return inText.includes(sought);
  return [...text.matchAll(/\d[\d,.]*/g)].some(([number]) => number.replace(/\D/g, "") === sought);
}
