/** /puna/knowledge/{base}/questions: what a base is judged by. */
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { addQuestions } from "../../knowledge/evaluate/questions.ts";
import { readQuestions } from "../../knowledge/evaluate/read-questions.ts";
import { writeQuestions } from "../../knowledge/evaluate/write-questions.ts";
import { readText } from "../body.ts";
import { endpoint, idIn } from "./endpoint.ts";
import { generateEndpoint } from "./generate-questions.ts";
import { nextShape, paged, pageQuery } from "./page.ts";
import { misplacedShape, originShape, questionShape, wireMisplaced, wireQuestion } from "./question-shape.ts";
import { requestedBase } from "./requested.ts";

const PATH = "/puna/knowledge/:base/questions";
const TYPES = { jsonl: "application/x-ndjson", csv: "text/csv; charset=utf-8" } as const;

/** Only for the description: the body may be a file of questions as well, and is read as text. */
const oneQuestion = z.object({
  question: z.string(),
  quote: z.string().optional().describe("Words of a document that are the answer, as they stand there"),
  document: z.union([z.string(), z.int()]).optional().describe("Name or id of the document, where the quote alone is not enough"),
  start: z.int().optional().describe("With end and document, in place of a quote"),
  end: z.int().optional(),
  answer: z.string().optional().describe("Words that a right answer has"),
  expects_refusal: z.boolean().optional().describe("The documents do not say"),
});

export const questionEndpoints = [
  endpoint({
    method: "GET",
    path: PATH,
    summary: "Lists the golden questions of a base",
    query: pageQuery.extend({ origin: originShape.optional() }),
    gives: z.object({ questions: z.array(questionShape), total: z.int(), next: nextShape }),
    async handle({ c, deps: { knowledge }, query: { limit, after, origin } }) {
      const { id } = requestedBase({ knowledge }, c);
      await knowledge.evaluations.currentQuestions(id);
      const { page, next } = paged(knowledge.evaluations.questions(id, { limit: limit + 1, after, origin }), limit);
      return { questions: page.map(wireQuestion), total: knowledge.evaluations.countQuestions(id), next };
    },
  }),
  endpoint({
    method: "POST",
    path: PATH,
    summary: "Adds questions: one as JSON, or many as JSON lines, a JSON array, SQuAD's form or CSV",
    status: 201,
    body: oneQuestion,
    bytes: {
      takes: {
        "application/x-ndjson": "A question a line, or SQuAD's form",
        "text/csv": "The first line names the columns: question, quote, answer, document, start, end, expects_refusal",
      },
    },
    gives: z.object({
      added: z.array(z.int()).describe("Ids of the new ones"),
      known: z.int().describe("How many were there already"),
      failed: z.array(misplacedShape).describe("Those whose answer was not found, and why"),
    }),
    async handle({ c, deps: { knowledge } }) {
      const { id } = requestedBase({ knowledge }, c);
      const questions = readQuestions(await readText(c));
      const origin = questions.length === 1 ? "hand" : "file";
      const { added, known, failed } = await addQuestions(knowledge, id, { questions, origin });
      return { added, known, failed: failed.map(wireMisplaced) };
    },
  }),
  endpoint({
    method: "DELETE",
    path: PATH,
    summary: "Removes all questions, or all that came in one way",
    query: z.object({
      origin: originShape.optional(),
      all: z.stringbool().optional().describe("Must be true without an origin"),
    }),
    gives: z.object({ removed: z.int() }),
    async handle({ c, deps: { knowledge }, query: { origin, all } }) {
      const { id } = requestedBase({ knowledge }, c);
      if (origin === undefined && !all)
        throw new Invalid("which questions? Name their origin, or say all=true", { param: "all" });
      return { removed: await knowledge.writer.removeQuestions(id, origin) };
    },
  }),
  generateEndpoint,
  endpoint({
    method: "GET",
    path: `${PATH}/export`,
    summary: "All questions as a file that can be added to another base with the same documents",
    query: z.object({ format: z.enum(["jsonl", "csv"]).default("jsonl") }),
    bytes: { gives: { "application/x-ndjson": "A question a line", "text/csv": "The same as a table" } },
    async handle({ c, deps: { knowledge }, query: { format } }) {
      const { id } = requestedBase({ knowledge }, c);
      const text = writeQuestions(await knowledge.evaluations.currentQuestions(id), format);
      return c.body(text, 200, { "Content-Type": TYPES[format] });
    },
  }),
  endpoint({
    method: "DELETE",
    path: `${PATH}/:id`,
    summary: "Removes a question",
    status: 204,
    async handle({ c, deps: { knowledge } }) {
      await knowledge.writer.removeQuestion(requestedBase({ knowledge }, c).id, idIn(c));
    },
  }),
];
