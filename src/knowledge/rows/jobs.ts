/** Imports in the database: a job with an item for each thing to read, so that whoever comes next knows what is left. */
import { NotFound } from "../../errors.ts";
import type { Database } from "../../store/db.ts";

export type JobState = "waiting" | "running" | "done" | "failed" | "canceled";
export type ItemState = "waiting" | "done" | "unchanged" | "failed" | "canceled";

export interface UploadSource {
  kind: "upload";
  sha256: string;
  bytes?: number;
  name: string;
  contentType?: string | undefined;
  modifiedAt?: number | undefined;
  /** Of a page: the part that is read. */
  selector?: string | undefined;
}

/** Not bytes to read but work to do: the vectors of a space, which is searched from their end on when it `goesLive`. */
export interface IndexSource {
  kind: "index";
  space: number;
  goesLive: boolean;
}

/** Where the bytes of an item are, or with "index" and "cut" (all documents anew) what to do. Other kinds may be given to whoever has a reader for them. */
export type ItemSource =
  | { kind: "file"; path: string }
  | UploadSource
  | IndexSource
  | { kind: "cut" }
  | { kind: string; [detail: string]: unknown };

export interface NewItem {
  /** Path, URL or name: what the document is found under. */
  place: string;
  source: ItemSource;
}

export interface Item extends NewItem {
  id: number;
  job: number;
  state: ItemState;
  /** Why it failed: a sentence, and a word for programs. */
  reason: string | undefined;
  code: string | undefined;
  tries: number;
  document: number | undefined;
}

export interface Job {
  id: number;
  base: number;
  state: JobState;
  reason: string | undefined;
  createdAt: number;
  finishedAt: number | undefined;
  /** How many items there are of each state. */
  items: Record<ItemState, number> & { total: number };
}

/** Who does not say for so long that he works on a job does not. */
const SILENT_MS = 15_000;

export function createJob(database: Database, base: number, items: readonly NewItem[]): Job {
  return database.transaction(() => {
    const { lastInsertRowid } = database
      .statement("INSERT INTO kb_jobs (base, state, created_at) VALUES (?, 'waiting', ?)")
      .run(base, Date.now());
    const insert = database.statement("INSERT INTO kb_items (job, place, source, state) VALUES (?, ?, ?, 'waiting')");
    for (const { place, source } of items) insert.run(lastInsertRowid, place, JSON.stringify(source));
    return jobById(database, Number(lastInsertRowid));
  });
}

/** Throws NotFound. */
export function jobById(database: Database, id: number): Job {
  const row = database.statement("SELECT * FROM kb_jobs WHERE id = ?").get(id);
  if (!row) throw new NotFound(`there is no import ${id}`);
  const items = { total: 0, waiting: 0, done: 0, unchanged: 0, failed: 0, canceled: 0 };
  for (const { state, n } of database
    .statement("SELECT state, count(*) AS n FROM kb_items WHERE job = ? GROUP BY state")
    .all(id)) {
    items[String(state) as ItemState] = Number(n);
    items.total += Number(n);
  }
  return {
    id: Number(row.id),
    base: Number(row.base),
    state: String(row.state) as JobState,
    reason: row.reason === null ? undefined : String(row.reason),
    createdAt: Number(row.created_at),
    finishedAt: row.finished_at === null ? undefined : Number(row.finished_at),
    items,
  };
}

/** Whether anything is left to do. */
export function hasOpenJobs(database: Database): boolean {
  return database.statement("SELECT 1 FROM kb_jobs WHERE state IN ('waiting', 'running') LIMIT 1").get() !== undefined;
}

/** The job that builds a space, while it is not over. */
export function openBuild(database: Database, base: number, space: number): number | undefined {
  const row = database
    .statement(
      `SELECT i.job FROM kb_items i JOIN kb_jobs j ON j.id = i.job
       WHERE j.base = ? AND j.state IN ('waiting', 'running') AND i.state = 'waiting'
       AND json_extract(i.source, '$.kind') = 'index' AND json_extract(i.source, '$.space') = ? LIMIT 1`,
    )
    .get(base, space);
  return row && Number(row.job);
}

/** Bytes that items of a base wait for. */
export function uploadsOf(database: Database, base: number): string[] {
  const rows = database
    .statement(
      `SELECT DISTINCT json_extract(i.source, '$.sha256') AS sha256 FROM kb_items i JOIN kb_jobs j ON j.id = i.job
       WHERE j.base = ? AND json_extract(i.source, '$.kind') = 'upload' AND i.state NOT IN ('done', 'unchanged')`,
    )
    .all(base);
  return rows.map(({ sha256 }) => String(sha256));
}

/** The newest first. */
export function listJobs(database: Database, base: number, limit = 50): Job[] {
  const rows = database.statement("SELECT id FROM kb_jobs WHERE base = ? ORDER BY id DESC LIMIT ?").all(base, limit);
  return rows.map(({ id }) => jobById(database, Number(id)));
}

export function listItems(
  database: Database,
  job: number,
  { state, limit = 1000, after = 0 }: { state?: ItemState; limit?: number; after?: number } = {},
): Item[] {
  const rows = database
    .statement("SELECT * FROM kb_items WHERE job = ?1 AND id > ?2 AND (?3 IS NULL OR state = ?3) ORDER BY id LIMIT ?4")
    .all(job, after, state ?? null, limit);
  return rows.map((row) => ({
    id: Number(row.id),
    job: Number(row.job),
    place: String(row.place),
    source: JSON.parse(String(row.source)) as ItemSource,
    state: String(row.state) as ItemState,
    reason: row.reason === null ? undefined : String(row.reason),
    code: row.code === null ? undefined : String(row.code),
    tries: Number(row.tries),
    document: row.document === null ? undefined : Number(row.document),
  }));
}

/** The oldest job that nobody works on, which is then `worker`'s. Whoever asks works on none: one of his own was left half done. */
export function claimJob(database: Database, worker: string): Job | undefined {
  return database.transaction(() => {
    const now = Date.now();
    const row = database
      .statement(
        `SELECT id FROM kb_jobs WHERE state = 'waiting' OR (state = 'running' AND (worker IS ?1 OR seen_at < ?2))
         ORDER BY id LIMIT 1`,
      )
      .get(worker, now - SILENT_MS);
    if (!row) return;
    database
      .statement("UPDATE kb_jobs SET state = 'running', reason = NULL, worker = ?, seen_at = ? WHERE id = ?")
      .run(worker, now, Number(row.id));
    return jobById(database, Number(row.id));
  });
}

export function isAnyRunning(database: Database): boolean {
  return database.statement("SELECT 1 FROM kb_jobs WHERE state = 'running' LIMIT 1").get() !== undefined;
}

/** Jobs of workers that are known to be gone need not be waited for. */
export function releaseJobs(database: Database, isGone: (worker: string) => boolean): void {
  const rows = database.statement("SELECT DISTINCT worker FROM kb_jobs WHERE state = 'running'").all();
  const release = database.statement(
    "UPDATE kb_jobs SET state = 'waiting', worker = NULL WHERE state = 'running' AND worker = ?",
  );
  for (const { worker } of rows) if (isGone(String(worker))) release.run(String(worker));
}

/** Says that the worker is at it. `false` when the job is not his any more: it was canceled, or another has taken it. */
export function keepJob(database: Database, job: number, worker: string): boolean {
  const { changes } = database
    .statement("UPDATE kb_jobs SET seen_at = ? WHERE id = ? AND worker = ? AND state = 'running'")
    .run(Date.now(), job, worker);
  return Number(changes) > 0;
}

export function finishJob(
  database: Database,
  job: number,
  worker: string,
  { state, reason }: { state: JobState; reason?: string | undefined },
): void {
  database
    .statement("UPDATE kb_jobs SET state = ?, reason = ?, finished_at = ?, worker = NULL WHERE id = ? AND worker = ?")
    .run(state, reason ?? null, state === "waiting" ? null : Date.now(), job, worker);
}

export function finishItem(
  database: Database,
  item: number,
  { state, reason, code, document }: { state: ItemState; reason?: string; code?: string | undefined; document?: number },
): void {
  database
    .statement("UPDATE kb_items SET state = ?, reason = ?, code = ?, document = ?, tries = tries + 1 WHERE id = ?")
    .run(state, reason ?? null, code ?? null, document ?? null, item);
}

export function cancelJob(database: Database, job: number): Job {
  return database.transaction(() => {
    database.statement("UPDATE kb_items SET state = 'canceled' WHERE job = ? AND state = 'waiting'").run(job);
    database
      .statement(
        "UPDATE kb_jobs SET state = 'canceled', worker = NULL, finished_at = ? WHERE id = ? AND state IN ('waiting', 'running')",
      )
      .run(Date.now(), job);
    return jobById(database, job);
  });
}

/** What failed or was canceled waits again. */
export function retryJob(database: Database, job: number): Job {
  return database.transaction(() => {
    database
      .statement(
        "UPDATE kb_items SET state = 'waiting', reason = NULL, code = NULL WHERE job = ? AND state IN ('failed', 'canceled')",
      )
      .run(job);
    database
      .statement("UPDATE kb_jobs SET state = 'waiting', reason = NULL, finished_at = NULL WHERE id = ? AND state <> 'running'")
      .run(job);
    return jobById(database, job);
  });
}
