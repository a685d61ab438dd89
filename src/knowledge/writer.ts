/** Every change to knowledge bases, one after another: in a thread of its own, since a long document takes a while to write. */
import { PunaError } from "../errors.ts";
import type { Database } from "../store/db.ts";
import { ArrivalWriter } from "./archive/writer.ts";
import type { Index, PassageVector, PassageWords } from "./index/types.ts";
import { cutPassages } from "./passages/index.ts";
import { type Base, type BaseChange, type BaseSettings, baseById, changeBase, createBase, updateBase } from "./rows/bases.ts";
import {
  documentOf,
  insertDocument,
  insertPassages,
  type NewDocument,
  type Place,
  passagesOf,
  removePlace,
  sameTextAt,
  setPlace,
  textOf,
} from "./rows/documents.ts";
import * as jobs from "./rows/jobs.ts";
import { passagesAfter, readPassages } from "./rows/passages.ts";
import { addFaults, checkSpace, clearFaults, listSpaces, openSpace, type Space, spaceById } from "./rows/spaces.ts";
import { type Kept, keepAnchors } from "./search/anchors.ts";
import { countWith, type TokenRates, USUAL_RATES } from "./token-rates.ts";
import { transaction } from "./transaction.ts";
import type { Passage } from "./types.ts";
import { embeddedText, fieldsOf } from "./words/fields.ts";
import { isGone } from "./worker.ts";

export interface Added {
  document: number;
  /** The same bytes were there already, under this place or another. */
  isNew: boolean;
}

/** Passages that a space lacks, with the text to embed. `next` is where to go on; undefined at the end. */
export interface Lacking {
  passages: { passage: number; text: string }[];
  next: number | undefined;
}

const SCAN = 2000;

export class Writer extends ArrivalWriter {
  readonly #database: Database;
  readonly #index: Index;

  constructor(database: Database, index: Index) {
    super(database, index);
    this.#database = database;
    this.#index = index;
  }

  /** Makes the index what the rows say, should it not be. Every change sees to it as well. */
  async readyIndex(): Promise<void> {
    await this.#index.ready();
  }

  /** Why the index holds no vectors, as a sentence; `undefined` when it does. */
  async lackOfVectors(): Promise<string | undefined> {
    await this.#index.ready();
    return await this.#index.lackOfVectors();
  }

  createBase(wanted: { owner: string; name: string; settings: Partial<BaseSettings> }): Base {
    return createBase(this.#database, wanted);
  }

  updateBase(base: number, change: BaseChange): Base {
    return updateBase(this.#database, base, change);
  }

  async removeBase(base: number): Promise<void> {
    baseById(this.#database, base);
    await this.#transaction(async () => {
      for (const { id } of listSpaces(this.#database, base)) await this.#index.dropSpace(id);
      await this.#index.dropWords(base);
      this.#database.statement("DELETE FROM kb_bases WHERE id = ?").run(base);
    });
  }

  /** What an item of a job gave, in one transaction with the item's own end: a document is there with all its passages, or not at all. */
  async addDocument(
    base: number,
    document: NewDocument,
    { place, item, rates }: { place: Omit<Place, "document">; item?: number; rates: TokenRates },
  ): Promise<Added> {
    const { settings } = baseById(this.#database, base);
    const { parsed } = document;
    const passages = cut(parsed, settings, rates);
    // Before the transaction: others can write meanwhile.
    const words = passages.map((passage) => fieldsOf(parsed.title, textIn(parsed.text, passage)));
    return await this.#transaction(async () => {
      const known = documentOf(this.#database, base, document.sha256) ?? sameTextAt(this.#database, base, place.place, parsed);
      const id = known ?? insertDocument(this.#database, base, document, passages.length);
      if (known === undefined) {
        const ids = insertPassages(this.#database, id, parsed.text, passages);
        await this.#index.addWords(base, wordsOf(ids, id, words));
      }
      await this.#settle(base, { ...place, document: id }, item, known === undefined ? "done" : "unchanged");
      return { document: id, isNew: known === undefined };
    });
  }

  /** When the bytes are known already, they need not be read: only their place is noted. */
  async addPlace(base: number, sha256: Uint8Array, place: Omit<Place, "document">, item?: number): Promise<number | undefined> {
    return await this.#transaction(async () => {
      const document = documentOf(this.#database, base, sha256);
      if (document === undefined) return;
      await this.#settle(base, { ...place, document }, item, "unchanged");
      return document;
    });
  }

  async removeDocument(base: number, document: number): Promise<void> {
    textOf(this.#database, base, document);
    await this.#transaction(() => this.#removeDocument(base, document));
  }

  /** Takes out a place, and its document when it is nowhere else. */
  async removePlace(base: number, place: string): Promise<void> {
    await this.#transaction(async () => {
      const left = removePlace(this.#database, base, place);
      if (left !== undefined) await this.#removeDocument(base, left);
    });
  }

  /** Makes the words of a base anew from its stored texts, cut as its settings now say; `rates` by document. Vectors of passages that changed are made again by the next import or build. */
  async resetIndex(base: number, rates: ReadonlyMap<number, TokenRates>): Promise<void> {
    const { settings } = baseById(this.#database, base);
    await this.#transaction(async () => {
      await this.#index.dropWords(base);
      const rows = this.#database.statement("SELECT id, title FROM kb_documents WHERE base = ? ORDER BY id").all(base);
      for (const { id, title } of rows) {
        const document = { id: Number(id), title: String(title) };
        await this.#cutAgain(base, document, settings, rates.get(document.id) ?? USUAL_RATES);
      }
    });
  }

  openSpace(base: number, embedder: { name: string; digest: string }): Space {
    return this.#database.transaction(() => openSpace(this.#database, base, embedder));
  }

  /** Which vectors are searched from now on, and whose embedder new documents get; those that were before are kept for going back. */
  goLive(base: number, space: number | undefined): Base {
    return this.#database.transaction(() => {
      const { liveSpace } = baseById(this.#database, base);
      const next = space === undefined ? undefined : spaceById(this.#database, space);
      if (next && next.base !== base) throw new PunaError(404, `there is no index ${space} in this knowledge base`);
      if (liveSpace !== space) {
        this.#database
          .statement("UPDATE kb_bases SET live_space = ?, old_space = ? WHERE id = ?")
          .run(space ?? null, liveSpace ?? null, base);
      }
      return changeBase(this.#database, base, { settings: { embedder: next?.embedder } });
    });
  }

  /** Throws PunaError 409 for the one that is searched. */
  async dropSpace(base: number, space: number): Promise<void> {
    const { liveSpace, oldSpace } = baseById(this.#database, base);
    if (liveSpace === space) throw new PunaError(409, "this index is the one that is searched: make another live first");
    await this.#transaction(async () => {
      await this.#index.dropSpace(space);
      if (oldSpace === space) this.#database.statement("UPDATE kb_bases SET old_space = NULL WHERE id = ?").run(base);
      this.#database.statement("DELETE FROM kb_spaces WHERE id = ? AND base = ?").run(space, base);
    });
  }

  /** The next passages that have neither a vector nor a reason for having none. */
  async lacking(space: number, after: number, limit: number): Promise<Lacking> {
    const { base } = spaceById(this.#database, space);
    let next = after;
    for (;;) {
      const scanned = passagesAfter(this.#database, base, next, SCAN);
      if (scanned.length === 0) return { passages: [], next: undefined };
      const isFaulty = this.#database.statement("SELECT 1 FROM kb_faults WHERE space = ? AND passage = ?");
      const without = (await this.#index.withoutVector(space, scanned)).filter((id) => !isFaulty.get(space, id));
      const wanted = without.sort((a, b) => a - b).slice(0, limit);
      next = wanted.at(-1) ?? scanned.at(-1) ?? next;
      if (wanted.length === 0) continue;
      const passages = readPassages(this.#database, wanted);
      return { passages: passages.map((one) => ({ passage: one.id, text: embeddedText(one.title, one) })), next };
    }
  }

  /** What an embedder made of some passages. Throws PunaError 409 when it is not the one of the space. */
  async addVectors(
    space: number,
    digest: string,
    { vectors, faults }: { vectors: readonly PassageVector[]; faults: readonly { passage: number; reason: string }[] },
  ): Promise<void> {
    await this.#transaction(async () => {
      const isThere = this.#database.statement("SELECT 1 FROM kb_passages WHERE id = ?");
      // A document may have been taken out while its passages were embedded.
      const wanted = vectors.filter(({ passage }) => isThere.get(passage));
      for (const { vector } of wanted) checkSpace(this.#database, spaceById(this.#database, space), digest, vector.length);
      await this.#index.addVectors(space, wanted);
      addFaults(
        this.#database,
        space,
        faults.filter(({ passage }) => isThere.get(passage)),
      );
    });
  }

  /** Passages that could not be embedded are tried again by the next import or build. */
  clearFaults(space: number): void {
    clearFaults(this.#database, space);
  }

  keepAnchors(of: { base: number } | { space: number }, measured: Kept): void {
    keepAnchors(this.#database, of, measured);
  }

  createJob(base: number, items: readonly jobs.NewItem[]): jobs.Job {
    baseById(this.#database, base);
    return jobs.createJob(this.#database, base, items);
  }

  claimJob(worker: string): jobs.Job | undefined {
    return jobs.claimJob(this.#database, worker);
  }

  /** Jobs of processes of this host that are not there any more wait again. */
  releaseGone(worker: string): void {
    jobs.releaseJobs(this.#database, (other) => isGone(other, worker));
  }

  keepJob(job: number, worker: string): boolean {
    return jobs.keepJob(this.#database, job, worker);
  }

  finishJob(job: number, worker: string, end: { state: jobs.JobState; reason?: string | undefined }): void {
    jobs.finishJob(this.#database, job, worker, end);
  }

  endItem(item: number): void {
    jobs.finishItem(this.#database, item, { state: "done" });
  }

  failItem(item: number, failure: { reason: string; code: string | undefined }): void {
    jobs.finishItem(this.#database, item, { state: "failed", ...failure });
  }

  cancelJob(job: number): jobs.Job {
    return jobs.cancelJob(this.#database, job);
  }

  retryJob(job: number): jobs.Job {
    return jobs.retryJob(this.#database, job);
  }

  async #transaction<T>(change: () => Promise<T>): Promise<T> {
    return await transaction(this.#database, change, this.#index);
  }

  async #settle(base: number, place: Place, item: number | undefined, state: jobs.ItemState): Promise<void> {
    const left = setPlace(this.#database, base, place);
    if (left !== undefined) await this.#removeDocument(base, left);
    if (item !== undefined) jobs.finishItem(this.#database, item, { state, document: place.document });
  }

  async #removeDocument(base: number, document: number): Promise<void> {
    await this.#index.remove(base, passagesOf(this.#database, document));
    this.#database.statement("DELETE FROM kb_documents WHERE id = ? AND base = ?").run(document, base);
  }

  /** Passages that come out as they were keep their id, and with it their vectors. */
  async #cutAgain(
    base: number,
    { id, title }: { id: number; title: string },
    settings: BaseSettings,
    rates: TokenRates,
  ): Promise<void> {
    const stored = textOf(this.#database, base, id);
    const passages = cut(stored, settings, rates);
    const before = readPassages(this.#database, passagesOf(this.#database, id));
    let ids = before.map((passage) => passage.id);
    const isSame =
      passages.length === before.length &&
      passages.every((one, i) => one.start === before[i]?.start && one.end === before[i]?.end);
    if (!isSame) {
      await this.#index.remove(base, ids);
      this.#database.statement("DELETE FROM kb_passages WHERE document = ?").run(id);
      ids = insertPassages(this.#database, id, stored.text, passages);
      this.#database.statement("UPDATE kb_documents SET passages = ? WHERE id = ?").run(passages.length, id);
    }
    const words = passages.map((passage) => fieldsOf(title, textIn(stored.text, passage)));
    await this.#index.addWords(base, wordsOf(ids, id, words));
  }
}

function cut(document: Parameters<typeof cutPassages>[0], settings: BaseSettings, rates: TokenRates): Passage[] {
  const { passageTokens, mostPassageTokens } = settings;
  return cutPassages(document, { countTokens: countWith(rates), target: passageTokens, most: mostPassageTokens });
}

function textIn(text: string, { start, end, headings, headerRow }: Passage) {
  return { text: text.slice(start, end), headings, ...(headerRow !== undefined && { headerRow }) };
}

function wordsOf(
  ids: readonly number[],
  document: number,
  words: readonly Omit<PassageWords, "passage" | "document">[],
): PassageWords[] {
  return words.map((fields, i) => ({ passage: ids[i] ?? 0, document, ...fields }));
}
