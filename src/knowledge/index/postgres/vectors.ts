/**
 * Vectors in pgvector's type, searched one and all, or through an HNSW index in the spaces that have one (`hnsw.ts`). Of length 1, so
 * that the inner product is the cosine.
 */
import { PunaError } from "../../../errors.ts";
import type { Database } from "../../../store/db.ts";
import type { Found, PassageVector, Restriction } from "../types.ts";
import type { Connection } from "./connection.ts";

/** Rows a statement: vectors of 1,000 numbers take some 10 kB each as text. */
const ROWS = 200;
/** pgvector's own limit. */
const MOST_EF_SEARCH = 1000;

interface Space {
  dimensions: number;
  /** Of its HNSW index; 0 without one. */
  efSearch: number;
}

export class PostgresVectors {
  readonly #connection: Connection;
  readonly #database: Database;
  #isThere = false;

  /** `database` knows which document a passage is of. */
  constructor(connection: Connection, database: Database) {
    this.#connection = connection;
    this.#database = database;
  }

  /** Throws PunaError 409 for vectors of another length than those that are there, 501 without pgvector. */
  async add(space: number, vectors: readonly PassageVector[]): Promise<void> {
    const dimensions = vectors[0]?.vector.length;
    if (dimensions === undefined) return;
    await this.#require();
    const [row] = await this.#connection.query(
      `INSERT INTO spaces (space, dimensions) VALUES ($1, $2)
       ON CONFLICT (space) DO UPDATE SET space = excluded.space RETURNING dimensions`,
      [space, dimensions],
    );
    const wanted = Number(row?.dimensions);
    const other = vectors.find(({ vector }) => vector.length !== wanted);
    if (other) throw new PunaError(409, `vectors of ${other.vector.length} numbers do not go with those of ${wanted}`);
    const documentOf = this.#database.statement("SELECT document FROM kb_passages WHERE id = ?");
    for (let at = 0; at < vectors.length; at += ROWS) {
      const some = vectors.slice(at, at + ROWS);
      await this.#connection.query(
        `INSERT INTO vectors (space, passage, document, vector)
         SELECT $1, passage, document, vector::vector FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS v (passage, document, vector)
         ON CONFLICT (passage, space) DO UPDATE SET document = excluded.document, vector = excluded.vector`,
        [
          space,
          some.map(({ passage }) => passage),
          some.map(({ passage }) => Number(documentOf.get(passage)?.document ?? 0)),
          some.map(({ vector }) => written(vector)),
        ],
      );
    }
  }

  async remove(passages: readonly number[]): Promise<void> {
    if (await this.isThere()) await this.#connection.query("DELETE FROM vectors WHERE passage = ANY ($1::bigint[])", [passages]);
  }

  async dropSpace(space: number): Promise<void> {
    if (!(await this.isThere())) return;
    await this.#connection.query("DELETE FROM vectors WHERE space = $1", [space]);
    await this.#connection.query("DELETE FROM spaces WHERE space = $1", [space]);
  }

  async without(space: number, passages: readonly number[]): Promise<number[]> {
    if (!(await this.isThere())) return [...passages];
    const rows = await this.#connection.query(
      `SELECT passage FROM unnest($2::bigint[]) AS wanted (passage)
       WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.passage = wanted.passage AND v.space = $1)`,
      [space, passages],
    );
    return rows.map(({ passage }) => Number(passage));
  }

  async count(space: number): Promise<number> {
    if (!(await this.isThere())) return 0;
    const [row] = await this.#connection.query("SELECT count(*) AS n FROM vectors WHERE space = $1", [space]);
    return Number(row?.n);
  }

  async find(space: number, vector: Float32Array, { limit, documents }: Restriction): Promise<Found[]> {
    const known = await this.#space(space);
    if (!known || known.dimensions !== vector.length) return [];
    // An index gives the nearest of all: with a restriction most of them may be others.
    const isIndexed = known.efSearch > 0 && documents === undefined && limit <= MOST_EF_SEARCH;
    if (isIndexed) return await nearestByIndex(this.#connection, { space, vector, limit, ...known });
    const rows = await this.#connection.query(
      `SELECT passage, -(vector <#> $2::vector) AS score FROM vectors
       WHERE space = $1 AND ($3::bigint[] IS NULL OR document = ANY ($3)) ORDER BY vector <#> $2::vector, passage LIMIT $4`,
      [space, written(vector), documents ?? null, limit],
    );
    return rows.map(foundOf);
  }

  async cosines(space: number, vector: Float32Array, passages: readonly number[]): Promise<Map<number, number>> {
    const known = passages.length > 0 ? await this.#space(space) : undefined;
    if (known?.dimensions !== vector.length) return new Map();
    const rows = await this.#connection.query(
      "SELECT passage, -(vector <#> $2::vector) AS score FROM vectors WHERE space = $1 AND passage = ANY ($3::bigint[])",
      [space, written(vector), passages],
    );
    return new Map(rows.map(foundOf).map(({ passage, score }) => [passage, score]));
  }

  async read(space: number, passages: readonly number[]): Promise<PassageVector[]> {
    if (!(await this.isThere())) return [];
    const rows = await this.#connection.query(
      "SELECT passage, vector::text AS vector FROM vectors WHERE space = $1 AND passage = ANY ($2::bigint[])",
      [space, passages],
    );
    return rows.map(({ passage, vector }) => ({
      passage: Number(passage),
      vector: Float32Array.from(JSON.parse(String(vector)) as number[]),
    }));
  }

  /** Whether pgvector is in the database. */
  async isThere(): Promise<boolean> {
    if (this.#isThere) return true;
    const [row] = await this.#connection.query("SELECT to_regclass('vectors') IS NOT NULL AS is_there");
    this.#isThere = row?.is_there === true;
    return this.#isThere;
  }

  async #space(space: number): Promise<Space | undefined> {
    if (!(await this.isThere())) return;
    const [row] = await this.#connection.query("SELECT dimensions, ef_search FROM spaces WHERE space = $1", [space]);
    return row && { dimensions: Number(row.dimensions), efSearch: Number(row.ef_search ?? 0) };
  }

  async #require(): Promise<void> {
    if (!(await this.isThere())) throw new PunaError(501, withoutPgvector(this.#connection.name), { code: "no_pgvector" });
  }
}

/** What a user is told whose PostgreSQL has no pgvector. */
export function withoutPgvector(name: string): string {
  return `PostgreSQL (${name}) has no pgvector, so it is searched by words alone: install the extension there, then run CREATE EXTENSION vector in the database`;
}

/** The nearest as the HNSW index of the space finds them, which may miss some. */
export async function nearestByIndex(
  connection: Connection,
  { space, vector, limit, dimensions, efSearch }: Space & { space: number; vector: Float32Array; limit: number },
): Promise<Found[]> {
  await connection.query(`SET hnsw.ef_search = ${Math.min(MOST_EF_SEARCH, Math.max(efSearch, limit))}`);
  // Written as the index is, or PostgreSQL would not take it.
  const distance = `vector::vector(${dimensions}) <#> $1::vector(${dimensions})`;
  const rows = await connection.query(
    `SELECT passage, -(${distance}) AS score FROM vectors WHERE space = ${space} ORDER BY ${distance} LIMIT $2`,
    [written(vector), limit],
  );
  return rows.map(foundOf).sort((a, b) => b.score - a.score || a.passage - b.passage);
}

/** As pgvector reads it. Each number is the shortest that gives the same 32 bits back. */
function written(vector: Float32Array): string {
  return `[${vector.join(",")}]`;
}

function foundOf({ passage, score }: Record<string, unknown>): Found {
  return { passage: Number(passage), score: Number(score) };
}
