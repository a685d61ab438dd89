/** Questions that a base is measured by: a few words in a row from a sentence of its own. */

import type { Database } from "../../store/db.ts";
import type { Index } from "../index/types.ts";
import { readPassages } from "../rows/passages.ts";
import { queryTermsOf } from "../words/analyse.ts";
import type { FindRequest } from "./find.ts";
import { termsIn, wordSignal } from "./match.ts";
import { weigh } from "./weigh.ts";

export interface Probe {
  text: string;
  passage: number;
  document: number;
}

/** Signals of words and, with a vector, of meaning; `undefined` where there is none. */
export interface ProbeSignals {
  words: Signals;
  meaning: Signals | undefined;
}

interface Signals {
  /** The best of what the question is not from. */
  absent: number | undefined;
  /** The best of all. */
  present: number;
  /** A passage that was picked for another question. */
  chance: number | undefined;
  /** 1 / rank of the passage that the question is from; 0 when it was not found. */
  rank: number;
}

const PROBES = 120;
/** A question has about half the words of the sentence that answers it. */
const SHARE = 0.5;
const LEAST_CHARACTERS = 12;
const MOST_CHARACTERS = 60;
/** Hits whose words are looked at. */
const LOOKED_AT = 5;
/** How far down the list hits of other documents are sought. */
const DEEP = 60;
/** With fewer documents, a question is taken away from its document by leaving out so many passages before and after it. */
const LEAST_DOCUMENTS = 5;
const AROUND = 3;

/** From passages that lie evenly over the base. The same base gives the same ones. */
export function probes(database: Database, base: number): Probe[] {
  const rows = database
    .statement("SELECT p.id FROM kb_passages p JOIN kb_documents d ON d.id = p.document WHERE d.base = ? ORDER BY p.id")
    .all(base);
  const count = Math.min(PROBES, rows.length * 3);
  return Array.from({ length: count }, (_, i) => {
    const [passage] = readPassages(database, [Number(rows[Math.floor((i * rows.length) / count)]?.id)]);
    const text = passage && piece(passage.text, i);
    return passage && text ? [{ text, passage: passage.id, document: passage.document }] : [];
  }).flat();
}

/** The `nth` way to take half a sentence from a text, between words where there are any. */
function piece(text: string, nth: number): string | undefined {
  const sentences = text.split(/(?<=[.!?;。！？；])\s*|\n+/).filter((sentence) => sentence.trim().length >= LEAST_CHARACTERS);
  const sentence = sentences[(nth * 7) % Math.max(sentences.length, 1)]?.trim();
  if (!sentence) return;
  const length = Math.max(LEAST_CHARACTERS, Math.min(MOST_CHARACTERS, Math.round(sentence.length * SHARE)));
  const from = Math.round(((sentence.length - length) * ((nth * 5) % 11)) / 10);
  const cut = sentence.slice(Math.max(from, 0), from + length);
  const whole = /\s/.test(cut) ? cut.replace(/^\S*\s(?=.*\s)/, "").replace(/\s\S*$/, "") : cut;
  return queryTermsOf(whole).length >= 2 ? whole : undefined;
}

export async function signalsOf(
  database: Database,
  index: Index,
  { base, probe, meaning }: { base: number; probe: Probe; meaning: FindRequest["meaning"] },
): Promise<ProbeSignals> {
  const isHome = homeOf(database, base, probe);
  const stranger = strangerTo(database, base, probe);
  const weighed = await weigh(index, base, queryTermsOf(probe.text));
  const wordsIn = (ids: readonly number[]) => readPassages(database, ids).map((passage) => wordSignal(weighed, termsIn(passage)));
  const byWords = readPassages(
    database,
    (await index.byWords(base, weighed.searched, { limit: DEEP })).map(({ passage }) => passage),
  );
  const rankOf = (ids: readonly number[]) => (ids.includes(probe.passage) ? 1 / (ids.indexOf(probe.passage) + 1) : 0);
  const best = (passages: readonly { id: number }[]) => Math.max(0, ...wordsIn(passages.slice(0, LOOKED_AT).map(({ id }) => id)));
  const words: Signals = {
    present: best(byWords),
    absent: best(byWords.filter((passage) => !isHome(passage))),
    chance: stranger === undefined ? undefined : wordsIn([stranger])[0],
    rank: rankOf(byWords.map(({ id }) => id)),
  };
  if (!meaning) return { words, meaning: undefined };
  const byMeaning = await index.byVector(meaning.space, meaning.vector, { limit: DEEP });
  const others = byMeaning.filter(({ passage }) => readPassages(database, [passage]).some((one) => !isHome(one)));
  const cosines = await index.cosines(meaning.space, meaning.vector, stranger === undefined ? [] : [stranger]);
  return {
    words,
    meaning: {
      present: byMeaning[0]?.score ?? 0,
      absent: others[0]?.score,
      chance: stranger === undefined ? undefined : cosines.get(stranger),
      rank: rankOf(byMeaning.map(({ passage }) => passage)),
    },
  };
}

/** Whether a passage is from where the question is: its document or, in a base of few, the passages around. */
function homeOf(database: Database, base: number, probe: Probe): (passage: { id: number; document: number }) => boolean {
  const { n } = database.statement("SELECT count(*) AS n FROM kb_documents WHERE base = ?").get(base) ?? {};
  return Number(n) >= LEAST_DOCUMENTS
    ? ({ document }) => document === probe.document
    : ({ id, document }) => document === probe.document && Math.abs(id - probe.passage) <= AROUND;
}

/** A passage that has nothing to do with the question but by chance. */
function strangerTo(database: Database, base: number, { passage }: Probe): number | undefined {
  const rows = database
    .statement(
      "SELECT min(p.id) AS first, max(p.id) AS last FROM kb_passages p JOIN kb_documents d ON d.id = p.document WHERE d.base = ?",
    )
    .get(base);
  const [first, last] = [Number(rows?.first), Number(rows?.last)];
  const half = first + ((passage - first + Math.floor((last - first + 1) / 2)) % (last - first + 1));
  const found = database
    .statement(
      "SELECT p.id FROM kb_passages p JOIN kb_documents d ON d.id = p.document WHERE d.base = ? AND p.id >= ? ORDER BY p.id LIMIT 1",
    )
    .get(base, half);
  return found && Number(found.id);
}
