/** What was measured of a base and of its spaces, in the database. */
import type { Database } from "../../store/db.ts";
import { type Anchors, UNMEASURED } from "./measure.ts";

/** A base that grew by more than this since it was measured is measured again. */
const STALE_SHARE = 0.3;

interface Kept {
  anchors?: Anchors;
  /** How many passages there were. */
  passages: number;
}

export function anchorsIn(database: Database, base: number, space: number | undefined): { words: Anchors; meaning: Anchors } {
  return {
    words: kept(database, "kb_bases", base)?.anchors ?? UNMEASURED.words,
    meaning: (space !== undefined && kept(database, "kb_spaces", space)?.anchors) || UNMEASURED.meaning,
  };
}

export function isMeasured(
  database: Database,
  { base, space, passages }: { base: number; space?: number | undefined; passages: number },
) {
  const fresh = (known: Kept | undefined) => known && Math.abs(known.passages - passages) <= known.passages * STALE_SHARE;
  return Boolean(fresh(kept(database, "kb_bases", base)) && (space === undefined || fresh(kept(database, "kb_spaces", space))));
}

/** Without anchors it is remembered that there could be none. */
export function keepAnchors(database: Database, of: { base: number } | { space: number }, measured: Kept): void {
  const [table, id] = "base" in of ? ["kb_bases", of.base] : ["kb_spaces", of.space];
  database.statement(`UPDATE ${table} SET measure = ? WHERE id = ?`).run(JSON.stringify(measured), Number(id));
}

function kept(database: Database, table: "kb_bases" | "kb_spaces", id: number): Kept | undefined {
  const row = database.statement(`SELECT measure FROM ${table} WHERE id = ?`).get(id);
  return typeof row?.measure === "string" ? (JSON.parse(row.measure) as Kept) : undefined;
}
