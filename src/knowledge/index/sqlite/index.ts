/** The index that needs nothing else: FTS5 for words, an exact scan for vectors, in the database that holds the documents. */
import type { Database } from "../../../store/db.ts";
import type { Found, Index, PassageVector, PassageWords, Restriction, TermCount, WordsQuery } from "../types.ts";
import { comeHome } from "./come-home.ts";
import { SqliteVectors } from "./vectors.ts";
import { SqliteWords } from "./words.ts";

/** Every method is done when it returns, so that it can be a part of a transaction. */
export class SqliteIndex implements Index {
  readonly #words: SqliteWords;
  readonly #vectors: SqliteVectors;
  readonly #database: Database;
  #isHome = false;

  constructor(database: Database) {
    this.#database = database;
    this.#words = new SqliteWords(database);
    this.#vectors = new SqliteVectors(database);
  }

  addWords(base: number, passages: readonly PassageWords[]): void {
    this.#words.add(base, passages);
  }

  remove(base: number, passages: readonly number[]): void {
    this.#words.remove(base, passages);
    this.#vectors.remove(passages);
  }

  dropWords(base: number): void {
    this.#words.drop(base);
  }

  countTerms(base: number, terms: readonly WordsQuery[]): { terms: TermCount[]; passages: number } {
    return this.#words.count(base, terms);
  }

  byWords(base: number, terms: readonly WordsQuery[], restriction: Restriction): Found[] {
    return this.#words.find(base, terms, restriction);
  }

  addVectors(space: number, vectors: readonly PassageVector[]): void {
    this.#vectors.add(space, vectors);
  }

  dropSpace(space: number): void {
    this.#vectors.dropSpace(space);
  }

  withoutVector(space: number, passages: readonly number[]): number[] {
    return this.#vectors.without(space, passages);
  }

  countVectors(space: number): number {
    return this.#vectors.count(space);
  }

  byVector(space: number, vector: Float32Array, restriction: Restriction): Found[] {
    return this.#vectors.find(space, vector, restriction);
  }

  cosines(space: number, vector: Float32Array, passages: readonly number[]): Map<number, number> {
    return this.#vectors.cosines(space, vector, passages);
  }

  vectorsOf(space: number, passages: readonly number[]): PassageVector[] {
    return this.#vectors.read(space, passages);
  }

  lackOfVectors(): undefined {}

  /** It is always what the rows say, being in their transactions, but for the time that it was in another database. */
  ready(): void {
    if (this.#isHome) return;
    comeHome(this.#database, this);
    this.#isHome = true;
  }
}
