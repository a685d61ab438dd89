/** What every index can do. SQLite is the one that is always there; another database may take its place base by base. */

/** The code of errors that say that the index is not to be had at the moment: trying again later may help. */
export const INDEX_UNREACHABLE = "index_unreachable";

type Awaitable<T> = T | Promise<T>;

/** The terms of one passage, of `words/`, each field's in order and parted by spaces. */
export interface PassageWords {
  passage: number;
  document: number;
  title: string;
  headings: string;
  body: string;
}

export interface PassageVector {
  passage: number;
  /** Of length 1. */
  vector: Float32Array;
}

/** A passage that a leg found, the best first. */
export interface Found {
  passage: number;
  /** BM25, or the cosine: more is better, and the two do not compare. */
  score: number;
}

export interface WordsQuery {
  term: string;
  isPrefix: boolean;
}

/** How frequent a term is: in how many passages it stands. */
export interface TermCount extends WordsQuery {
  passages: number;
}

export interface Restriction {
  limit: number;
  /** Passages of these documents alone. */
  documents?: readonly number[] | undefined;
}

/**
 * Passages by their words and by their vectors. Vectors live in spaces: all of one space are of one embedder and have one length,
 * which whoever adds them must see to. Adding a passage or a vector again replaces it.
 */
export interface Index {
  addWords(base: number, passages: readonly PassageWords[]): Awaitable<void>;
  /** Takes passages out of the words of the base and out of every space. */
  remove(base: number, passages: readonly number[]): Awaitable<void>;
  /** Takes out all words of a base. Its vectors stay. */
  dropWords(base: number): Awaitable<void>;
  /** How many passages of the base have each term, and how many there are. */
  countTerms(base: number, terms: readonly WordsQuery[]): Awaitable<{ terms: TermCount[]; passages: number }>;
  /** The best by BM25, of those that have one of the terms. */
  byWords(base: number, terms: readonly WordsQuery[], restriction: Restriction): Awaitable<Found[]>;

  addVectors(space: number, vectors: readonly PassageVector[]): Awaitable<void>;
  dropSpace(space: number): Awaitable<void>;
  /** Which of the passages have no vector in the space. */
  withoutVector(space: number, passages: readonly number[]): Awaitable<number[]>;
  countVectors(space: number): Awaitable<number>;
  /** The best by cosine. */
  byVector(space: number, vector: Float32Array, restriction: Restriction): Awaitable<Found[]>;
  /** The cosines of some passages; one without a vector is not in the answer. */
  cosines(space: number, vector: Float32Array, passages: readonly number[]): Awaitable<Map<number, number>>;
  /** The vectors of some passages; one without a vector is not in the answer. */
  vectorsOf(space: number, passages: readonly number[]): Awaitable<PassageVector[]>;
  /** Why there can be no vectors here, as a sentence for the user. */
  lackOfVectors(): Awaitable<string | undefined>;

  /** Makes the index what the rows of the documents say, when it is not. Before the first transaction. */
  ready(): Awaitable<void>;
  /** Of an index outside of the database of the documents: ends what is written in a transaction, right before the rows are committed. */
  commit?(): Awaitable<void>;
  rollback?(): Awaitable<void>;
  close?(): Awaitable<void>;
}
