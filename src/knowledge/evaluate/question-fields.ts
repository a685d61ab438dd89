/** One question from named fields, whichever of the usual names they have. */
import type { ReadQuestion } from "./read-questions.ts";

const NAMES = {
  question: ["question", "query", "问题"],
  quote: ["quote", "evidence", "引文", "原文"],
  before: ["before"],
  after: ["after"],
  context: ["context", "上下文"],
  answer: ["answer", "答案"],
  answers: ["answers"],
  answerStart: ["answer_start"],
  document: ["document", "document_id", "文档", "文件"],
  start: ["start"],
  end: ["end"],
  refusal: ["expects_refusal", "refusal", "unanswerable", "is_impossible", "拒答"],
} satisfies Record<string, string[]>;

/** Whether a column of this name holds the questions. */
export function namesQuestion(name: string): boolean {
  return NAMES.question.includes(name.toLowerCase());
}

const YES = /^(?:true|yes|y|1|x|是|对)$/i;

/** What is no question says why. */
export function questionOf(value: unknown): ReadQuestion {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { question: String(JSON.stringify(value)).slice(0, 80), reason: "it is no object with a question" };
  const field = fieldsOf(value);
  const question = text(field("question"));
  if (question === undefined) return { question: "", reason: "it has no question" };
  const refusal = field("refusal");
  if (refusal === true || refusal === 1 || (typeof refusal === "string" && YES.test(refusal.trim())))
    return { question, expectsRefusal: true };
  const spans = spanOf(field);
  const context = text(field("context"));
  if (context !== undefined && spans) return fromContext(question, context, spans);
  // SQuAD's form of a question that has no answer.
  if (context !== undefined && field("answers") !== undefined) return { question, expectsRefusal: true };
  return {
    question,
    quote: text(field("quote")) ?? context,
    before: text(field("before")),
    after: text(field("after")),
    answer: text(field("answer")) ?? spans?.answer,
    document: documentOf(field("document")),
    start: count(field("start")),
    end: count(field("end")),
  };
}

/** The answer inside the text that it was asked about. `start` is where it should be; the nearest place that has it counts. */
function fromContext(
  question: string,
  context: string,
  { answer, start = 0 }: { answer: string; start?: number | undefined },
): ReadQuestion {
  const at = nearest(context, answer, start);
  if (at === undefined) return { question, reason: `its answer ${JSON.stringify(answer)} is not in its context` };
  return { question, quote: answer, before: context.slice(0, at), after: context.slice(at + answer.length), answer };
}

function nearest(text: string, wanted: string, start: number): number | undefined {
  if (wanted.trim() === "") return undefined;
  const before = text.lastIndexOf(wanted, start);
  const after = text.indexOf(wanted, start);
  if (before < 0 || after < 0) return before < 0 && after < 0 ? undefined : Math.max(before, after);
  return start - before < after - start ? before : after;
}

type Field = (name: keyof typeof NAMES) => unknown;

/** By any of its names, in any case. */
function fieldsOf(value: object): Field {
  const fields = new Map(Object.entries(value).map(([name, field]) => [name.trim().toLowerCase(), field]));
  return (name) => NAMES[name].map((one) => fields.get(one)).find((field) => field !== undefined && field !== null);
}

/** The first of several answers: SQuAD has a list of objects, data sets on the web have lists of texts and starts. */
function spanOf(field: Field): { answer: string; start?: number | undefined } | undefined {
  const answers = field("answers");
  const first: unknown = Array.isArray(answers) ? answers[0] : answers;
  if (typeof first === "string") return { answer: first };
  if (typeof first === "object" && first !== null) {
    const { text: texts, answer_start: starts } = first as { text?: unknown; answer_start?: unknown };
    const answer = text(Array.isArray(texts) ? texts[0] : texts);
    return answer === undefined ? undefined : { answer, start: count(Array.isArray(starts) ? starts[0] : starts) };
  }
  const answer = text(field("answer"));
  return answer === undefined ? undefined : { answer, start: count(field("answerStart")) };
}

function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function count(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

function documentOf(value: unknown): string | number | undefined {
  return typeof value === "number" ? value : text(value);
}
