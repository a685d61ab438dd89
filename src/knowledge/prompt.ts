/**
 * The messages of a question about documents. What stays the same from turn to turn stands first, so that the model need not read it
 * again: instructions, whole documents, the conversation; the passages of this question and the question itself come last.
 */
import type { Ability } from "./ability.ts";
import { attribute, defused } from "./prompt/fence.ts";
import { type Phrases, phrasesFor } from "./prompt/phrases.ts";
import type { Source } from "./sources.ts";

export type Mode = "chat" | "query";

export interface Turn {
  role: "system" | "user" | "assistant";
  content: string;
}

export interface PromptRequest {
  mode: Mode;
  style: Ability["style"];
  /** What the client or the model's author wants said first. */
  system: string;
  history: readonly Turn[];
  question: string;
  sources: readonly Source[];
  refusal: string;
}

export function promptFor(request: PromptRequest): Turn[] {
  return request.style === "quotes" ? quotesPrompt(request) : sourcesPrompt(request);
}

/** How a source is written down, for counting. */
export function writtenSource(source: Source, style: Ability["style"]): string {
  if (style === "quotes") return `[${source.number}] ${oneLine(source)}`;
  const { number, document, page, headings, header } = source;
  const attributes = [
    `id="${number}"`,
    `document="${attribute(document)}"`,
    ...(page === undefined ? [] : [`page="${page}"`]),
    ...(headings.length === 0 ? [] : [`section="${attribute(headings.join(" / "))}"`]),
  ];
  return `<source ${attributes.join(" ")}>\n${harmless(source, header === undefined ? "" : `${header}\n`)}\n</source>`;
}

/** models/mini/README.md says why the question stands first, and that nothing else should be there. */
function quotesPrompt({ question, sources, history, system }: PromptRequest): Turn[] {
  if (sources.length === 0) return [...systemTurn(system), ...history, { role: "user", content: question }];
  const passages = sources.map((source) => writtenSource(source, "quotes"));
  const label = phrasesFor(question).question;
  return [{ role: "user", content: `${label}${question.replace(/\s+/g, " ").trim()}\n\n${passages.join("\n")}` }];
}

function sourcesPrompt({ mode, system, history, question, sources, refusal }: PromptRequest): Turn[] {
  if (sources.length === 0) return [...systemTurn(system), ...history, { role: "user", content: question }];
  const phrases = phrasesFor(question);
  // Whole documents are the same for the next question; passages are not.
  const lasting = sources.every(({ whole }) => whole) ? sources : [];
  const passing = lasting.length > 0 ? [] : sources;
  const instructions = mode === "query" ? phrases.fromDocuments(refusal) : phrases.withDocuments;
  const reminder = mode === "query" ? phrases.reminder(refusal) : phrases.reminderFreely;
  return [
    ...systemTurn([system, instructions, written(phrases, lasting)].filter((part) => part !== "").join("\n\n")),
    ...history,
    {
      role: "user",
      content: [written(phrases, passing), `${phrases.question}${question}`, reminder].filter((part) => part !== "").join("\n\n"),
    },
  ];
}

function written({ sources: title }: Phrases, sources: readonly Source[]): string {
  return sources.length === 0 ? "" : [title, ...sources.map((source) => writtenSource(source, "sources"))].join("\n");
}

function systemTurn(content: string): Turn[] {
  return content === "" ? [] : [{ role: "system", content }];
}

/** A passage on a line of its own, behind its number; brackets in it must not look like another's. */
function oneLine(source: Source): string {
  const header = source.header === undefined ? "" : `${source.header} `;
  return harmless(source, header)
    .replace(/\s+/g, " ")
    .replace(/\[(?=\d{1,3}\])/g, "[ ");
}

function harmless({ text, plain }: Source, before: string): string {
  return before === "" && plain !== undefined ? plain : defused(before) + (plain ?? defused(text));
}
