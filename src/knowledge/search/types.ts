/** What a search is asked, and what it finds. */
import type { DocumentFilter } from "../rows/documents.ts";
import type { BlockKind } from "../types.ts";

export interface SearchRequest {
  query: string;
  /** How many hits, 8 without it. */
  limit?: number;
  /** False: not even where the base has a model for it. */
  rerank?: boolean;
  filters?: DocumentFilter;
}

export interface Location {
  document: string;
  documentId: number;
  start: number;
  end: number;
  page: number | undefined;
}

export interface Hit extends Location {
  passage: number;
  title: string;
  headings: string[];
  kind: BlockKind;
  /** `documentText.slice(start, end)` */
  text: string;
  /** Of the later rows of a table: the line that names the columns. */
  headerRow: string | undefined;
  symbol: string | undefined;
  /** 0 to 100; below the threshold a question has likely nothing to do with it. The same scale in every base. */
  score: number;
  /** What the score is made of: how far the words in common go beyond what chance gives (1 is chance), and the cosine. */
  words: number;
  cosine: number | undefined;
  /** 0 to 1: what the base's reranking model says of it, where it read it. The score is made of this alone then. */
  relevance?: number;
  /** Passages that say the same, left out of the hits. */
  alsoAt: Location[];
}

export interface SearchResult {
  /** The best first, as the legs agree; not always by falling score. */
  hits: Hit[];
  /** The highest score of all hits, 0 without any. */
  best: number;
  /** What `best` must reach for the documents to be taken for an answer. */
  threshold: number;
  /** Sentences for the user: what kept the search from being complete. */
  notices: string[];
  /** What was looked at, for a trace: how many passages each leg found, and how long it took in milliseconds. */
  legs: { words: number; meaning: number; tookMs: number };
}
