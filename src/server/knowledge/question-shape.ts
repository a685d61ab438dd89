/** Golden questions as clients see them. */
import { z } from "zod";
import type { GoldenPlace, Misplaced, Question } from "../../knowledge/evaluate/types.ts";
import { time } from "./requested.ts";

export const originShape = z.enum(["hand", "file", "sentences", "model"]);

export const goldenShape = z.object({
  document: z.string(),
  document_id: z.int().nullable().describe("null: the document has changed or is gone, and the quote was not found elsewhere"),
  page: z.int().nullable(),
  start: z.int().describe("In UTF-16 code units of the document's text"),
  end: z.int(),
  quote: z.string().describe("What the document says there"),
});

export const questionShape = z
  .object({
    id: z.int(),
    question: z.string(),
    expects_refusal: z.boolean().describe("The documents do not say"),
    place: goldenShape.nullable().describe("Where the answer is; null for an expected refusal"),
    answer: z.string().nullable().describe("Words that a right answer has"),
    origin: originShape.describe("Typed in, from a file, made of the base's sentences, or by a model"),
    created_at: z.string(),
  })
  .meta({ id: "Question" });

export const misplacedShape = z.object({
  at: z.int().describe("Its place in what was sent, from 1"),
  question: z.string(),
  reason: z.string(),
});

export function wireQuestion({ id, question, place, answer, origin, createdAt }: Question): z.input<typeof questionShape> {
  return {
    ...{ id, question, expects_refusal: place === undefined, place: place ? wireGolden(place) : null },
    ...{ answer: answer ?? null, origin, created_at: time(createdAt) },
  };
}

export function wireGolden({
  document,
  documentId,
  page,
  start,
  end,
  quote,
}: Pick<GoldenPlace, "document" | "documentId" | "page" | "start" | "end" | "quote">): z.input<typeof goldenShape> {
  return { document, document_id: documentId ?? null, page: page ?? null, start, end, quote };
}

export function wireMisplaced({ at, question, reason }: Misplaced): z.input<typeof misplacedShape> {
  return { at, question, reason };
}
