/** HNSW indexes for spaces with many vectors: built beside the work, and used when a check shows that they find what an exact search finds. */
import { messageOf } from "../../../errors.ts";
import { logger } from "../../../log.ts";
import type { Connection } from "./connection.ts";
import { nearestByIndex } from "./vectors.ts";

const log = logger("knowledge");

/** From so many vectors on, an exact search takes too long. */
export const MANY_VECTORS = 20_000;
/** How far the index looks; the first that suffices is taken. */
const EF_SEARCH = [60, 120, 250, 500, 1000];
/** Which share of the nearest ten it must find, over so many vectors of the space. */
const LEAST_RECALL = 0.98;
const CHECKED = 20;
const NEAREST = 10;

interface Candidate {
  space: number;
  dimensions: number;
  count: number;
}

/** Brings the HNSW indexes up to what the spaces are now. Waits for no transaction but holds up none either. */
export async function tendIndexes(connection: Connection, manyVectors = MANY_VECTORS): Promise<void> {
  const [here] = await connection.query(
    `SELECT to_regclass('spaces') IS NOT NULL AS has_vectors,
       pg_try_advisory_lock(hashtextextended(current_schema() || ' hnsw', 0)) AS is_mine`,
  );
  // Without the lock another process is at it.
  if (!here?.has_vectors || !here.is_mine) return;
  await dropLeft(connection);
  const rows = await connection.query(
    `SELECT s.space, s.dimensions, s.checked, count(*) AS n FROM spaces s JOIN vectors v USING (space)
     GROUP BY s.space, s.dimensions, s.checked HAVING count(*) >= $1`,
    [manyVectors],
  );
  for (const row of rows) {
    const candidate = { space: Number(row.space), dimensions: Number(row.dimensions), count: Number(row.n) };
    // Twice as many are another space to search.
    if (candidate.count >= 2 * Number(row.checked)) await index(connection, candidate);
  }
}

async function index(connection: Connection, { space, dimensions, count }: Candidate): Promise<void> {
  let efSearch = 0;
  try {
    await connection.query(
      `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${indexName(space)} ON vectors
       USING hnsw ((vector::vector(${dimensions})) vector_ip_ops) WHERE space = ${space}`,
    );
    efSearch = await sufficient(connection, space, dimensions);
    if (efSearch === 0) log.warn("an HNSW index finds too little; the exact search goes on", { index: space, vectors: count });
  } catch (error) {
    // Such as more than 2,000 dimensions, which HNSW does not take.
    log.warn("no HNSW index can be built; the exact search goes on", { index: space, vectors: count, error: messageOf(error) });
  }
  await connection.query("UPDATE spaces SET ef_search = $2, checked = $3 WHERE space = $1", [space, efSearch, count]);
}

/** The first `ef_search` whose answers are as good as exact ones; 0 when none is. */
async function sufficient(connection: Connection, space: number, dimensions: number): Promise<number> {
  const samples = await connection.query(
    "SELECT vector::text AS vector FROM vectors WHERE space = $1 ORDER BY md5(passage::text) LIMIT $2",
    [space, CHECKED],
  );
  const vectors = samples.map(({ vector }) => Float32Array.from(JSON.parse(String(vector)) as number[]));
  const exact: Set<number>[] = [];
  for (const [i, { vector }] of samples.entries()) {
    const rows = await connection.query(
      "SELECT passage FROM vectors WHERE space = $1 ORDER BY vector <#> $2::vector, passage LIMIT $3",
      [space, vector, NEAREST],
    );
    exact[i] = new Set(rows.map(({ passage }) => Number(passage)));
  }
  for (const efSearch of EF_SEARCH) {
    let found = 0;
    for (const [i, vector] of vectors.entries()) {
      const nearest = await nearestByIndex(connection, { space, vector, limit: NEAREST, dimensions, efSearch });
      found += nearest.filter(({ passage }) => exact[i]?.has(passage)).length;
    }
    if (found >= LEAST_RECALL * exact.reduce((sum, { size }) => sum + size, 0)) return efSearch;
  }
  return 0;
}

/** Indexes of spaces that are gone, and those whose building was cut off. */
async function dropLeft(connection: Connection): Promise<void> {
  const rows = await connection.query(
    `SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = to_regclass('vectors') AND c.relname LIKE 'vectors\\_hnsw\\_%'
       AND (NOT i.indisvalid OR substring(c.relname FROM '\\d+$')::bigint NOT IN (SELECT space FROM spaces))`,
  );
  for (const { name } of rows) await connection.query(`DROP INDEX CONCURRENTLY IF EXISTS ${String(name)}`);
}

function indexName(space: number): string {
  return `vectors_hnsw_${space}`;
}
