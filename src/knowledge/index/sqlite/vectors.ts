/** Vectors as blobs, and those of the spaces that are searched also in memory, brought up to date before each search. */
import type { Database } from "../../../store/db.ts";
import type { Found, PassageVector, Restriction } from "../types.ts";
import { VectorScan } from "./scan.ts";

/** How many vectors tell where the middle lies. */
const SAMPLE = 2000;
/** What was not searched for so long is forgotten; the next search reads it again. */
const IDLE_MS = 10 * 60_000;

interface Held {
  scan: VectorScan;
  /** The newest row that was read. */
  seq: number;
  version: string;
  usedAt: number;
}

export class SqliteVectors {
  readonly #database: Database;
  readonly #held = new Map<number, Held>();
  /** Of this connection, which SQLite's own counter leaves out. */
  #writes = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  add(space: number, vectors: readonly PassageVector[]): void {
    this.#writes++;
    const remove = this.#database.statement("DELETE FROM kb_vectors WHERE passage = ? AND space = ?");
    const insert = this.#database.statement("INSERT INTO kb_vectors (space, passage, vector) VALUES (?, ?, ?)");
    for (const { passage, vector } of vectors) {
      remove.run(passage, space);
      insert.run(space, passage, blobOf(vector));
    }
  }

  remove(passages: readonly number[]): void {
    this.#writes++;
    const remove = this.#database.statement("DELETE FROM kb_vectors WHERE passage = ?");
    for (const passage of passages) remove.run(passage);
  }

  dropSpace(space: number): void {
    this.#database.statement("DELETE FROM kb_vectors WHERE space = ?").run(space);
    this.#held.delete(space);
  }

  without(space: number, passages: readonly number[]): number[] {
    const rows = this.#database
      .statement(
        `SELECT value AS passage FROM json_each(?) AS wanted
         WHERE NOT EXISTS (SELECT 1 FROM kb_vectors v WHERE v.passage = wanted.value AND v.space = ?)`,
      )
      .all(JSON.stringify(passages), space);
    return rows.map(({ passage }) => Number(passage));
  }

  count(space: number): number {
    return Number(this.#database.statement("SELECT count(*) AS n FROM kb_vectors WHERE space = ?").get(space)?.n);
  }

  find(space: number, vector: Float32Array, { limit, documents }: Restriction): Found[] {
    const scan = this.#current(space);
    if (!scan || scan.dimensions !== vector.length) return [];
    const rough = scan.nearest(vector, limit, documents && new Set(documents));
    const exact = this.cosines(
      space,
      vector,
      rough.map(({ passage }) => passage),
    );
    return rough
      .map(({ passage, score }) => ({ passage, score: exact.get(passage) ?? score }))
      .sort((a, b) => b.score - a.score || a.passage - b.passage);
  }

  cosines(space: number, vector: Float32Array, passages: readonly number[]): Map<number, number> {
    const select = this.#database.statement("SELECT vector FROM kb_vectors WHERE passage = ? AND space = ?");
    const cosines = new Map<number, number>();
    for (const passage of passages) {
      const row = select.get(passage, space);
      if (row) cosines.set(passage, dot(vector, vectorOf(row.vector)));
    }
    return cosines;
  }

  #current(space: number): VectorScan | undefined {
    const now = Date.now();
    for (const [other, { usedAt }] of this.#held) if (now - usedAt > IDLE_MS) this.#held.delete(other);
    const held = this.#held.get(space) ?? this.#hold(space);
    if (!held) return;
    held.usedAt = now;
    // Says whether anyone has written since: most searches need not look further.
    const version = `${this.#database.statement("PRAGMA data_version").get()?.data_version} ${this.#writes}`;
    if (held.version !== version) this.#update(space, held);
    held.version = version;
    return held.scan;
  }

  #hold(space: number): Held | undefined {
    const rows = this.#database.statement("SELECT vector FROM kb_vectors WHERE space = ? LIMIT ?").all(space, SAMPLE);
    const sample = rows.map(({ vector }) => vectorOf(vector));
    if (!sample[0]) return;
    const held = { scan: new VectorScan(sample[0].length, sample), seq: 0, version: "", usedAt: 0 };
    this.#held.set(space, held);
    return held;
  }

  #update(space: number, held: Held): void {
    const rows = this.#database
      .statement(
        `SELECT v.seq, v.passage, p.document, v.vector FROM kb_vectors v JOIN kb_passages p ON p.id = v.passage
         WHERE v.space = ? AND v.seq > ? ORDER BY v.seq`,
      )
      .iterate(space, held.seq);
    for (const { seq, passage, document, vector } of rows) {
      held.scan.put(Number(passage), Number(document), vectorOf(vector));
      held.seq = Number(seq);
    }
    if (this.count(space) === held.scan.size) return;
    const there = this.#database.statement("SELECT passage FROM kb_vectors WHERE space = ?").all(space);
    held.scan.keepOnly(new Set(there.map(({ passage }) => Number(passage))));
  }
}

function blobOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

function vectorOf(blob: unknown): Float32Array {
  const bytes = blob as Uint8Array;
  return bytes.byteOffset % 4 === 0
    ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    : new Float32Array(bytes.slice().buffer);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
