/**
 * Questions made of a base's own sentences, without a model: some words of a sentence. The most telling one is the answer, and others
 * that would give the sentence away are left out. They are easier than people's questions, which use other words; they show when
 * something got worse, not how good it is.
 */

import type { Database } from "../../store/db.ts";
import { unitsOf } from "../cite/units.ts";
import type { Index } from "../index/types.ts";
import { readPassages, type StoredPassage } from "../rows/passages.ts";
import { queryTermsOf } from "../words/analyse.ts";
import { stopWords } from "../words/stop-words.ts";
import type { PlacedQuestion } from "./types.ts";

/** Characters of a sentence that can be asked about; one that is written without spaces needs fewer. */
const LENGTHS = { spaced: [40, 300], unspaced: [14, 150] } as const;
const UNSPACED = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}/u;
/** Words of a question. */
const FEWEST_WORDS = 3;
const MOST_WORDS = 3;
/** The share of the other words, the most telling first, that is left out as long as enough are left. */
const LEFT_OUT = 0.6;
/** Passages tried for each question that is wanted. */
const TRIES = 3;

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

/** From passages that lie evenly over the base. The same base gives the same ones. May be fewer than wanted. */
export async function questionsFromSentences(
  database: Database,
  index: Index,
  { base, count }: { base: number; count: number },
): Promise<PlacedQuestion[]> {
  const made = new Map<string, PlacedQuestion>();
  const used = new Set<string>();
  const ids = spread(passageIds(database, base), count * TRIES);
  for (const [i, id] of ids.entries()) {
    if (made.size === count) break;
    const [passage] = readPassages(database, [id]);
    const one = passage && passage.kind !== "code" ? await questionFrom(index, base, { passage, nth: i, used }) : undefined;
    if (one) made.set(one.question, one);
  }
  return [...made.values()];
}

/** Passages that lie evenly over a base, for a model to ask about. */
export function passagesToAskAbout(database: Database, base: number, count: number): StoredPassage[] {
  const ids = [...new Set(spread(passageIds(database, base), count))];
  const askable = readPassages(database, ids).filter(({ kind, text }) => kind !== "code" && text.length >= lengthsOf(text)[0]);
  return askable.slice(0, count);
}

function passageIds(database: Database, base: number): number[] {
  const rows = database
    .statement("SELECT p.id FROM kb_passages p JOIN kb_documents d ON d.id = p.document WHERE d.base = ? ORDER BY p.id")
    .all(base);
  return rows.map(({ id }) => Number(id));
}

/** At most so many, first from all over, then from between. Small bases give each of their passages several times. */
function spread(ids: readonly number[], count: number): number[] {
  const third = Math.ceil(count / TRIES);
  const rounds = Array.from({ length: TRIES }, (_, round) =>
    Array.from({ length: third }, (_, i) => Math.floor(((i + round / TRIES) * ids.length) / third)),
  );
  return rounds.flat().flatMap((at) => ids[at] ?? []);
}

async function questionFrom(
  index: Index,
  base: number,
  { passage, nth, used }: { passage: StoredPassage; nth: number; used: Set<string> },
): Promise<PlacedQuestion | undefined> {
  const sentences = unitsOf(passage.text).filter(({ start, end }) => isAskable(passage.text.slice(start, end)));
  // Which one differs from passage to passage, since the first of each may be its heading.
  const sentence = sentences[(nth * 7) % Math.max(sentences.length, 1)];
  if (!sentence) return;
  const quote = passage.text.slice(sentence.start, sentence.end);
  if (used.has(quote)) return;
  used.add(quote);
  const [answer, ...others] = await telling(index, base, quote);
  const first = Math.min(Math.floor(others.length * LEFT_OUT), others.length - FEWEST_WORDS);
  if (answer === undefined || first < 0) return;
  const asked = others.slice(first, first + MOST_WORDS);
  const start = passage.start + sentence.start;
  const question = asked.sort((a, b) => a.at - b.at).map(({ word }) => word);
  return {
    question: question.join(" "),
    place: {
      ...{ document: passage.name, documentId: passage.document, page: passage.page },
      ...{ start, end: start + quote.length, quote, before: "", after: "" },
    },
    answer: answer.word,
  };
}

function isAskable(sentence: string): boolean {
  const [least, most] = lengthsOf(sentence);
  return sentence.length >= least && sentence.length <= most;
}

function lengthsOf(text: string): readonly [least: number, most: number] {
  return UNSPACED.test(text) ? LENGTHS.unspaced : LENGTHS.spaced;
}

/** The words of a sentence, the most telling first: a number, or else the one that the fewest passages have. */
async function telling(index: Index, base: number, sentence: string): Promise<{ word: string; at: number }[]> {
  const words = new Map<string, { word: string; at: number }>();
  for (const { segment, index: at, isWordLike } of segmenter.segment(sentence)) {
    const least = UNSPACED.test(segment) ? 2 : 3;
    const folded = segment.toLowerCase();
    if (!isWordLike || (segment.length < least && !/\d/.test(segment)) || stopWords.has(folded) || words.has(folded)) continue;
    words.set(folded, { word: segment, at });
  }
  const ranked = await Promise.all(
    [...words.values()].map(async (one) => {
      const { terms } = await index.countTerms(base, queryTermsOf(one.word));
      const passages = Math.max(0, ...terms.map((term) => term.passages));
      return { ...one, passages, isNumber: /\d/.test(one.word) };
    }),
  );
  ranked.sort((a, b) => Number(b.isNumber) - Number(a.isNumber) || a.passages - b.passages || a.at - b.at);
  return ranked.map(({ word, at }) => ({ word, at }));
}
