/** Which index is used: the one in the database of the documents, or the one in PostgreSQL. */
import type { Database } from "../../store/db.ts";
import { PostgresIndex } from "./postgres/index.ts";
import { SqliteIndex } from "./sqlite/index.ts";
import type { Index } from "./types.ts";

/** `postgres`: the address of a PostgreSQL database. Throws Failed for one that is none. */
export function openIndex(database: Database, postgres: string | undefined): Index {
  return postgres === undefined ? new SqliteIndex(database) : new PostgresIndex(database, { url: postgres });
}
