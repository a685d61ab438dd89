/** The bundled model through the front door, documents only: does it answer, with the right place, and does it refuse without its paragraph? */
import { bundledModel } from "../folders.ts";
import type { Desk } from "./desk.ts";
import { type Asked, questionsOf } from "./measure.ts";
import type { QuestionSet } from "./sets.ts";
import { percent, table } from "./tables.ts";

/** What became of one question, with its paragraph in the base or not. */
interface Outcome {
  refused: "score" | "answer" | undefined;
  /** A citation is of the right paragraph. */
  isRightPlace: boolean;
  /** Such a citation, and it holds an answer. */
  holdsAnswer: boolean;
  /** Of the sentences that were cited, those whose range in the document is not exactly their text. There should be none. */
  inexact: number;
}

interface WireAnswer {
  message: { content: string };
  citations: { document: string; document_id: number; start: number; end: number; text: string }[];
  knowledge: { refused?: "score" | "answer" };
}

/** As Markdown. The bases must be there, under the names of the sets. */
export async function askMini(desk: Desk, sets: readonly QuestionSet[], most: number): Promise<string> {
  await desk.model("mini", bundledModel);
  const rows: string[][] = [];
  for (const set of sets) {
    const questions = questionsOf(set, most);
    const present: Outcome[] = [];
    for (const question of questions) present.push(await ask(desk, set, question));
    const absent: Outcome[] = [];
    for (const question of questions) absent.push(await ask(desk, set, question, withoutArticle(desk, set, question)));
    const share = (outcomes: readonly Outcome[], is: (outcome: Outcome) => boolean) =>
      percent(outcomes.filter(is).length / outcomes.length);
    rows.push([
      set.name,
      `${questions.length}`,
      share(present, ({ refused }) => refused === undefined),
      share(present, ({ isRightPlace }) => isRightPlace),
      share(present, ({ holdsAnswer }) => holdsAnswer),
      share(absent, ({ refused }) => refused !== undefined),
      share(absent, ({ refused }) => refused === "score"),
      `${[...present, ...absent].reduce((sum, { inexact }) => sum + inexact, 0)}`,
    ]);
  }
  const head = [
    "set",
    "questions",
    "answered",
    "cites the right paragraph",
    "and the sentence with the answer",
    "refused without the article",
    "of these by the score",
    "inexact ranges",
  ];
  return table(head, rows);
}

async function ask(
  desk: Desk,
  { name }: QuestionSet,
  { question, paragraph, answers }: Pick<Asked, "question" | "paragraph" | "answers">,
  documents?: number[],
): Promise<Outcome> {
  const base = desk.knowledge.named(name).id;
  const { citations, knowledge }: WireAnswer = await desk.ask("/api/chat", {
    model: "mini",
    messages: [{ role: "user", content: question }],
    stream: false,
    knowledge: { base: name, mode: "query", ...(documents && { filters: { documents } }) },
  });
  const right = citations.filter(({ document }) => document === paragraph.name);
  return {
    refused: knowledge.refused,
    isRightPlace: right.length > 0,
    holdsAnswer: right.some(({ text }) => answers.some((answer) => text.includes(answer))),
    inexact: citations.filter(({ document_id, start, end, text }) => {
      return desk.knowledge.text(base, document_id).text.slice(start, end) !== text;
    }).length,
  };
}

/** All other documents of the base. */
function withoutArticle(desk: Desk, { name, paragraphs }: QuestionSet, { paragraph }: Pick<Asked, "paragraph">): number[] {
  const own = new Set(paragraphs.filter(({ article }) => article === paragraph.article).map((one) => one.name));
  return [...desk.ids(desk.knowledge.named(name).id)].filter(([document]) => !own.has(document)).map(([, id]) => id);
}
