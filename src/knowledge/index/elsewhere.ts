/**
 * What ties the rows in SQLite to the index in PostgreSQL: a token that every transaction leaves in both. Two databases cannot commit
 * as one; but as long as both have the same token they are of the same state, whatever died, was restored or was exchanged between.
 */
import { randomBytes } from "node:crypto";
import type { Database } from "../../store/db.ts";

export interface State {
  /** Of the tables in PostgreSQL; made once for each PUNA_HOME. */
  schema: string;
  /** `undefined`: they were never of the same state. */
  token: string | undefined;
}

/** `undefined` in a home whose index was always in SQLite. */
export function readState(database: Database): State | undefined {
  if (!database.statement("SELECT 1 FROM sqlite_schema WHERE name = 'kb_elsewhere'").get()) return;
  const row = database.statement("SELECT schema, token FROM kb_elsewhere WHERE id = 1").get();
  return row && { schema: String(row.schema), token: row.token === null ? undefined : String(row.token) };
}

/** Notes that the index is in PostgreSQL from now on. */
export function openState(database: Database): State {
  const known = readState(database);
  if (known) return known;
  return database.transaction((connection) => {
    connection.exec(`CREATE TABLE IF NOT EXISTS kb_elsewhere (
      id     INTEGER PRIMARY KEY CHECK (id = 1),
      schema TEXT NOT NULL,
      token  TEXT
    ) STRICT`);
    connection
      .prepare("INSERT OR IGNORE INTO kb_elsewhere (id, schema) VALUES (1, ?)")
      .run(`puna_${randomBytes(6).toString("hex")}`);
    return readState(database) ?? { schema: "", token: undefined };
  });
}

/** In the transaction of the rows. */
export function keepToken(database: Database, token: string): void {
  database.statement("UPDATE kb_elsewhere SET token = ? WHERE id = 1").run(token);
}

/** Notes that the index is in SQLite again. */
export function forgetState(database: Database): void {
  database.open().exec("DROP TABLE IF EXISTS kb_elsewhere");
}
