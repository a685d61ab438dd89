/** Questions that lean on what was said before: how to tell, how to have one rewritten, and when not to trust what comes back. */
import { type Phrases, phrasesFor } from "./prompt/phrases.ts";
import type { Turn } from "./prompt.ts";
import { queryTermsOf, termsOf } from "./words/analyse.ts";

/** Words that stand for something else, or begin what goes on. */
const LEANING =
  /\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|one|ones|same|former|latter|above|previous|else)\b|^\s*(?:and|but|or|so|also|then|what about|how about|why|how so|since when|more|again|which one|who else)\b/i;
const LEANING_CHINESE =
  /[它他她这那其该此]|上面|前面|上述|刚才|之前|同样|还有|另外|别的|^\s*(?:那么?|然后|所以|为什么|为何|怎么会|还|再|又|和|与)|呢\s*[？?]?\s*$/;
/** A question of fewer telling words rarely stands alone. */
const FEWEST_TERMS = 2;
/** Turns that a rewriter is shown, and characters of each. */
const SHOWN_TURNS = 4;
const SHOWN_CHARACTERS = 600;
const LONGEST = 300;
/** Which share of the rewritten question's words must have been said before. */
const LEAST_KNOWN = 0.8;
/** And which share of the question's own must be left. */
const LEAST_KEPT = 0.5;

export function leansOnHistory(question: string, history: readonly Turn[]): boolean {
  if (!history.some(({ role }) => role === "user")) return false;
  return LEANING.test(question) || LEANING_CHINESE.test(question) || queryTermsOf(question).length < FEWEST_TERMS;
}

/** The question with the one before it: what can be searched without asking a model. */
export function joinedWithLast(question: string, history: readonly Turn[]): string {
  const last = history.findLast(({ role }) => role === "user");
  return last ? `${last.content.slice(0, SHOWN_CHARACTERS)}\n${question}` : question;
}

/** What a model is asked, to rewrite a question. */
export function rewritePrompt(question: string, history: readonly Turn[]): Turn[] {
  const phrases = phrasesFor(question);
  const lines = history
    .filter(({ role }) => role !== "system")
    .slice(-SHOWN_TURNS)
    .concat({ role: "user", content: question })
    .map((turn) => `${nameOf(turn, phrases)}: ${turn.content.replace(/\s+/g, " ").slice(0, SHOWN_CHARACTERS)}`);
  return [
    { role: "system", content: phrases.rewrite },
    { role: "user", content: lines.join("\n") },
  ];
}

export type Rewriting = { rewritten: string } | { rejected: string };

/** What came back, when it is a question made of the conversation's own words; else why it is not used. */
export function checkedRewriting(answer: string, question: string, history: readonly Turn[]): Rewriting {
  const text = bare(answer);
  if (text === "") return { rejected: "nothing came back" };
  if (text.length > LONGEST) return { rejected: "it is too long" };
  if (/\n/.test(text) || /[.。!！?？]\s*\S.*[.。!！?？]\s*$/.test(text)) return { rejected: "it is more than one sentence" };
  if (text === question.trim()) return { rejected: "it is the question as it was" };
  const known = new Set(termsOf([question, ...history.map(({ content }) => content)].join("\n")));
  const terms = queryTermsOf(text).map(({ term }) => term);
  if (share(terms, known) < LEAST_KNOWN) return { rejected: "it brings words that nobody said" };
  const own = queryTermsOf(question)
    .map(({ term }) => term)
    .filter((term) => !leansAlone(term));
  if (share(own, new Set(termsOf(text))) < LEAST_KEPT) return { rejected: "it asks something else" };
  return { rewritten: text };
}

function bare(answer: string): string {
  return answer
    .trim()
    .replace(/^(?:(?:rewritten |standalone )?question|改写后的问题|改写|问题)\s*[:：]\s*/i, "")
    .replace(/^["'“「『](.*)["'”」』]$/s, "$1")
    .trim();
}

function share(terms: readonly string[], among: ReadonlySet<string>): number {
  return terms.length === 0 ? 1 : terms.filter((term) => among.has(term)).length / terms.length;
}

/** Such a word is what a rewriting replaces. */
function leansAlone(term: string): boolean {
  return LEANING.test(term) || LEANING_CHINESE.test(term);
}

function nameOf({ role }: Turn, { user, assistant }: Phrases): string {
  return role === "user" ? user : assistant;
}
