/**
 * Questions from a file: JSON lines, a JSON array, SQuAD's form (nested, or a line a question as data sets on the web have it), or CSV
 * whose first line names the columns. The form is told from the text.
 */
import { Invalid } from "../../errors.ts";
import { delimiterOf, rowsOf } from "../parse/csv.ts";
import { namesQuestion, questionOf } from "./question-fields.ts";
import { isSquad, questionsOfSquad } from "./squad.ts";
import type { WantedQuestion } from "./types.ts";

/** A line of the file; `reason` says why it is no question. */
export type ReadQuestion = WantedQuestion | { question: string; reason: string };

const MOST_QUESTIONS = 20_000;

/** Throws Invalid for a text that is no list of questions at all. */
export function readQuestions(source: string): ReadQuestion[] {
  const text = source
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .trim();
  if (text === "") throw new Invalid("there are no questions: the text is empty");
  const read = /^[[{]/.test(text) ? readJson(text) : readCsv(text);
  if (read.length > MOST_QUESTIONS)
    throw new Invalid(`these are ${read.length} questions; give at most ${MOST_QUESTIONS} at once`);
  return read;
}

function readJson(text: string): ReadQuestion[] {
  const whole = parsed(text);
  if (whole === undefined) return readLines(text);
  if (isSquad(whole)) return questionsOfSquad(whole);
  if (Array.isArray(whole)) return whole.map(questionOf);
  const { questions } = whole as { questions?: unknown };
  return Array.isArray(questions) ? questions.map(questionOf) : [questionOf(whole)];
}

function readLines(text: string): ReadQuestion[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const values = lines.map(parsed);
  if (values.every((value) => value === undefined))
    throw new Invalid("this is neither JSON nor JSON lines: it begins as JSON does, and no line of it can be read");
  return values.map((value, i) =>
    value === undefined ? { question: (lines[i] ?? "").slice(0, 80), reason: "this line is no JSON" } : questionOf(value),
  );
}

function readCsv(text: string): ReadQuestion[] {
  const [header = [], ...rows] = rowsOf(text, delimiterOf(text));
  const names = header.map((name) => name.trim());
  if (!names.some(namesQuestion))
    throw new Invalid(
      `the first line must name the columns, one of them "question"; it is ${JSON.stringify(header.join(",").slice(0, 80))}`,
    );
  return rows
    .filter((row) => row.some((cell) => cell.trim() !== ""))
    .map((row) => questionOf(Object.fromEntries(names.flatMap((name, at) => (row[at]?.trim() ? [[name, row[at]]] : [])))));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
