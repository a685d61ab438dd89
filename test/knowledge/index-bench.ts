/** A store with documents whose passages are in an index, and beside it the plain index that has the same. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Index, PassageWords } from "../../src/knowledge/index/types.ts";
import { createBase } from "../../src/knowledge/rows/bases.ts";
import { insertDocument, insertPassages, passagesOf } from "../../src/knowledge/rows/documents.ts";
import { Database } from "../../src/store/db.ts";
import { PlainIndex } from "./plain-index.ts";

/** Opened again for the same home, it is the same index as another connection sees it. */
export type OpenIndex = (database: Database) => Promise<{ index: Index; close(): Promise<void> }>;

export interface View {
  database: Database;
  index: Index;
}

type Words = Pick<PassageWords, "title" | "headings" | "body">;

export class IndexBench implements View {
  readonly home = mkdtempSync(path.join(os.tmpdir(), "puna-index-"));
  readonly #open: OpenIndex;
  readonly #opened: { close(): Promise<void> }[] = [];
  readonly #plain = new Map<number, PlainIndex>();
  #documents = 0;
  database!: Database;
  index!: Index;

  private constructor(open: OpenIndex) {
    this.#open = open;
  }

  static async start(open: OpenIndex): Promise<IndexBench> {
    const bench = new IndexBench(open);
    Object.assign(bench, await bench.view());
    return bench;
  }

  /** The same index on a connection of its own. */
  async view(): Promise<View> {
    const database = new Database(this.home);
    const { index, close } = await this.#open(database);
    this.#opened.push({ close }, { close: async () => database.close() });
    return { database, index };
  }

  async close(): Promise<void> {
    for (const { close } of this.#opened.reverse()) await close();
    rmSync(this.home, { recursive: true, force: true });
  }

  base(): number {
    const { id } = createBase(this.database, { owner: "", name: `base ${this.#plain.size + 1}`, settings: {} });
    this.#plain.set(id, new PlainIndex());
    return id;
  }

  plain(base: number): PlainIndex {
    return this.#plain.get(base) ?? new PlainIndex();
  }

  /** A document with these passages. Their ids. */
  async add(base: number, words: readonly Partial<Words>[]): Promise<{ document: number; passages: number[] }> {
    const { document, passages } = this.rows(base, words.length);
    await this.put(
      base,
      words.map((fields, i) => ({ passage: passages[i] ?? 0, document, title: "", headings: "", body: "", ...fields })),
    );
    return { document, passages };
  }

  /** A document with so many passages that no index knows of. */
  rows(base: number, count: number): { document: number; passages: number[] } {
    const name = `${++this.#documents}.txt`;
    const parsed = { title: name, text: "", blocks: [], notes: [] };
    const sha256 = Buffer.from(name);
    const document = insertDocument(this.database, base, { sha256, bytes: 1, name, modifiedAt: undefined, parsed }, count);
    const empty = { start: 0, end: 0, headings: [], kind: "paragraph" as const, tokens: 0 };
    const passages = insertPassages(
      this.database,
      document,
      "",
      Array.from({ length: count }, () => empty),
    );
    return { document, passages };
  }

  /** Adds or replaces the words of passages. */
  async put(base: number, words: readonly PassageWords[]): Promise<void> {
    await this.index.addWords(base, words);
    for (const one of words) this.plain(base).words.set(one.passage, one);
  }

  async putVectors(base: number, space: number, vectors: ReadonlyMap<number, Float32Array>): Promise<void> {
    await this.index.addVectors(
      space,
      [...vectors].map(([passage, vector]) => ({ passage, vector })),
    );
    for (const [passage, vector] of vectors) this.plain(base).vectors.set(passage, vector);
  }

  /** As the writer does it: out of the index, then out of the store. */
  async removeDocument(base: number, document: number): Promise<void> {
    const passages = passagesOf(this.database, document);
    await this.index.remove(base, passages);
    this.database.statement("DELETE FROM kb_documents WHERE id = ?").run(document);
    for (const passage of passages) {
      this.plain(base).words.delete(passage);
      this.plain(base).vectors.delete(passage);
    }
  }
}
