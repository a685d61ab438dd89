/** Questions as a file that can be read in again, here or in another base with the same documents. */
import type { Question } from "./types.ts";

const COLUMNS = ["question", "quote", "before", "after", "answer", "document", "start", "end", "expects_refusal"] as const;

export type QuestionFormat = "jsonl" | "csv";

export function writeQuestions(questions: readonly Question[], format: QuestionFormat): string {
  const rows = questions.map(fieldsOf);
  if (format === "jsonl") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(","));
  return `${[COLUMNS.join(","), ...lines].join("\n")}\n`;
}

function fieldsOf({ question, place, answer }: Question): Partial<Record<(typeof COLUMNS)[number], string | number | true>> {
  if (!place) return { question, expects_refusal: true };
  const { quote, before, after, document, start, end } = place;
  return { question, quote, before, after, ...(answer !== undefined && { answer }), document, start, end };
}

/** Quoted as RFC 4180 says, and always where a reader might take white space or a quotation mark for something else. */
function cell(value: string | number | boolean | undefined): string {
  const text = value === undefined ? "" : String(value);
  return /^[\p{L}\p{N} .]*$/u.test(text) && text.trim() === text ? text : `"${text.replaceAll('"', '""')}"`;
}
