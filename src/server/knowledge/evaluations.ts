/** /puna/knowledge/{base}/evaluations: how well a base finds and answers, now and before. */
import { setTimeout as wait } from "node:timers/promises";
import type { Context } from "hono";
import { z } from "zod";
import { Invalid, NotFound } from "../../errors.ts";
import type { KnowledgeStore } from "../../knowledge/bases.ts";
import type { RankedQuestion } from "../../knowledge/evaluate/compare.ts";
import { type Change, differenceOf } from "../../knowledge/evaluate/diff.ts";
import { placeAll } from "../../knowledge/evaluate/questions.ts";
import { readQuestions } from "../../knowledge/evaluate/read-questions.ts";
import type { Evaluation } from "../../knowledge/rows/evaluations.ts";
import type { Deps } from "../deps.ts";
import { ndjson } from "../respond.ts";
import { answering } from "./ask-model.ts";
import { endpoint, idIn } from "./endpoint.ts";
import {
  evaluationShape,
  rankedShape,
  recallShape,
  resultShape,
  wireEvaluation,
  wireRanked,
  wireRecall,
  wireResult,
} from "./evaluation-shape.ts";
import { misplacedShape, wireMisplaced } from "./question-shape.ts";
import { requestedBase } from "./requested.ts";

const PATH = "/puna/knowledge/:base/evaluations";
/** How far back the one to compare with is sought. */
const LOOKED_BACK = 50;
/** Between two looks at one that is running. */
const LOOK_MS = 200;

const changeShape = z.object({ question: z.string(), before: resultShape, now: resultShape });

export const evaluationEndpoints = [
  endpoint({
    method: "GET",
    path: PATH,
    summary: "The history: evaluations and comparisons, the newest first",
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(50) }),
    gives: z.object({ evaluations: z.array(evaluationShape) }),
    handle: ({ c, deps, query: { limit } }) => ({
      evaluations: deps.knowledge.evaluations.list(requestedBase(deps, c).id, limit).map(wireEvaluation),
    }),
  }),
  endpoint({
    method: "POST",
    path: PATH,
    summary: "Asks a base its questions; the evaluation goes on by itself",
    status: 202,
    body: z.object({
      questions: z.string().nullish().describe("A file of questions, for this once; without it the base's own"),
      generate: z.int().nullish().describe("So many questions made of the base's sentences, for this once"),
      threshold: z.number().min(0).max(100).nullish().describe("In place of the base's"),
      index: z
        .union([z.int(), z.literal("words")])
        .nullish()
        .describe("Another index than the live one, by its id; words: none but the words"),
      without_document: z
        .boolean()
        .nullish()
        .describe("Searches also without the document that has the answer, to see whether that is refused; true without it"),
      answers: z.boolean().nullish().describe("Has the answers written, and checks them"),
      model: z.string().nullish().describe("The model that answers, in place of the base's"),
    }),
    gives: z.object({
      evaluation: evaluationShape,
      failed: z.array(misplacedShape).describe("Questions whose answer was not found"),
    }),
    async handle({ c, deps, body }) {
      const { knowledge } = deps;
      const base = requestedBase(deps, c);
      const threshold = body.threshold ?? undefined;
      const given =
        typeof body.questions === "string" ? await placeAll(knowledge, base.id, readQuestions(body.questions)) : undefined;
      if (given?.placed.length === 0)
        throw new Invalid(`none of the questions can be asked; the first: ${given.failed[0]?.reason}`, { param: "questions" });
      const writes = body.answers ?? typeof body.model === "string";
      const evaluation = await knowledge.evaluations.start(base.id, {
        questions: given?.placed,
        generate: body.generate ?? undefined,
        threshold,
        space: body.index === "words" ? null : (body.index ?? undefined),
        withoutDocument: body.without_document ?? true,
        answering: writes ? await answering(deps, base, { model: body.model ?? undefined, threshold }) : undefined,
      });
      return { evaluation: wireEvaluation(evaluation), failed: (given?.failed ?? []).map(wireMisplaced) };
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id`,
    summary: "One evaluation with what each question came to",
    gives: z.object({ evaluation: evaluationShape, results: z.array(z.union([resultShape, rankedShape])) }),
    handle({ c, deps }) {
      const evaluation = requested(deps, c);
      const { id, kind } = evaluation;
      const results =
        kind === "search"
          ? deps.knowledge.evaluations.results(id).map(wireResult)
          : deps.knowledge.evaluations.results<RankedQuestion>(id).map(wireRanked);
      return { evaluation: wireEvaluation(evaluation), results };
    },
  }),
  endpoint({
    method: "DELETE",
    path: `${PATH}/:id`,
    summary: "Cancels an evaluation that is running, or takes one that has ended out of the history",
    gives: z.object({ evaluation: evaluationShape }),
    async handle({ c, deps: { knowledge } }) {
      const { id, base, state } = requested({ knowledge }, c);
      if (state === "running") return { evaluation: wireEvaluation(await knowledge.evaluations.cancel(base, id)) };
      const evaluation = knowledge.evaluations.byId(base, id);
      await knowledge.writer.removeEvaluation(base, id);
      return { evaluation: wireEvaluation(evaluation) };
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id/events`,
    summary: "How far an evaluation is, a line for each news, until it ends",
    gives: z.object({ evaluation: evaluationShape }),
    lines: true,
    async handle({ c, deps }) {
      const { id, base } = requested(deps, c);
      return await ndjson(c, events(deps.knowledge, { base, id, signal: c.req.raw.signal }));
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id/difference`,
    summary: "What became better and worse since another evaluation, question by question",
    query: z.object({
      from: z.coerce.number().int().positive().optional().describe("The other one; without it the one that was done before"),
    }),
    gives: z.object({
      before: evaluationShape,
      now: evaluationShape,
      common: z.int().describe("Questions that both have: all figures here are of these"),
      only_before: z.int(),
      only_now: z.int(),
      recall_before: recallShape,
      recall_now: recallShape,
      better: z.array(changeShape),
      worse: z.array(changeShape),
      chance: z.number().describe("How likely the differences of rank would be by chance"),
    }),
    handle({ c, deps: { knowledge }, query: { from } }) {
      const now = requested({ knowledge }, c);
      const before = from === undefined ? previousOf(knowledge, now) : knowledge.evaluations.byId(now.base, from);
      for (const { id, kind } of [before, now])
        if (kind !== "search")
          throw new Invalid(`${id} is a comparison of indexes: it has no results that could be set beside others`);
      const held = ({ id, settings }: Evaluation) => ({
        results: knowledge.evaluations.results(id),
        threshold: settings.threshold,
      });
      const { common, onlyBefore, onlyNow, chance, ...found } = differenceOf(held(before), held(now));
      return {
        ...{ before: wireEvaluation(before), now: wireEvaluation(now), common, only_before: onlyBefore, only_now: onlyNow },
        ...{ recall_before: wireRecall(found.before), recall_now: wireRecall(found.now), chance },
        ...{ better: found.better.map(wireChange), worse: found.worse.map(wireChange) },
      };
    },
  }),
];

function requested({ knowledge }: Pick<Deps, "knowledge">, c: Context): Evaluation {
  return knowledge.evaluations.byId(requestedBase({ knowledge }, c).id, idIn(c));
}

/** The newest one before it that was asked some of its questions. Throws NotFound. */
function previousOf(knowledge: KnowledgeStore, now: Evaluation): Evaluation {
  const asked = new Set(knowledge.evaluations.results(now.id).map(({ question }) => question));
  const found = knowledge.evaluations
    .list(now.base, LOOKED_BACK)
    .filter(({ id, kind, state }) => id < now.id && kind === "search" && state === "done")
    .find(({ id }) => knowledge.evaluations.results(id).some(({ question }) => asked.has(question)));
  if (!found) throw new NotFound(`no evaluation before ${now.id} was asked any of its questions`);
  return found;
}

function wireChange({ question, before, now }: Change): z.input<typeof changeShape> {
  return { question, before: wireResult(before), now: wireResult(now) };
}

/** Ends with the evaluation, or when it is gone. */
async function* events(
  knowledge: KnowledgeStore,
  { base, id, signal }: { base: number; id: number; signal: AbortSignal },
): AsyncGenerator<{ evaluation: z.input<typeof evaluationShape> }> {
  let said = "";
  while (!signal.aborted) {
    const evaluation = knowledge.evaluations.byId(base, id);
    const news = `${evaluation.state} ${evaluation.done}`;
    if (news !== said) yield { evaluation: wireEvaluation(evaluation) };
    said = news;
    if (evaluation.state !== "running") return;
    await wait(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}
