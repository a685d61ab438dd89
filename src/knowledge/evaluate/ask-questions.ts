/** Asks a base its questions, one after another, on the path that every search takes. */
import { Canceled, messageOf, NotFound } from "../../errors.ts";
import type { KnowledgeStore } from "../bases.ts";
import type { Hit } from "../search/types.ts";
import { search } from "../search.ts";
import { checkAnswer, overlaps, type Reply } from "./check-answer.ts";
import type { Result } from "./result.ts";
import type { GoldenPlace, PlacedQuestion } from "./types.ts";

/** Hits that are looked at. */
export const DEPTH = 10;
/** Faults in a row that are no fault of the questions. */
const MOST_FAULTS = 5;
/** What is kept of what came first. */
const EXCERPT = 300;

export interface AskOptions {
  /** Other vectors than those that are live; `null` for words alone. */
  space?: number | null | undefined;
  /** Searches a second time without the document that has the answer. */
  withoutDocument: boolean;
  /** Answers through a model. */
  reply?: ((question: string, signal: AbortSignal) => Promise<Reply>) | undefined;
  /** Told what kept a search from being complete. */
  onNotice?: (notice: string) => void;
  signal: AbortSignal;
}

/** Rejects when the base is gone or the signal fires; what is wrong with one question is said in its result. */
export async function* askQuestions(
  store: KnowledgeStore,
  base: number,
  questions: readonly PlacedQuestion[],
  options: AskOptions,
): AsyncGenerator<Result> {
  let faults = 0;
  for (const question of questions) {
    options.signal.throwIfAborted();
    try {
      yield await ask(store, base, question, options);
      faults = 0;
    } catch (error) {
      const isFinal = options.signal.aborted || error instanceof Canceled || error instanceof NotFound;
      if (isFinal || ++faults === MOST_FAULTS) throw error;
      yield faulty(question, messageOf(error));
    }
  }
}

async function ask(store: KnowledgeStore, base: number, question: PlacedQuestion, options: AskOptions): Promise<Result> {
  const { space, withoutDocument, reply, onNotice, signal } = options;
  const { place } = question;
  if (place && place.documentId === undefined) return faulty(question, "the document has changed, and no longer says this");
  const at = space === undefined ? {} : { space };
  const found = await search(store, base, { query: question.question, limit: DEPTH, ...at });
  for (const notice of found.notices) onNotice?.(notice);
  const without =
    place?.documentId !== undefined && withoutDocument
      ? await search(store, base, { query: question.question, limit: DEPTH, filters: { without: [place.documentId] }, ...at })
      : undefined;
  return {
    ...faulty(question, undefined),
    rank: place ? rankOf(found.hits, place) : 0,
    best: found.best,
    bestWithout: without?.best,
    first: firstOf(found.hits),
    reply: reply && checkAnswer(question, await reply(question.question, signal)),
  };
}

/** Of the first hit that has a character of the place, itself or in a passage that says the same; 0 when none has. */
export function rankOf(hits: readonly Ranked[], place: GoldenPlace): number {
  return 1 + hits.findIndex((hit) => overlaps(hit, place) || hit.alsoAt?.some((other) => overlaps(other, place)));
}

type Ranked = Pick<Hit, "documentId" | "start" | "end"> & Partial<Pick<Hit, "alsoAt">>;

function firstOf([hit]: readonly Hit[]): Result["first"] {
  if (!hit) return undefined;
  const { document, documentId, page, start, end, score, text } = hit;
  return { document, documentId, page, start, end, score, text: text.slice(0, EXCERPT) };
}

function faulty({ question, place, answer }: PlacedQuestion, fault: string | undefined): Result {
  const nothing = { rank: 0, best: 0, bestWithout: undefined, first: undefined, reply: undefined };
  return { question, expected: place && expectedOf(place), answer, ...nothing, fault };
}

function expectedOf({ document, documentId, page, start, end, quote }: GoldenPlace): Result["expected"] {
  return { document, documentId, page, start, end, quote: quote.slice(0, EXCERPT) };
}
