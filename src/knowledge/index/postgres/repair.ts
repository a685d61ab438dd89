/**
 * Makes the index in PostgreSQL what the rows in SQLite say: after a crash between the two, after a backup of one of them, and when the
 * index comes here for the first time. Each step can be repeated, so it may die as well.
 */
import type { Database } from "../../../store/db.ts";
import { passagesAfter, readPassages } from "../../rows/passages.ts";
import { listSpaces } from "../../rows/spaces.ts";
import { wordsOf } from "../../words/fields.ts";
import { SqliteVectors } from "../sqlite/vectors.ts";
import type { Connection } from "./connection.ts";
import type { PostgresVectors } from "./vectors.ts";
import { digestOf, type PostgresWords } from "./words.ts";

const PASSAGES = 500;

interface Parts {
  connection: Connection;
  words: PostgresWords;
  vectors: PostgresVectors;
}

export async function repairIndex(database: Database, { connection, words, vectors }: Parts): Promise<void> {
  // Those that are on their way in as well.
  const bases = database
    .statement("SELECT id FROM kb_bases")
    .all()
    .map(({ id }) => Number(id));
  const hasVectors = await vectors.isThere();
  const known = await connection.query("SELECT base FROM bases UNION SELECT base FROM passages");
  for (const base of known.map((row) => Number(row.base)))
    if (!bases.includes(base)) await connection.transaction(() => words.drop(base));
  for (const base of bases) await repairBase(database, { connection, words, vectors }, base);
  if (!hasVectors) return;
  const spaces = bases.flatMap((base) => listSpaces(database, base).map(({ id }) => id));
  await connection.query("DELETE FROM spaces WHERE NOT (space = ANY ($1::bigint[]))", [spaces]);
  await connection.query(
    "DELETE FROM vectors v WHERE NOT (space = ANY ($1::bigint[])) OR NOT EXISTS (SELECT 1 FROM passages p WHERE p.passage = v.passage)",
    [spaces],
  );
  for (const base of bases) await copyVectors(database, vectors, base);
}

/** Passages whose words are not what they should be lose their vectors too: they may be of another text. */
async function repairBase(database: Database, { connection, words, vectors }: Parts, base: number): Promise<void> {
  const rows = await connection.query("SELECT passage, digest FROM passages WHERE base = $1", [base]);
  const left = new Map(rows.map(({ passage, digest }) => [Number(passage), String(digest)]));
  for (let ids = passagesAfter(database, base, 0, PASSAGES); ids.length > 0; ) {
    const all = readPassages(database, ids).map(wordsOf);
    const wrong = all.filter((one) => left.get(one.passage) !== digestOf(one));
    for (const { passage } of all) left.delete(passage);
    if (wrong.length > 0) {
      // A passage that is noted must have its postings, or the next repair would take it for right.
      await connection.transaction(async () => {
        await vectors.remove(wrong.map(({ passage }) => passage));
        await words.add(base, wrong);
      });
    }
    ids = passagesAfter(database, base, ids.at(-1) ?? 0, PASSAGES);
  }
  if (left.size === 0) return;
  await connection.transaction(async () => {
    await vectors.remove([...left.keys()]);
    await words.remove(base, [...left.keys()]);
  });
}

/** What was embedded while the index was in SQLite need not be embedded again. */
async function copyVectors(database: Database, vectors: PostgresVectors, base: number): Promise<void> {
  const here = new SqliteVectors(database);
  for (const { id } of listSpaces(database, base)) {
    if (here.count(id) === 0) continue;
    for (let ids = passagesAfter(database, base, 0, PASSAGES); ids.length > 0; ) {
      await vectors.add(id, here.read(id, await vectors.without(id, ids)));
      ids = passagesAfter(database, base, ids.at(-1) ?? 0, PASSAGES);
    }
  }
}
