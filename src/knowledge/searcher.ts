/** Everything that reads much: in a thread of its own, so that a search does not hold up the server, nor a long write the search. */
import type { Database } from "../store/db.ts";
import { passagesToAskAbout, questionsFromSentences } from "./evaluate/from-sentences.ts";
import { type Placed, placeQuestions } from "./evaluate/place.ts";
import type { PlacedQuestion, WantedQuestion } from "./evaluate/types.ts";
import type { Index, PassageVector } from "./index/types.ts";
import { readPassages, type StoredPassage } from "./rows/passages.ts";
import { type FindRequest, find } from "./search/find.ts";
import { type Candidates, candidatesOf, type Probe, type ProbeSignals, probes, signalsOf } from "./search/probe.ts";
import type { Location, SearchResult } from "./search/types.ts";
import { snapshot } from "./transaction.ts";

export class Searcher {
  readonly #database: Database;
  readonly #index: Index;

  constructor(database: Database, index: Index) {
    this.#database = database;
    this.#index = index;
  }

  async find(request: FindRequest): Promise<Omit<SearchResult, "notices">> {
    return await snapshot(this.#database, () => find(this.#database, this.#index, request));
  }

  /** Questions made of the base's own sentences, to measure it by. */
  probes(base: number): Probe[] {
    return probes(this.#database, base);
  }

  /** What one of them finds with its document and without. */
  async signalsOf(base: number, probe: Probe, meaning: FindRequest["meaning"]): Promise<ProbeSignals> {
    return await snapshot(this.#database, () => signalsOf(this.#database, this.#index, { base, probe, meaning }));
  }

  /** The passages that one of them finds, as a reranking model reads them. */
  async candidatesOf(base: number, probe: Probe, limit: number): Promise<Candidates> {
    return await snapshot(this.#database, () => candidatesOf(this.#database, this.#index, { base, probe, limit }));
  }

  async countVectors(space: number): Promise<number> {
    return await this.#index.countVectors(space);
  }

  /** Why the index holds no vectors, as a sentence; `undefined` when it does. */
  async lackOfVectors(): Promise<string | undefined> {
    return await this.#index.lackOfVectors();
  }

  async vectorsOf(space: number, passages: readonly number[]): Promise<PassageVector[]> {
    return await this.#index.vectorsOf(space, passages);
  }

  /** Where the passages are whose vectors are nearest, without a look at their words. */
  async nearest(space: number, vector: Float32Array, limit: number): Promise<Location[]> {
    return await snapshot(this.#database, async () => {
      const found = await this.#index.byVector(space, vector, { limit });
      const passages = readPassages(
        this.#database,
        found.map(({ passage }) => passage),
      );
      return passages.map(({ document, name, start, end, page }) => ({ document: name, documentId: document, start, end, page }));
    });
  }

  /** Where in the base the answers of questions are. */
  async placeQuestions(base: number, wanted: readonly WantedQuestion[]): Promise<Placed> {
    return await snapshot(this.#database, () => placeQuestions(this.#database, this.#index, base, wanted));
  }

  async questionsFromSentences(base: number, count: number): Promise<PlacedQuestion[]> {
    return await snapshot(this.#database, () => questionsFromSentences(this.#database, this.#index, { base, count }));
  }

  /** Passages from all over the base. */
  passagesToAskAbout(base: number, count: number): StoredPassage[] {
    return passagesToAskAbout(this.#database, base, count);
  }
}
