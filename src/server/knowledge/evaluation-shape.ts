/** Evaluations and their results as clients see them. Shares are 0 to 1, null where there is nothing to count. */
import { z } from "zod";
import type { Comparison, RankedQuestion, Side } from "../../knowledge/evaluate/compare.ts";
import type { Figures, GatePoint, Recall } from "../../knowledge/evaluate/figures.ts";
import type { Result } from "../../knowledge/evaluate/result.ts";
import type { Evaluation } from "../../knowledge/rows/evaluations.ts";
import { goldenShape, wireGolden } from "./question-shape.ts";
import { time } from "./requested.ts";

const share = z.number().nullable();
export const recallShape = z.object({
  recall_at_1: share.describe("Of the questions that the documents answer: those whose answer is in the first hit"),
  recall_at_5: share.describe("In one of the first five"),
  mrr: share.describe("The mean of 1 / rank"),
});
const gateShape = z.object({
  threshold: z.number(),
  answered: share.describe("Of the questions that the documents answer: those whose best score reaches the threshold"),
  refused: share.describe("Of the questions that they do not answer: those that stay below"),
  refused_without: share.describe("Of those that they answer, searched without the document that does: those that stay below"),
});
const figuresShape = recallShape.extend({
  answerable: z.int(),
  unanswerable: z.int(),
  faults: z.int().describe("Questions that failed; they count in nothing else"),
  gate: gateShape,
  curve: z.array(gateShape),
  best_threshold: z.number().nullable().describe("Where answered and refused together are highest"),
  answers: z
    .object({
      asked: z.int(),
      right_refusals: share.describe("Refused where that was expected, and only there"),
      has_answer: share.describe("Has the words of the golden answer"),
      cites_place: share.describe("Cites the golden place"),
      supported: share.describe("Answers in which every sentence has a source"),
    })
    .nullable(),
});
const sideShape = z.object({
  index: z.int(),
  embedder: z.string(),
  digest: z.string(),
  vectors: z.int(),
  passages: z.int(),
  alone: recallShape.nullable().describe("Vectors alone"),
  hybrid: recallShape.nullable().describe("Words and vectors together, as the base is searched"),
  fault: z.string().nullable().describe("Why it could not be asked"),
});
const comparisonShape = z.object({
  questions: z.int(),
  words: recallShape,
  a: sideShape,
  b: sideShape,
  recommendation: z.object({
    use: z.enum(["a", "b", "either", "words", "neither"]),
    sentence: z.string(),
    better: z.int().describe("Questions whose answer b puts higher than a"),
    worse: z.int(),
    chance: share.describe("How likely such a difference would be by chance"),
  }),
});

export const evaluationShape = z
  .object({
    id: z.int(),
    kind: z.enum(["search", "compare"]),
    state: z.enum(["running", "done", "failed", "canceled"]),
    reason: z.string().nullable().describe("Why it failed, or what is to be known about its end"),
    settings: z.object({
      questions: z.enum(["golden", "sentences", "given"]),
      threshold: z.number(),
      without_document: z.boolean(),
      answers: z.boolean(),
    }),
    subject: z.object({
      documents: z.int(),
      passages: z.int(),
      index: z.object({ id: z.int(), embedder: z.string(), digest: z.string() }).nullable().describe("null: words alone"),
      model: z.object({ name: z.string(), digest: z.string() }).nullable(),
    }),
    questions: z.int(),
    done: z.int(),
    figures: figuresShape.nullable(),
    comparison: comparisonShape.nullable(),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: "Evaluation" });

export const resultShape = z
  .object({
    question: z.string(),
    place: goldenShape.nullable().describe("Where the answer is; null for an expected refusal"),
    answer: z.string().nullable(),
    rank: z.int().describe("Of the first hit that has a part of the place, from 1; 0 when none has"),
    best: z.number(),
    best_without: z.number().nullable().describe("The same without the document that has the answer"),
    first: z
      .object({
        document: z.string(),
        document_id: z.int(),
        page: z.int().nullable(),
        start: z.int(),
        end: z.int(),
        score: z.number(),
        text: z.string(),
      })
      .nullable()
      .describe("What came first"),
    reply: z
      .object({
        text: z.string(),
        refused: z.boolean(),
        right_refusal: z.boolean(),
        has_answer: z.boolean().nullable(),
        cites_place: z.boolean().nullable(),
        citations: z.int(),
        unsupported: z.array(z.string()),
      })
      .nullable(),
    fault: z.string().nullable(),
  })
  .meta({ id: "Result" });

export const rankedShape = z
  .object({
    question: z.string(),
    place: goldenShape,
    words: z.int().describe("Ranks from 1, 0 for not found"),
    a: z.int().nullable(),
    b: z.int().nullable(),
  })
  .meta({ id: "RankedQuestion" });

export function wireEvaluation(one: Evaluation): z.input<typeof evaluationShape> {
  const { settings, subject, figures, comparison } = one;
  const { withoutDocument, ...set } = settings;
  return {
    ...{ id: one.id, kind: one.kind, state: one.state, reason: one.reason ?? null },
    settings: { ...set, without_document: withoutDocument },
    subject: { ...subject, index: subject.index ?? null, model: subject.model ?? null },
    ...{ questions: one.questions, done: one.done },
    figures: figures ? wireFigures(figures) : null,
    comparison: comparison ? wireComparison(comparison) : null,
    ...{ created_at: time(one.createdAt), finished_at: time(one.finishedAt) },
  };
}

export function wireRecall({ at1, at5, mrr }: Recall): z.input<typeof recallShape> {
  return { recall_at_1: at1 ?? null, recall_at_5: at5 ?? null, mrr: mrr ?? null };
}

export function wireResult({
  expected,
  answer,
  bestWithout,
  first,
  reply,
  fault,
  ...result
}: Result): z.input<typeof resultShape> {
  return {
    ...{ question: result.question, rank: result.rank, best: result.best },
    place: expected ? wireGolden(expected) : null,
    answer: answer ?? null,
    best_without: bestWithout ?? null,
    first: first ? wireFirst(first) : null,
    reply: reply ? wireReply(reply) : null,
    fault: fault ?? null,
  };
}

export function wireRanked({ question, place, words, a, b }: RankedQuestion): z.input<typeof rankedShape> {
  return { question, place: wireGolden(place), words, a: a ?? null, b: b ?? null };
}

function wireFirst({ documentId, page, ...first }: NonNullable<Result["first"]>) {
  return { ...first, document_id: documentId, page: page ?? null };
}

function wireReply({ isRefusalRight, hasAnswer, citesPlace, ...reply }: NonNullable<Result["reply"]>) {
  return { ...reply, right_refusal: isRefusalRight, has_answer: hasAnswer ?? null, cites_place: citesPlace ?? null };
}

function wireFigures({ answerable, unanswerable, faults, gate, curve, bestThreshold, answers, ...recall }: Figures) {
  return {
    ...wireRecall(recall),
    ...{ answerable, unanswerable, faults },
    ...{ gate: wireGate(gate), curve: curve.map(wireGate), best_threshold: bestThreshold ?? null },
    answers: answers
      ? {
          asked: answers.asked,
          right_refusals: answers.rightRefusals ?? null,
          has_answer: answers.hasAnswer ?? null,
          cites_place: answers.citesPlace ?? null,
          supported: answers.supported ?? null,
        }
      : null,
  };
}

function wireGate({ threshold, answered, refused, refusedWithout }: GatePoint): z.input<typeof gateShape> {
  return { threshold, answered: answered ?? null, refused: refused ?? null, refused_without: refusedWithout ?? null };
}

function wireComparison({ questions, words, a, b, recommendation }: Comparison): z.input<typeof comparisonShape> {
  return {
    ...{ questions, words: wireRecall(words), a: wireSide(a), b: wireSide(b) },
    recommendation: { ...recommendation, chance: recommendation.chance ?? null },
  };
}

function wireSide({ space, embedder, digest, vectors, passages, alone, hybrid, fault }: Side): z.input<typeof sideShape> {
  return {
    ...{ index: space, embedder, digest, vectors, passages },
    alone: alone ? wireRecall(alone) : null,
    hybrid: hybrid ? wireRecall(hybrid) : null,
    fault: fault ?? null,
  };
}
