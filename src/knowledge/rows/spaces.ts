/** Spaces in the database: what one embedder made of one base. */
import { NotFound, PunaError } from "../../errors.ts";
import type { Database } from "../../store/db.ts";

export interface Space {
  id: number;
  base: number;
  embedder: string;
  /** Of the embedder; vectors made by another are refused. */
  digest: string;
  /** `undefined` until it has a vector. */
  dimensions: number | undefined;
  createdAt: number;
  /** Passages that could not be embedded. */
  faults: number;
}

const SELECT = "SELECT s.*, (SELECT count(*) FROM kb_faults f WHERE f.space = s.id) AS faults FROM kb_spaces s";

/** The base's space of an embedder, made when it has none yet. */
export function openSpace(database: Database, base: number, embedder: { name: string; digest: string }): Space {
  const found = database.statement("SELECT id FROM kb_spaces WHERE base = ? AND digest = ?").get(base, embedder.digest);
  if (found) return spaceById(database, Number(found.id));
  const { lastInsertRowid } = database
    .statement("INSERT INTO kb_spaces (base, embedder, digest, created_at) VALUES (?, ?, ?, ?)")
    .run(base, embedder.name, embedder.digest, Date.now());
  return spaceById(database, Number(lastInsertRowid));
}

/** Throws NotFound. */
export function spaceById(database: Database, id: number): Space {
  const row = database.statement(`${SELECT} WHERE s.id = ?`).get(id);
  if (!row) throw new NotFound("this index is not there any more");
  return fromRow(row);
}

export function listSpaces(database: Database, base: number): Space[] {
  return database.statement(`${SELECT} WHERE s.base = ? ORDER BY s.id`).all(base).map(fromRow);
}

/** Refuses what another embedder made, whatever length its vectors have. */
export function checkSpace(database: Database, space: Space, digest: string, dimensions: number): void {
  if (space.digest !== digest) {
    throw new PunaError(409, `these vectors are not of ${space.embedder} as it was when the index was made: build a new index`);
  }
  if (space.dimensions === undefined) {
    database.statement("UPDATE kb_spaces SET dimensions = ? WHERE id = ?").run(dimensions, space.id);
  } else if (space.dimensions !== dimensions) {
    throw new PunaError(409, `vectors of ${dimensions} numbers do not go with those of ${space.dimensions}`);
  }
}

export function addFaults(database: Database, space: number, faults: readonly { passage: number; reason: string }[]): void {
  const insert = database.statement("INSERT OR REPLACE INTO kb_faults (space, passage, reason) VALUES (?, ?, ?)");
  for (const { passage, reason } of faults) insert.run(space, passage, reason);
}

export function clearFaults(database: Database, space: number): void {
  database.statement("DELETE FROM kb_faults WHERE space = ?").run(space);
}

/** Passages that could not be embedded, with the reason and their place. */
export function listFaults(
  database: Database,
  space: number,
): { passage: number; document: number; start: number; reason: string }[] {
  const rows = database
    .statement(
      "SELECT f.passage, p.document, p.start, f.reason FROM kb_faults f JOIN kb_passages p ON p.id = f.passage WHERE f.space = ? ORDER BY 1",
    )
    .all(space);
  return rows.map((row) => ({
    passage: Number(row.passage),
    document: Number(row.document),
    start: Number(row.start),
    reason: String(row.reason),
  }));
}

function fromRow(row: Record<string, unknown>): Space {
  return {
    id: Number(row.id),
    base: Number(row.base),
    embedder: String(row.embedder),
    digest: String(row.digest),
    dimensions: row.dimensions === null ? undefined : Number(row.dimensions),
    createdAt: Number(row.created_at),
    faults: Number(row.faults),
  };
}
