/** A transaction that may wait for an index in the middle. Whoever uses it lets one call end before the next begins. */
import type { Database } from "../store/db.ts";
import type { Index } from "./index/types.ts";

/** Rows and, with `index`, what is written to it: all or nothing, as far as two databases can; `index.ready` mends what they cannot. */
export async function transaction<T>(
  database: Database,
  change: () => Promise<T>,
  index?: Pick<Index, "ready" | "commit" | "rollback">,
): Promise<T> {
  await index?.ready();
  const connection = database.open();
  connection.exec("BEGIN IMMEDIATE");
  try {
    const value = await change();
    await index?.commit?.();
    connection.exec("COMMIT");
    return value;
  } catch (error) {
    await index?.rollback?.();
    // A full disk ends the transaction by itself.
    if (connection.isTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

/** Reads that all see the same state, whatever is written meanwhile. */
export async function snapshot<T>(database: Database, read: () => Promise<T>): Promise<T> {
  const connection = database.open();
  connection.exec("BEGIN");
  try {
    return await read();
  } finally {
    if (connection.isTransaction) connection.exec("COMMIT");
  }
}
