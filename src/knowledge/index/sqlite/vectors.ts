/** Vectors as blobs, and those of the spaces that are searched also in memory, brought up to date before each search. */
import type { Database } from "../../../store/db.ts";
import type { Found, PassageVector, Restriction } from "../types.ts";
import { VectorScan } from "./scan.ts";

/** How many vectors tell where the middle lies. */
const SAMPLE = 2000;
/** What was not searched for so long is forgotten; the next search reads it again. */
const IDLE_MS = 10 * 60_000;
/** What is in memory besides the space that is being searched: the rest is forgotten, the longest unused first. */
const MOST_BYTES = 256 << 20;
/** A space that has grown so many times over has another middle. */
const OUTGROWN = 4;
/** Numbers of passages that are compared at once when some went. */
const RANGE = 1024;
/** So many more than are wanted are compared exactly: the scan's numbers are rounded. */
const CLOSE_CALLS = 32;

interface Held {
  scan: VectorScan;
  sampled: number;
  /** The newest row that was read. */
  seq: number;
  version: string;
  usedAt: number;
}

export class SqliteVectors {
  readonly #database: Database;
  readonly #held = new Map<number, Held>();

  constructor(database: Database) {
    this.#database = database;
  }

  add(space: number, vectors: readonly PassageVector[]): void {
    const remove = this.#database.statement("DELETE FROM kb_vectors WHERE passage = ? AND space = ?");
    const insert = this.#database.statement("INSERT INTO kb_vectors (space, passage, vector) VALUES (?, ?, ?)");
    for (const { passage, vector } of vectors) {
      remove.run(passage, space);
      insert.run(space, passage, blobOf(vector));
    }
  }

  remove(passages: readonly number[]): void {
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
    const rough = scan.nearest(vector, limit + CLOSE_CALLS, documents && new Set(documents));
    const exact = this.cosines(
      space,
      vector,
      rough.map(({ passage }) => passage),
    );
    return rough
      .map(({ passage, score }) => ({ passage, score: exact.get(passage) ?? score }))
      .sort((a, b) => b.score - a.score || a.passage - b.passage)
      .slice(0, limit);
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

  read(space: number, passages: readonly number[]): PassageVector[] {
    const select = this.#database.statement("SELECT vector FROM kb_vectors WHERE passage = ? AND space = ?");
    return passages.flatMap((passage) => {
      const row = select.get(passage, space);
      return row ? [{ passage, vector: vectorOf(row.vector) }] : [];
    });
  }

  #current(space: number): VectorScan | undefined {
    const now = Date.now();
    this.#forget(space, now);
    let held = this.#held.get(space) ?? this.#hold(space);
    if (!held) return;
    // Says whether anyone has written since: most searches need not look further.
    const version = this.#version();
    if (held.version !== version) this.#update(space, held);
    if (held.sampled < SAMPLE && held.scan.size > held.sampled * OUTGROWN) {
      held = this.#hold(space) ?? held;
      this.#update(space, held);
    }
    held.version = version;
    held.usedAt = now;
    return held.scan;
  }

  #forget(searched: number, now: number): void {
    const others = [...this.#held].filter(([space]) => space !== searched).sort(([, a], [, b]) => b.usedAt - a.usedAt);
    let bytes = 0;
    for (const [space, { scan, usedAt }] of others) {
      bytes += scan.bytesHeld;
      if (now - usedAt > IDLE_MS || bytes > MOST_BYTES) this.#held.delete(space);
    }
  }

  /** Changes with every change of the database, by others or by this connection. */
  #version(): string {
    const others = this.#database.statement("PRAGMA data_version").get()?.data_version;
    return `${others} ${this.#database.statement("SELECT total_changes() AS n").get()?.n}`;
  }

  #hold(space: number): Held | undefined {
    const count = this.count(space);
    const rows = this.#database
      .statement("SELECT vector FROM kb_vectors WHERE space = ? AND passage % ? = 0 LIMIT ?")
      .all(space, Math.max(1, Math.floor(count / SAMPLE)), SAMPLE);
    // Numbers of passages may all be odd.
    const [first] =
      rows.length > 0 ? [] : this.#database.statement("SELECT vector FROM kb_vectors WHERE space = ? LIMIT 1").all(space);
    const sample = [...rows, ...(first ? [first] : [])].map(({ vector }) => vectorOf(vector));
    if (!sample[0]) return;
    const scan = new VectorScan(sample[0].length, sample, count);
    const held = { scan, sampled: sample.length, seq: 0, version: "", usedAt: 0 };
    this.#held.set(space, held);
    return held;
  }

  #update(space: number, held: Held): void {
    // What is new lies at the end of the table; for all that there is, the way leads through the index of the space.
    const where = held.seq === 0 ? "v.space = ? AND v.seq > ?" : "+v.space = ? AND v.seq > ?";
    const rows = this.#database
      .statement(
        `SELECT v.seq, v.passage, p.document, v.vector FROM kb_vectors v JOIN kb_passages p ON p.id = v.passage WHERE ${where}`,
      )
      .iterate(space, held.seq);
    let newest = held.seq;
    for (const { seq, passage, document, vector } of rows) {
      held.scan.put(Number(passage), Number(document), vectorOf(vector));
      newest = Math.max(newest, Number(seq));
    }
    held.seq = newest;
    if (this.count(space) < held.scan.size) this.#removeGone(space, held.scan);
  }

  /** All that is in the table is in the scan by now: where a range has as many, nothing went. */
  #removeGone(space: number, scan: VectorScan): void {
    const range = "FROM kb_vectors WHERE space = ? AND passage >= ? AND passage < ?";
    const count = this.#database.statement(`SELECT count(*) AS n ${range}`);
    const list = this.#database.statement(`SELECT passage ${range}`);
    const changed = new Set<number>();
    const there = new Set<number>();
    for (const [number, held] of scan.countsOf(RANGE)) {
      const bounds = [space, number * RANGE, (number + 1) * RANGE];
      if (Number(count.get(...bounds)?.n) === held) continue;
      changed.add(number);
      for (const { passage } of list.all(...bounds)) there.add(Number(passage));
    }
    scan.removeWhere((passage) => changed.has(Math.floor(passage / RANGE)) && !there.has(passage));
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
