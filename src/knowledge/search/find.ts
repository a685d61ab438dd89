/** One search of one base: both legs, their ranks made one, passages that say the same folded, and a score for each. */

import type { Database } from "../../store/db.ts";
import type { Index } from "../index/types.ts";
import { baseById } from "../rows/bases.ts";
import { type DocumentFilter, matchingDocuments } from "../rows/documents.ts";
import { readPassages, type StoredPassage } from "../rows/passages.ts";
import { queryTermsOf } from "../words/analyse.ts";
import { agreementWith } from "./agreement.ts";
import { scaleOf } from "./anchors.ts";
import { fuse } from "./fuse.ts";
import { saySame, type Terms, termsIn } from "./match.ts";
import { DEFAULT_THRESHOLD, scoreOf, WORDS } from "./measure.ts";
import type { Hit, Location, SearchResult } from "./types.ts";
import { weigh } from "./weigh.ts";

/** Passages that each leg gives. */
const EACH_LEG = 60;

export interface FindRequest {
  base: number;
  query: string;
  /** The query's vector, of length 1, and the space it belongs to. */
  meaning?: { space: number; vector: Float32Array } | undefined;
  limit: number;
  filters: DocumentFilter;
}

export async function find(database: Database, index: Index, request: FindRequest): Promise<Omit<SearchResult, "notices">> {
  const started = performance.now();
  const { base, meaning, limit } = request;
  const { settings } = baseById(database, base);
  const documents = matchingDocuments(database, base, request.filters);
  const restriction = { limit: Math.max(EACH_LEG, limit * 2), documents };
  const weighed = await weigh(index, base, queryTermsOf(request.query));
  const byWords = await index.byWords(base, weighed.searched, restriction);
  const byMeaning = meaning ? await index.byVector(meaning.space, meaning.vector, restriction) : [];
  const cosines = new Map(byMeaning.map(({ passage, score }) => [passage, score]));
  const hits: { hit: Hit; terms: Terms }[] = [];
  const scale = scaleOf(database, base, meaning?.space);
  const agreement = agreementWith(weighed);
  const weights = { meaning: meaning ? scale.share : 0, known: weighed.known };
  for (const id of fuse(byWords, byMeaning, weights)) {
    const [passage] = readPassages(database, [id]);
    if (!passage) continue;
    const terms = termsIn(passage);
    const same = hits.find((other) => saySame(other.terms, terms));
    if (same) same.hit.alsoAt.push(locationOf(passage));
    else if (hits.length === limit) break;
    else {
      const cosine = cosines.get(id) ?? (meaning && (await index.cosines(meaning.space, meaning.vector, [id])).get(id));
      const words = agreement.of(terms);
      const ofMeaning = cosine === undefined || !scale.meaning ? 0 : scoreOf(cosine, scale.meaning);
      const score = Math.max(scoreOf(words, WORDS), ofMeaning);
      hits.push({ terms, hit: hitOf(passage, { score: Math.round(score * 10) / 10, words, cosine }) });
    }
  }
  return {
    hits: hits.map(({ hit }) => hit),
    best: Math.max(0, ...hits.map(({ hit }) => hit.score)),
    threshold: settings.threshold ?? DEFAULT_THRESHOLD,
    legs: { words: byWords.length, meaning: byMeaning.length, tookMs: performance.now() - started },
  };
}

function hitOf(passage: StoredPassage, signals: Pick<Hit, "score" | "words" | "cosine">): Hit {
  const { id, title, headings, kind, text, headerRow, symbol } = passage;
  return { ...locationOf(passage), passage: id, title, headings, kind, text, headerRow, symbol, ...signals, alsoAt: [] };
}

function locationOf({ document, name, start, end, page }: StoredPassage): Location {
  return { document: name, documentId: document, start, end, page };
}
