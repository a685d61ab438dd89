/** Bases that are on their way in: rows like those of any other, owned by the process that brings them until they are whole. */
import type { Database } from "../../store/db.ts";
import { ARRIVING, type Base, type BaseSettings, baseById, insertBase, refuseTaken } from "../rows/bases.ts";
import { type Kept, keepAnchors } from "../search/anchors.ts";

/** `who`: the process, as `hostname pid`. Throws PunaError 409 when the owner has a base of this name. */
export function beginArrival(
  database: Database,
  { owner, name, settings, who }: { owner: string; name: string; settings: Partial<BaseSettings>; who: string },
): Base {
  return database.transaction(() => {
    const base = insertBase(database, { owner: `${ARRIVING}${who}`, name, settings });
    refuseTaken(database, owner, base.name);
    return base;
  });
}

/** From now on it is a base like any other. Throws PunaError 409 when its name was taken meanwhile. */
export function endArrival(
  database: Database,
  id: number,
  {
    owner,
    space,
    createdAt,
    measures,
  }: { owner: string; space: number | undefined; createdAt: number; measures: (Kept | undefined)[] },
): Base {
  return database.transaction((connection) => {
    refuseTaken(database, owner, baseById(database, id).name);
    connection
      .prepare("UPDATE kb_bases SET owner = ?, live_space = ?, created_at = ? WHERE id = ?")
      .run(owner, space ?? null, createdAt, id);
    const [ofWords, ofMeaning] = measures;
    if (ofWords) keepAnchors(database, { base: id }, ofWords);
    if (ofMeaning && space !== undefined) keepAnchors(database, { space }, ofMeaning);
    return baseById(database, id);
  });
}

/** Whether any base is on its way, or was. */
export function hasArrivals(database: Database): boolean {
  return database.statement("SELECT 1 FROM kb_bases WHERE owner GLOB ? || '*' LIMIT 1").get(ARRIVING) !== undefined;
}

/** Ids of bases whose process died on the way. */
export function leftArrivals(database: Database, isGone: (who: string) => boolean): number[] {
  const rows = database.statement("SELECT id, owner FROM kb_bases WHERE owner GLOB ? || '*'").all(ARRIVING);
  return rows.filter(({ owner }) => isGone(String(owner).slice(ARRIVING.length))).map(({ id }) => Number(id));
}
