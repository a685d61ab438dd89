/** The golden questions of a base: added, made, found again when their documents change. */
import { Invalid } from "../../errors.ts";
import type { KnowledgeStore } from "../bases.ts";
import { defused } from "../prompt/fence.ts";
import { checkedQuestion, questionPrompt } from "./from-model.ts";
import type { ReadQuestion } from "./read-questions.ts";
import type { Misplaced, Origin, PlacedQuestion, Question } from "./types.ts";

/** Questions that are placed in one go: searches of others come between. */
const BATCH = 40;
const MOST_MADE = 1000;

export interface Added {
  added: number[];
  /** How many were there already. */
  known: number;
  failed: Misplaced[];
}

/** Finds the places of questions. Nothing is stored. */
export async function placeAll(
  store: KnowledgeStore,
  base: number,
  questions: readonly ReadQuestion[],
  signal?: AbortSignal,
): Promise<{ placed: PlacedQuestion[]; failed: Misplaced[] }> {
  const placed: PlacedQuestion[] = [];
  const failed: Misplaced[] = [];
  const wanted = questions.map((question, i) => ({ question, at: i + 1 }));
  for (let first = 0; first < wanted.length; first += BATCH) {
    signal?.throwIfAborted();
    const batch = wanted.slice(first, first + BATCH);
    const readable = batch.flatMap(({ question, at }) => ("reason" in question ? [] : [{ question, at }]));
    const found = await store.searcher.placeQuestions(
      base,
      readable.map(({ question }) => question),
    );
    const atOf = (at: number) => readable[at - 1]?.at ?? at;
    placed.push(...found.placed.map(({ question }) => question));
    failed.push(
      ...batch.flatMap(({ question, at }) => ("reason" in question ? [{ at, ...question }] : [])),
      ...found.misplaced.map((one) => ({ ...one, at: atOf(one.at) })),
    );
  }
  return { placed, failed: failed.sort((a, b) => a.at - b.at) };
}

/** Throws Invalid when not one of them can be used. */
export async function addQuestions(
  store: KnowledgeStore,
  base: number,
  { questions, origin }: { questions: readonly ReadQuestion[]; origin: Origin },
): Promise<Added> {
  const { placed, failed } = await placeAll(store, base, questions);
  const [first] = failed;
  if (placed.length === 0 && first)
    throw new Invalid(
      questions.length === 1
        ? `the question cannot be added: ${first.reason}`
        : `none of the ${questions.length} questions can be added; the first: ${first.reason}`,
    );
  return { ...(await store.writer.keepQuestions(base, placed, origin)), failed };
}

/** Seeks the quotes of questions whose document has changed. What is not found keeps its question, without a place. */
export async function findAgain(store: KnowledgeStore, base: number, lost: readonly Question[]): Promise<void> {
  for (let first = 0; first < lost.length; first += BATCH) {
    const batch = lost.slice(first, first + BATCH);
    const { placed } = await store.searcher.placeQuestions(
      base,
      batch.map(({ question, place }) => ({ question, ...place, start: undefined, end: undefined })),
    );
    const moved = placed.flatMap(({ at, question: { place } }) => {
      const id = batch[at - 1]?.id;
      return id !== undefined && place ? [{ id, place }] : [];
    });
    if (moved.length > 0) await store.writer.movePlaces(moved);
  }
}

export interface MakeOptions {
  count: number;
  /** A model's reply to a prompt, as JSON of `QUESTION_SCHEMA`; without it sentences are taken apart. */
  complete?: ((prompt: string, signal: AbortSignal) => Promise<string>) | undefined;
  signal: AbortSignal;
}

export interface Made {
  questions: PlacedQuestion[];
  /** Those of a model that did not pass the check. */
  dropped: Misplaced[];
}

/** Makes questions, yielding how many passages were asked about. Throws Invalid for a base that has nothing to ask about. */
export async function* makeQuestions(
  store: KnowledgeStore,
  base: number,
  { count, complete, signal }: MakeOptions,
): AsyncGenerator<{ completed: number; total: number }, Made> {
  if (!Number.isInteger(count) || count < 1 || count > MOST_MADE)
    throw new Invalid(`count is ${count}; it must be a whole number from 1 to ${MOST_MADE}`, { param: "count" });
  if (!complete) {
    const questions = await store.searcher.questionsFromSentences(base, count);
    if (questions.length === 0) throw nothingToAsk();
    return { questions, dropped: [] };
  }
  const passages = await store.searcher.passagesToAskAbout(base, count);
  if (passages.length === 0) throw nothingToAsk();
  const questions = new Map<string, PlacedQuestion>();
  const dropped: Misplaced[] = [];
  for (const [i, passage] of passages.entries()) {
    signal.throwIfAborted();
    const reply = await complete(questionPrompt({ ...passage, text: defused(passage.text) }), signal);
    const checked = checkedQuestion(reply, passage);
    if ("reason" in checked) dropped.push({ at: i + 1, question: reply.slice(0, 200), reason: checked.reason });
    else questions.set(checked.question, checked);
    yield { completed: i + 1, total: passages.length };
  }
  return { questions: [...questions.values()], dropped };
}

function nothingToAsk(): Invalid {
  return new Invalid("no questions can be made: the knowledge base has no sentences to ask about; add documents first", {
    code: "nothing_to_ask",
  });
}
