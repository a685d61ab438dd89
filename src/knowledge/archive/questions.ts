/** Golden questions in the file of a base. Documents are named by their numbers in the file. */
import { z } from "zod";
import type { Database } from "../../store/db.ts";
import type { PlacedQuestion } from "../evaluate/types.ts";
import { insertQuestions, listQuestions } from "../rows/questions.ts";
import { type Manifest, parsed, QUESTIONS, shaped, text, wrong } from "./format.ts";

const questionsShape = z.array(
  z.object({
    question: text,
    origin: z.enum(["hand", "file", "sentences", "model"]),
    answer: text.optional(),
    /** `null`: the documents do not say, and a refusal is expected. */
    place: z
      .object({
        document: z.int().min(1).nullable(),
        name: text,
        start: z.int().min(0),
        end: z.int().min(0),
        quote: text,
        before: text,
        after: text,
      })
      .nullable(),
  }),
);

type ArchivedQuestion = z.output<typeof questionsShape>[number];

/** `numbers`: of the documents, by their ids. */
export function archivedQuestions(database: Database, base: number, numbers: ReadonlyMap<number, number>): ArchivedQuestion[] {
  return listQuestions(database, base).map(({ question, origin, answer, place }) => ({
    question,
    origin,
    ...(answer !== undefined && { answer }),
    place: place
      ? {
          document: numbers.get(place.documentId ?? 0) ?? null,
          name: place.document,
          ...{ start: place.start, end: place.end, quote: place.quote, before: place.before, after: place.after },
        }
      : null,
  }));
}

/** Throws Invalid. */
export function checkQuestions(bytes: Uint8Array, { questions: count, documents }: Manifest): void {
  const questions = shaped(questionsShape, parsed(bytes, QUESTIONS), QUESTIONS);
  if (questions.length !== count) throw wrong(QUESTIONS, `there are ${questions.length} questions, not ${count}`);
  const lost = questions.find(({ place }) => (place?.document ?? 0) > documents);
  if (lost) throw wrong(QUESTIONS, `there is no document ${lost.place?.document}`);
}

/** In a transaction. `ids`: of the documents, in the order of the file. */
export function takeQuestions(database: Database, base: number, bytes: Uint8Array, ids: readonly number[]): void {
  for (const { origin, ...one } of shaped(questionsShape, parsed(bytes, QUESTIONS), QUESTIONS)) {
    insertQuestions(database, base, [placed(one, ids)], origin);
  }
}

function placed({ question, answer, place }: Omit<ArchivedQuestion, "origin">, ids: readonly number[]): PlacedQuestion {
  if (!place) return { question, place: undefined, answer };
  const { document, name, ...where } = place;
  return { question, answer, place: { ...where, document: name, documentId: document === null ? undefined : ids[document - 1] } };
}
