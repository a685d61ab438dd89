/** Sources that are looked at again, and what they held, in the database. */
import { NotFound, PunaError } from "../../errors.ts";
import type { Database } from "../../store/db.ts";

type SourceKind = "folder" | "site" | "url" | "git";

export interface SourceOptions {
  /** Of a site: links away from the start, pages at most, which paths belong to it, and whether its sitemaps count. */
  depth?: number | undefined;
  pages?: number | undefined;
  prefix?: string | undefined;
  sitemap?: boolean | string | undefined;
  /** Of pages: the part that is read, as a CSS selector. */
  selector?: string | undefined;
  /** Of a repository: by default the branch that it names itself, and all of it. */
  branch?: string | undefined;
  folder?: string | undefined;
  /** Of a folder: look as soon as something in it changes. */
  watch?: boolean | undefined;
  /** Whoever made it may use this machine's files and its user's keys. */
  trusted?: boolean | undefined;
}

export interface NewSource {
  kind: SourceKind;
  /** An absolute path or a URL. */
  location: string;
  options: SourceOptions;
  /** `undefined`: looked at only when somebody asks. */
  everyMs: number | undefined;
}

export interface Source extends NewSource {
  id: number;
  base: number;
  createdAt: number;
  lookedAt: number | undefined;
  result: LookResult | undefined;
}

/** What a look found. The lists hold the first hundred. */
export interface LookResult {
  at: number;
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
  failed: number;
  changes: { place: string; change: "added" | "changed" | "removed" | "failed"; reason?: string }[];
  /** Why the look could not be done at all; then everything is as it was. */
  error?: string;
  code?: string;
}

/** Something a source held. */
export interface Find {
  place: string;
  /** Whatever tells that it has not changed. */
  stamp: Record<string, unknown>;
}

/** What a source held and its import could not take. */
export interface Unsettled {
  place: string;
  state: string;
  reason: string;
  code: string | undefined;
}

/** Throws PunaError 409 for one that is there already. */
export function createSource(database: Database, base: number, { kind, location, options, everyMs }: NewSource): Source {
  const text = JSON.stringify(options);
  const known = database
    .statement("SELECT id FROM kb_sources WHERE base = ? AND kind = ? AND location = ? AND options = ?")
    .get(base, kind, location, text);
  if (known) throw new PunaError(409, `${location} is a source of this knowledge base already: its number is ${known.id}`);
  const { lastInsertRowid } = database
    .statement("INSERT INTO kb_sources (base, kind, location, options, every_ms, created_at) VALUES (?, ?, ?, ?, ?, ?)")
    .run(base, kind, location, text, everyMs ?? null, Date.now());
  return sourceById(database, Number(lastInsertRowid));
}

export function listSources(database: Database, base?: number): Source[] {
  if (!database.exists()) return [];
  const rows =
    base === undefined
      ? database.statement("SELECT * FROM kb_sources ORDER BY id").all()
      : database.statement("SELECT * FROM kb_sources WHERE base = ? ORDER BY id").all(base);
  return rows.map(fromRow);
}

/** Throws NotFound. */
export function sourceById(database: Database, id: number): Source {
  const row = database.exists() && database.statement("SELECT * FROM kb_sources WHERE id = ?").get(id);
  if (!row) throw new NotFound(`there is no source ${id}`);
  return fromRow(row);
}

export function listFinds(database: Database, source: number): Find[] {
  return database.statement("SELECT place, stamp FROM kb_finds WHERE source = ? ORDER BY place").all(source).map(toFind);
}

/** How the imports of what a source holds ended, where they did not end well. */
export function unsettledFinds(database: Database, source: number): Unsettled[] {
  return database
    .statement(
      `SELECT f.place, i.state, i.reason, i.code FROM (SELECT DISTINCT job FROM kb_finds WHERE source = ?1) j
       CROSS JOIN kb_items i ON i.job = j.job AND i.state IN ('failed', 'canceled')
       CROSS JOIN kb_finds f ON f.source = ?1 AND f.place = i.place AND f.job = i.job ORDER BY f.place`,
    )
    .all(source)
    .map((row) => ({
      place: String(row.place),
      state: String(row.state),
      reason: String(row.reason ?? ""),
      code: row.code === null ? undefined : String(row.code),
    }));
}

/** The SHA-256, in hex, of what a base has of each place. */
export function hashesOf(database: Database, base: number): Map<string, string> {
  const rows = database
    .statement("SELECT p.place, hex(d.sha256) AS hash FROM kb_places p JOIN kb_documents d ON d.id = p.document WHERE p.base = ?")
    .all(base);
  return new Map(rows.map(({ place, hash }) => [String(place), String(hash).toLowerCase()]));
}

export function setFinds(database: Database, source: number, job: number | undefined, finds: readonly Find[]): void {
  const set = database.statement(
    `INSERT INTO kb_finds (source, place, stamp, job) VALUES (?1, ?2, ?3, coalesce(?4, 0))
     ON CONFLICT (source, place) DO UPDATE SET stamp = excluded.stamp, job = coalesce(?4, job)`,
  );
  for (const { place, stamp } of finds) set.run(source, place, JSON.stringify(stamp), job ?? null);
}

/** Whether another source of the base holds the place as well. */
export function isHeldElsewhere(database: Database, source: number, place: string): boolean {
  const row = database
    .statement(
      `SELECT 1 FROM kb_finds f JOIN kb_sources s ON s.id = f.source WHERE f.place = ?2 AND f.source <> ?1
       AND s.base = (SELECT base FROM kb_sources WHERE id = ?1) LIMIT 1`,
    )
    .get(source, place);
  return row !== undefined;
}

function toFind({ place, stamp }: Record<string, unknown>): Find {
  return { place: String(place), stamp: JSON.parse(String(stamp)) as Find["stamp"] };
}

function fromRow(row: Record<string, unknown>): Source {
  const optional = (value: unknown) => (value === null ? undefined : Number(value));
  return {
    id: Number(row.id),
    base: Number(row.base),
    kind: String(row.kind) as SourceKind,
    location: String(row.location),
    options: JSON.parse(String(row.options)) as SourceOptions,
    everyMs: optional(row.every_ms),
    createdAt: Number(row.created_at),
    lookedAt: optional(row.looked_at),
    result: row.result === null ? undefined : (JSON.parse(String(row.result)) as LookResult),
  };
}
