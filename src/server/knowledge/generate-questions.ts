/** POST /puna/knowledge/{base}/questions/generate: questions made of the base's own passages. */
import { z } from "zod";
import { type MakeOptions, makeQuestions } from "../../knowledge/evaluate/questions.ts";
import type { Deps } from "../deps.ts";
import { ndjson } from "../respond.ts";
import { questionMaker } from "./ask-model.ts";
import { endpoint } from "./endpoint.ts";
import { misplacedShape, wireMisplaced } from "./question-shape.ts";
import { requestedBase } from "./requested.ts";

const line = z.object({
  status: z.enum(["making questions", "success"]),
  completed: z.int().optional(),
  total: z.int().optional(),
  added: z.array(z.int()).optional(),
  known: z.int().optional(),
  dropped: z.array(misplacedShape).optional().describe("What a model made that did not pass the check, and why"),
});

type Line = z.input<typeof line>;

export const generateEndpoint = endpoint({
  method: "POST",
  path: "/puna/knowledge/:base/questions/generate",
  summary: "Makes questions of the base's own sentences, or with a model; each has its place",
  body: z.object({
    count: z.int().nullish().describe("How many, 40 without it"),
    model: z.string().nullish().describe("The model that makes them; without it sentences are taken apart"),
  }),
  gives: line,
  lines: true,
  async handle({ c, deps, body: { count, model } }) {
    const { id } = requestedBase(deps, c);
    const complete = typeof model === "string" ? await questionMaker(deps, model) : undefined;
    return await ndjson(c, made(deps, id, { count: count ?? 40, complete, signal: c.req.raw.signal }));
  },
});

/** What was made is kept when all is made; a client that leaves ends it. */
async function* made({ knowledge }: Deps, base: number, options: MakeOptions): AsyncGenerator<Line> {
  const making = makeQuestions(knowledge, base, options);
  let step = await making.next();
  for (; !step.done; step = await making.next()) yield { status: "making questions", ...step.value };
  const { questions, dropped } = step.value;
  const kept = await knowledge.writer.keepQuestions(base, questions, options.complete ? "model" : "sentences");
  yield { status: "success", ...kept, dropped: dropped.map(wireMisplaced) };
}
