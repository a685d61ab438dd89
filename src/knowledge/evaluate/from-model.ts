/** Questions that a model makes of passages. Each is checked: one whose answer is not in its passage, word for word, is dropped. */

import { scriptLanguage } from "../parse/script.ts";
import type { StoredPassage } from "../rows/passages.ts";
import { around, Quotable, STRICTNESSES } from "./find-quote.ts";
import type { PlacedQuestion } from "./types.ts";

/** What the model must answer with. */
export const QUESTION_SCHEMA = {
  type: "object",
  properties: { question: { type: "string" }, quote: { type: "string" } },
  required: ["question", "quote"],
};

const MOST_QUESTION = 300;
/** Questions that only who sees the passage understands. */
const POINTING =
  /\b(?:this|the|that|above|given) (?:passage|text|document|excerpt|section|paragraph|article)\b|(?:本文|上文|这段|该段|文中|文本中|上述)/i;
const ENGLISH = `Write one question that a reader could ask and that the passage below answers, without pointing at the passage itself. Use words of your own where you can. Then copy the few words of the passage that are the answer, letter by letter. Reply in JSON: {"question": "…", "quote": "…"}`;
const CHINESE = `根据下面的段落写一个读者可能会问、段落能够回答的问题，不要提到“本文”或“这段话”，尽量用自己的话。再从段落里一字不差地抄下作为答案的几个词。用 JSON 回复：{"question": "…", "quote": "…"}`;

export function questionPrompt({ title, headings, text }: Pick<StoredPassage, "title" | "headings" | "text">): string {
  const instructions = scriptLanguage(text) === "zh" ? CHINESE : ENGLISH;
  return `${instructions}\n\n${[title, ...headings].filter(Boolean).join(" > ")}\n\n${text}`;
}

/** The question, or why what the model said is none. */
export function checkedQuestion(reply: string, passage: StoredPassage): PlacedQuestion | { reason: string } {
  const said = parsed(reply);
  if (!said) return { reason: "the model did not reply with a question and a quote in JSON" };
  const question = said.question.trim();
  const quote = said.quote.trim();
  if (question === "" || quote === "") return { reason: "the model left the question or the quote empty" };
  if (question.length > MOST_QUESTION) return { reason: "the model's question is too long" };
  if (POINTING.test(question)) return { reason: "the model's question points at the passage" };
  if (question.toLowerCase().includes(quote.toLowerCase())) return { reason: "the model's question holds its answer" };
  const quotable = new Quotable(passage.text);
  const found = STRICTNESSES.map((strictness) => quotable.find({ quote }, strictness)[0]).find(Boolean);
  if (!found) return { reason: "what the model quoted is not in the passage" };
  const { document: documentId, name: document, page } = passage;
  const start = passage.start + found.start;
  const end = passage.start + found.end;
  const text = passage.text.slice(found.start, found.end);
  return {
    question,
    place: {
      ...{ document, documentId, page, start, end, quote: text },
      ...around(passage.text, found),
    },
    answer: text,
  };
}

function parsed(reply: string): { question: string; quote: string } | undefined {
  try {
    const { question, quote } = JSON.parse(reply.slice(reply.indexOf("{"), reply.lastIndexOf("}") + 1));
    return typeof question === "string" && typeof quote === "string" ? { question, quote } : undefined;
  } catch {
    return undefined;
  }
}
