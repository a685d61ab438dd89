/** `puna kb questions BASE`: the questions that a base is judged by. */
import { readFile, writeFile } from "node:fs/promises";
import { Invalid, messageOf } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { interruptible } from "../../interruptible.ts";
import { placeOf, quoted } from "../../knowledge/describe-evaluation.ts";
import type { AddedReply, MakingReply, Misplaced, Origin, QuestionReply } from "../../knowledge/evaluation-wire.ts";
import { Progress } from "../../terminal/progress.ts";
import { table } from "../../terminal/table.ts";
import { visible } from "../../terminal/visible.ts";

export interface QuestionFlags {
  quote?: string;
  document?: string;
  answer?: string;
  refusal?: boolean;
  count?: string;
  model?: string;
  origin?: string;
  format?: string;
  json?: boolean;
}

type QuestionContext = Pick<Context, "client" | "terminal">;

const ORIGINS = ["hand", "file", "sentences", "model"];

/** Throws Invalid for an action that is none, or that lacks what it needs. */
export async function questions(
  context: QuestionContext,
  base: string,
  { action = "list", words }: { action?: string | undefined; words: readonly string[] },
  flags: QuestionFlags,
): Promise<void> {
  switch (action) {
    case "list":
    case "ls":
      return await list(context, base, flags);
    case "add":
      return await add(context, base, words.join(" "), flags);
    case "make":
      return await make(context, base, flags);
    case "import":
      return await importFile(context, base, words[0], flags);
    case "export":
      return await exportFile(context, base, words[0], flags);
    case "rm":
      return await remove(context, base, words, flags);
    default:
      throw new Invalid(`unknown action ${JSON.stringify(action)} (must be list, add, make, import, export or rm)`);
  }
}

async function list({ client, terminal }: QuestionContext, base: string, { origin, json }: QuestionFlags): Promise<void> {
  const all: QuestionReply[] = [];
  for await (const one of client.knowledge.questions(base, originOf(origin))) all.push(one);
  if (json) return terminal.out(`${JSON.stringify(all)}\n`);
  if (all.length === 0) {
    return terminal.err(`There are no questions yet: add some, or have some made (puna kb questions ${base} make).\n`);
  }
  const rows = all.map(({ id, origin: from, question, place }) => {
    const where = place === null ? "a refusal" : place.document_id === null ? `lost: ${quoted(place.quote)}` : placeOf(place);
    return [String(id), from, visible(question), where];
  });
  terminal.out(table(["ID", "ORIGIN", "QUESTION", "EXPECTED"], rows));
}

async function add(context: QuestionContext, base: string, question: string, flags: QuestionFlags): Promise<void> {
  const { quote, document, answer, refusal, json } = flags;
  if (question.trim() === "") throw new Invalid(`which question? puna kb questions ${base} add QUESTION --quote WORDS`);
  if (!refusal && quote === undefined)
    throw new Invalid("where is the answer? Give its words as they stand in the document (--quote), or say --refusal");
  const added = await context.client.knowledge.addQuestion(base, {
    question,
    ...(refusal && { expects_refusal: true as const }),
    ...(quote !== undefined && { quote }),
    ...(document !== undefined && { document }),
    ...(answer !== undefined && { answer }),
  });
  tell(context, added, json);
}

async function importFile(
  context: QuestionContext,
  base: string,
  file: string | undefined,
  { json }: QuestionFlags,
): Promise<void> {
  if (!file) throw new Invalid(`which file? puna kb questions ${base} import FILE`);
  let content: string;
  try {
    content = await readFile(file, "utf8");
  } catch (cause) {
    throw new Invalid(`cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
  tell(context, await context.client.knowledge.importQuestions(base, content), json);
}

async function make({ client, terminal }: QuestionContext, base: string, { count, model, json }: QuestionFlags): Promise<void> {
  const wanted = { ...(count !== undefined && { count: countOf(count) }), ...(model !== undefined && { model }) };
  const progress = new Progress(terminal);
  let last: MakingReply | undefined;
  try {
    await interruptible(async (signal) => {
      for await (const line of client.knowledge.makeQuestions(base, wanted, { signal })) {
        last = line;
        if (line.completed !== undefined) progress.spin("making", `${line.status} ${line.completed}/${line.total}`);
      }
    });
  } finally {
    progress.clear();
  }
  const { added = [], known = 0, dropped = [] } = last ?? {};
  if (json) return terminal.out(`${JSON.stringify({ added, known, dropped })}\n`);
  tell({ terminal }, { added, known, failed: [] });
  if (dropped.length > 0)
    terminal.err(`${dropped.length} did not pass the check, such as: ${visible(dropped[0]?.reason ?? "")}\n`);
}

/** To a file, or to standard output. */
async function exportFile({ client, terminal }: QuestionContext, base: string, file: string | undefined, flags: QuestionFlags) {
  const format = flags.format ?? (file?.toLowerCase().endsWith(".csv") ? "csv" : "jsonl");
  if (format !== "jsonl" && format !== "csv")
    throw new Invalid(`unknown format ${JSON.stringify(format)} (must be jsonl or csv)`);
  const content = await client.knowledge.exportQuestions(base, format);
  if (file === undefined) return terminal.out(content);
  await writeFile(file, content);
  terminal.err(`wrote ${file}\n`);
}

async function remove({ client, terminal }: QuestionContext, base: string, words: readonly string[], { origin }: QuestionFlags) {
  const from = originOf(origin);
  if (words.length === 0 && from === undefined)
    throw new Invalid(`which questions? puna kb questions ${base} rm ID..., or --origin ${ORIGINS.join("|")}`);
  if (from !== undefined) {
    const { removed } = await client.knowledge.removeQuestions(base, from);
    return terminal.out(`removed ${removed} questions\n`);
  }
  const ids = words.map((word) => {
    if (!/^[1-9]\d{0,14}$/.test(word)) throw new Invalid(`${JSON.stringify(word)} is no number of a question`);
    return Number(word);
  });
  for (const id of ids) {
    await client.knowledge.removeQuestion(base, id);
    terminal.out(`removed question ${id}\n`);
  }
}

function tell({ terminal }: Pick<QuestionContext, "terminal">, { added, known, failed }: AddedReply, json?: boolean): void {
  if (json) {
    terminal.out(`${JSON.stringify({ added, known, failed })}\n`);
    return;
  }
  terminal.out(
    `added ${added.length} ${added.length === 1 ? "question" : "questions"}${known > 0 ? `, ${known} were there` : ""}\n`,
  );
  for (const one of failed) terminal.err(`Note: ${describeFailed(one)}\n`);
}

function describeFailed({ at, question, reason }: Misplaced): string {
  return visible(`question ${at} was left out: ${reason}${question === "" ? "" : ` (${question.slice(0, 100)})`}`);
}

function originOf(text: string | undefined): Origin | undefined {
  if (text === undefined) return undefined;
  if (!ORIGINS.includes(text)) throw new Invalid(`unknown origin ${JSON.stringify(text)} (must be ${ORIGINS.join(", ")})`);
  return text as Origin;
}

function countOf(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new Invalid(`invalid value for --count: ${JSON.stringify(text)} (must be a whole number)`);
  return Number(text);
}
