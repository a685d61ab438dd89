/** The index was in PostgreSQL, and is to be here again: what changed meanwhile is made up for. */
import type { Database } from "../../../store/db.ts";
import { listBases } from "../../rows/bases.ts";
import { passagesAfter, readPassages } from "../../rows/passages.ts";
import { wordsOf } from "../../words/fields.ts";
import { forgetState, readState } from "../elsewhere.ts";
import type { PassageWords } from "../types.ts";

const PASSAGES = 500;

/**
 * Words are made of the stored texts. Vectors from before the index went away are still right; those that were made meanwhile are in
 * PostgreSQL alone, and the next import makes them again.
 */
export function comeHome(database: Database, index: { addWords(base: number, passages: readonly PassageWords[]): void }): void {
  if (!readState(database)) return;
  database.transaction((connection) => {
    const tables = connection
      .prepare("SELECT name FROM sqlite_schema WHERE name GLOB 'kb_words_[0-9]*' AND sql LIKE 'CREATE VIRTUAL TABLE%'")
      .all();
    for (const { name } of tables) connection.exec(`DROP TABLE ${String(name)}`);
    for (const { id } of listBases(database, undefined)) {
      for (let ids = passagesAfter(database, id, 0, PASSAGES); ids.length > 0; ) {
        index.addWords(id, readPassages(database, ids).map(wordsOf));
        ids = passagesAfter(database, id, ids.at(-1) ?? 0, PASSAGES);
      }
    }
    connection.exec(
      "DELETE FROM kb_vectors WHERE passage NOT IN (SELECT id FROM kb_passages) OR space NOT IN (SELECT id FROM kb_spaces)",
    );
    forgetState(database);
  });
}
