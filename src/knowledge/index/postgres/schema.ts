/** The tables in PostgreSQL. Each PUNA_HOME has a schema of its own, so that several may share a database. */
import type { Connection } from "./connection.ts";

/** Of the tables below. Others are refused. */
export const SCHEMA_VERSION = 1;

/** Terms are compared byte by byte, as SQLite does. One row a term and passage; the second index alone answers a search. */
const WORDS = `
  CREATE TABLE state (
    id        integer PRIMARY KEY CHECK (id = 1),
    version   integer NOT NULL,
    token     text                       -- the last transaction, as SQLite knows it as well; NULL while all is brought up to date
  );
  INSERT INTO state (id, version) VALUES (1, ${SCHEMA_VERSION});
  CREATE TABLE bases (
    base      bigint PRIMARY KEY,
    passages  bigint NOT NULL,
    tokens    bigint NOT NULL
  );
  CREATE TABLE passages (
    passage   bigint PRIMARY KEY,
    base      bigint NOT NULL,
    tokens    integer NOT NULL,
    digest    bigint NOT NULL            -- of its words: whether they are still those of the passage
  );
  CREATE INDEX passages_base ON passages (base);
  CREATE TABLE postings (
    base      bigint NOT NULL,
    term      text COLLATE "C" NOT NULL,
    passage   bigint NOT NULL,
    document  bigint NOT NULL,
    frequency real NOT NULL,             -- how often it is there, title and headings counted double
    tokens    integer NOT NULL           -- of the passage
  );
  CREATE INDEX postings_term ON postings (base, term) INCLUDE (passage, document, frequency, tokens);
  CREATE INDEX postings_passage ON postings (passage);
`;

/** MAIN keeps a vector in its row: fetched from beside the table, an exact search of vectors above 2 kB takes several times as long. */
const VECTORS = `
  CREATE TABLE IF NOT EXISTS spaces (
    space      bigint PRIMARY KEY,
    dimensions integer NOT NULL,
    ef_search  integer,                  -- of its HNSW index; NULL without one, 0 when the index did not find enough
    checked    bigint NOT NULL DEFAULT 0 -- how many vectors there were then
  );
  CREATE TABLE IF NOT EXISTS vectors (
    space     bigint NOT NULL,
    passage   bigint NOT NULL,
    document  bigint NOT NULL,
    vector    vector NOT NULL,
    PRIMARY KEY (passage, space)
  );
  ALTER TABLE vectors ALTER COLUMN vector SET STORAGE MAIN;
  CREATE INDEX IF NOT EXISTS vectors_space ON vectors (space);
`;

/** Makes what is missing. `hasVectors`: pgvector is there, or could be installed. Throws Failed for a database that is not in UTF-8. */
export async function prepareSchema(connection: Connection, schema: string): Promise<void> {
  await connection.transaction(async () => {
    await connection.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [schema]);
    await connection.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
    const [there] = await connection.query("SELECT to_regclass($1) IS NOT NULL AS is_there", [`"${schema}".state`]);
    if (!there?.is_there) await connection.query(WORDS);
    if (await hasVectors(connection)) await connection.query(VECTORS);
  });
}

/** Whether pgvector is in the database; where this user may install it and it is to be had, it is installed. */
async function hasVectors(connection: Connection): Promise<boolean> {
  const known = async () => (await connection.query("SELECT to_regtype('vector') IS NOT NULL AS is_there"))[0]?.is_there === true;
  if (await known()) return true;
  const [available] = await connection.query("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'");
  if (!available) return false;
  await connection.query("SAVEPOINT extension");
  try {
    await connection.query("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public");
  } catch {
    await connection.query("ROLLBACK TO SAVEPOINT extension");
  }
  return await known();
}
