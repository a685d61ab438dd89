/** Questions that a base is measured by: a few words in a row from a sentence of its own. */

import type { Database } from "../../store/db.ts";
import type { Found, Index } from "../index/types.ts";
import { readPassages } from "../rows/passages.ts";
import { queryTermsOf } from "../words/analyse.ts";
import { embeddedText } from "../words/fields.ts";
import type { FindRequest } from "./find.ts";
import { weigh } from "./weigh.ts";

export interface Probe {
  text: string;
  passage: number;
  document: number;
}

/** What one of them finds. */
export interface ProbeSignals {
  /** 1 / rank, by words, of the passage that the question is from; 0 when it was not found. */
  wordRank: number;
  meaning: CosineSignals | undefined;
}

interface CosineSignals {
  /** The best of what the question is not from. */
  absent: number | undefined;
  /** The best of all. */
  present: number;
  /** A passage that was picked for another question. */
  chance: number | undefined;
  rank: number;
}

const PROBES = 120;
/** A question has about half the words of the sentence that answers it. */
const SHARE = 0.5;
const LEAST_CHARACTERS = 12;
const MOST_CHARACTERS = 60;
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
  const { searched } = await weigh(index, base, queryTermsOf(probe.text));
  const byWords = await index.byWords(base, searched, { limit: DEEP });
  const wordRank = rankIn(byWords, probe);
  if (!meaning) return { wordRank, meaning: undefined };
  const isHome = homeOf(database, base, probe);
  const stranger = strangerTo(database, base, probe);
  const byMeaning = await index.byVector(meaning.space, meaning.vector, { limit: DEEP });
  const other = byMeaning.find(({ passage }) => readPassages(database, [passage]).some((one) => !isHome(one)));
  const cosines = await index.cosines(meaning.space, meaning.vector, stranger === undefined ? [] : [stranger]);
  return {
    wordRank,
    meaning: {
      present: byMeaning[0]?.score ?? 0,
      absent: other?.score,
      chance: stranger === undefined ? undefined : cosines.get(stranger),
      rank: rankIn(byMeaning, probe),
    },
  };
}

function rankIn(found: readonly Found[], { passage }: Probe): number {
  const at = found.findIndex((one) => one.passage === passage);
  return at < 0 ? 0 : 1 / (at + 1);
}

/** The first passages by their words, and one at random, as a reranking model reads them. */
export interface Candidates {
  passages: { text: string; isHome: boolean }[];
  stranger: string | undefined;
}

export async function candidatesOf(
  database: Database,
  index: Index,
  { base, probe, limit }: { base: number; probe: Probe; limit: number },
): Promise<Candidates> {
  const isHome = homeOf(database, base, probe);
  const { searched } = await weigh(index, base, queryTermsOf(probe.text));
  const found = (await index.byWords(base, searched, { limit })).map(({ passage }) => passage);
  const stranger = strangerTo(database, base, probe);
  const [other] = stranger === undefined ? [] : readPassages(database, [stranger]);
  return {
    passages: readPassages(database, found).map((one) => ({ text: embeddedText(one.title, one), isHome: isHome(one) })),
    stranger: other && embeddedText(other.title, other),
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
