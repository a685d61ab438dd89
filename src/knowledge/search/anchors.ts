/** What was measured of a base and of its spaces, in the database. */
import type { Database } from "../../store/db.ts";
import { shareOfMeaning } from "./fuse.ts";
import { type Anchors, UNMEASURED } from "./measure.ts";

/** A base that grew by more than this since it was measured is measured again. */
const STALE_SHARE = 0.3;

export interface Kept {
  /** Missing when the signal tells nothing. */
  anchors?: Anchors;
  /** How high it puts the passage that a question is from: the mean of 1 / rank. */
  finds: number;
  /** How many passages there were. */
  passages: number;
  /** Of the base's reranking model, by its digest. */
  reranker?: { digest: string; anchors?: Anchors };
}

/** How cosines become scores in a base, and what they count for beside its words. */
export interface Scale {
  /** `undefined` when near and far are no different, so that no cosine means anything. */
  meaning: Anchors | undefined;
  share: number;
}

export function scaleOf(database: Database, base: number, space: number | undefined): Scale {
  const ofWords = kept(database, "kb_bases", base);
  const ofMeaning = space === undefined ? undefined : kept(database, "kb_spaces", space);
  return {
    meaning: ofMeaning ? ofMeaning.anchors : UNMEASURED.meaning,
    share: ofWords && ofMeaning ? shareOfMeaning(ofWords.finds, ofMeaning.finds) : UNMEASURED.share,
  };
}

/** What relevances of a reranking model mean in a base; undefined until it is measured. */
export function anchorsOfReranker(database: Database, base: number, digest: string): Anchors | undefined {
  const known = kept(database, "kb_bases", base)?.reranker;
  return known?.digest === digest ? known.anchors : undefined;
}

/** What a measurement is of: so many passages, the vectors of a space, and a reranking model by its digest. */
export interface Wanted {
  base: number;
  space?: number | undefined;
  reranker?: string | undefined;
  passages: number;
}

export function isMeasured(database: Database, { base, space, reranker, passages }: Wanted): boolean {
  const fresh = (known: Kept | undefined) => known && Math.abs(known.passages - passages) <= known.passages * STALE_SHARE;
  const ofWords = kept(database, "kb_bases", base);
  return Boolean(
    fresh(ofWords) &&
      (reranker === undefined || ofWords?.reranker?.digest === reranker) &&
      (space === undefined || fresh(kept(database, "kb_spaces", space))),
  );
}

export function keepAnchors(database: Database, of: { base: number } | { space: number }, measured: Kept): void {
  const [table, id] = "base" in of ? ["kb_bases", of.base] : ["kb_spaces", of.space];
  database.statement(`UPDATE ${table} SET measure = ? WHERE id = ?`).run(JSON.stringify(measured), Number(id));
}

/** What was measured of a base or a space; `undefined` before it was. */
export function measureOf(database: Database, of: { base: number } | { space: number }): Kept | undefined {
  return "base" in of ? kept(database, "kb_bases", of.base) : kept(database, "kb_spaces", of.space);
}

function kept(database: Database, table: "kb_bases" | "kb_spaces", id: number): Kept | undefined {
  const row = database.statement(`SELECT measure FROM ${table} WHERE id = ?`).get(id);
  return typeof row?.measure === "string" ? (JSON.parse(row.measure) as Kept) : undefined;
}
