/** Works on imports, one job after another. All it knows is in the database: whoever kills it finds it going on at the next start. */
import { createHash } from "node:crypto";
import { messageOf, PunaError } from "../../errors.ts";
import { logger } from "../../log.ts";
import type { KnowledgeStore } from "../bases.ts";
import { buildIndex } from "../build-index.ts";
import { embedBase } from "../embed-base.ts";
import { INDEX_UNREACHABLE } from "../index/types.ts";
import { measureIfStale } from "../measure-base.ts";
import { cutAnew, measuredRates } from "../measured-rates.ts";
import type { IndexSource, Item, Job, JobState, UploadSource } from "../rows/jobs.ts";
import { newWorker } from "../worker.ts";
import { type ReadSource, type SourceBytes, standardReaders } from "./read.ts";
import { SameBytes } from "./same-bytes.ts";

const log = logger("knowledge");

/** Items at the same time: one is read while another is written. */
const LANES = 2;
const PAGE = 200;
/** How often a worker says that he is at it. */
const SAY_MS = 4000;
/** How often to look whether another process that works on a job is still there, and how often whether it has ended. */
const LOOK_MS = 5000;
const POLL_MS = 500;
/** After something that is not an item's own fault, such as a full disk. */
const TRY_AGAIN_MS = 30_000;

export class Importer {
  readonly #store: KnowledgeStore;
  readonly #readers: ReadonlyMap<string, ReadSource>;
  /** Who this is, in the database. */
  readonly #worker = newWorker();
  readonly #stops = new Map<number, AbortController>();
  readonly #waiting = new Set<{ job: number; done: () => void }>();
  readonly #sameBytes = new SameBytes();
  #running: Promise<void> | undefined;
  #later: NodeJS.Timeout | undefined;
  #isWoken = false;
  #isClosed = false;

  constructor(store: KnowledgeStore, readers: Record<string, ReadSource>) {
    this.#store = store;
    this.#readers = new Map(Object.entries({ ...standardReaders(store.uploads), ...readers }));
  }

  /** Whether there is a reader for sources of a kind. */
  reads(kind: string): boolean {
    return this.#readers.has(kind);
  }

  /** There may be something to do. */
  wake(): void {
    this.#isWoken = true;
    if (this.#isClosed) return;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
      for (const { done } of this.#waiting) done();
      if (this.#isWoken && !this.#isClosed) this.wake();
    });
  }

  /** Takes over what processes that are gone left. */
  async resume(): Promise<void> {
    await this.#store.writer.releaseGone(this.#worker);
    this.wake();
  }

  /** Resolves when the job has ended, whichever way. */
  async wait(job: number): Promise<Job> {
    this.wake();
    for (;;) {
      const now = this.#store.job(job);
      if (now.state !== "waiting" && now.state !== "running") return now;
      if (this.#isClosed) return now;
      await this.#news(job);
    }
  }

  /** Ends the work on a job that was canceled. */
  stop(job: number): void {
    this.#stops.get(job)?.abort();
  }

  /** The job that is running waits for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#later);
    for (const { done } of this.#waiting) done();
    for (const stop of this.#stops.values()) stop.abort();
    await this.#running;
  }

  async #work(): Promise<void> {
    while (this.#isWoken && !this.#isClosed) {
      this.#isWoken = false;
      try {
        for (let job = await this.#claim(); job; job = await this.#claim()) await this.#run(job);
      } catch (error) {
        log.error("an import stopped", { error: messageOf(error) });
        this.#wakeIn(TRY_AGAIN_MS);
        return;
      }
    }
    // Its process may be killed: then the job is ours.
    if (this.#store.isImporting()) this.#wakeIn(LOOK_MS);
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#later);
    const again = () => {
      this.resume().catch((error: unknown) => log.error("an import cannot go on", { error: messageOf(error) }));
    };
    if (!this.#isClosed) this.#later = setTimeout(again, ms).unref();
  }

  /** Resolves when the job may have ended: another process does not tell. */
  async #news(job: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve();
      };
      const waiting = { job, done };
      const timer = setTimeout(done, POLL_MS);
      this.#waiting.add(waiting);
    });
  }

  async #claim(): Promise<Job | undefined> {
    return this.#isClosed ? undefined : await this.#store.writer.claimJob(this.#worker);
  }

  async #run(job: Job): Promise<void> {
    const stop = new AbortController();
    this.#stops.set(job.id, stop);
    const say = setInterval(() => {
      this.#store.writer.keepJob(job.id, this.#worker).then(
        (isOurs) => isOurs || stop.abort(),
        () => {},
      );
    }, SAY_MS);
    let end: { state: JobState; reason?: string } = { state: "done" };
    try {
      await this.#readAll(job, stop.signal);
      const { notice } = await embedBase(this.#store, job.base, { signal: stop.signal });
      if (notice !== undefined) end = { state: "done", reason: notice };
      await measureIfStale(this.#store, job.base, stop.signal);
    } catch (error) {
      end = stop.signal.aborted ? { state: "waiting" } : { state: "failed", reason: messageOf(error) };
    } finally {
      clearInterval(say);
      this.#stops.delete(job.id);
      // A job that was canceled has its state already, and is nobody's.
      await this.#store.writer.finishJob(job.id, this.#worker, end);
      for (const waiting of this.#waiting) if (waiting.job === job.id) waiting.done();
    }
  }

  async #readAll(job: Job, signal: AbortSignal): Promise<void> {
    for (;;) {
      // From the beginning each time: what failed may have been told to wait again.
      const items = this.#store.items(job.id, { state: "waiting", limit: PAGE });
      if (items.length === 0) return;
      const lane = async () => {
        for (let item = items.shift(); item; item = items.shift()) {
          signal.throwIfAborted();
          await this.#read(job.base, item, signal);
        }
      };
      const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
    }
  }

  async #read(base: number, item: Item, signal: AbortSignal): Promise<void> {
    try {
      await this.#import(base, item, signal);
    } catch (error) {
      signal.throwIfAborted();
      // No fault of the item: it waits until someone tries the job again.
      if (error instanceof PunaError && error.code === INDEX_UNREACHABLE) throw error;
      const code = error instanceof PunaError ? error.code : undefined;
      if (!(error instanceof PunaError)) log.error("an item of an import failed", { place: item.place, error: messageOf(error) });
      await this.#store.writer.failItem(item.id, { reason: messageOf(error), code });
    }
  }

  async #import(base: number, item: Item, signal: AbortSignal): Promise<void> {
    const { writer } = this.#store;
    if (item.source.kind === "index" || item.source.kind === "cut") {
      if (item.source.kind === "cut") await cutAnew(this.#store, base, signal);
      else await buildIndex(this.#store, base, item.source as IndexSource, signal);
      return await writer.endItem(item.id);
    }
    const read = this.#readers.get(item.source.kind);
    if (!read) throw new PunaError(400, `nothing here reads ${JSON.stringify(item.source.kind)} sources`);
    await this.#sameBytes.after(
      async () => {
        if (item.source.kind === "upload" && (await this.#isKnownUpload(base, item))) return undefined;
        const source = await read(item.source, { signal });
        const sha256 = createHash("sha256").update(source.bytes).update(partOf(source)).digest();
        return { key: `${base} ${sha256.toString("hex")}`, source, sha256 };
      },
      ({ source, sha256 }) => this.#take(base, item, { ...source, sha256 }, signal),
    );
    if (item.source.kind === "upload") this.#store.uploads.release(String(item.source.sha256));
  }

  async #take(base: number, item: Item, source: SourceBytes & { sha256: Buffer }, signal: AbortSignal): Promise<void> {
    const { writer } = this.#store;
    const { bytes, sha256, name, contentType, modifiedAt, selector } = source;
    const place = { place: item.place, bytes: bytes.length, modifiedAt };
    if ((await writer.addPlace(base, sha256, place, item.id)) !== undefined) return;
    const hint = { name, ...(contentType !== undefined && { contentType }), ...(selector !== undefined && { selector }) };
    const size = bytes.length;
    const parsed = await this.#store.parse(bytes, hint, {}, { signal });
    const rates = await (await measuredRates(this.#store, base))(parsed.text);
    await writer.addDocument(base, { sha256, bytes: size, name, modifiedAt, parsed }, { place, item: item.id, rates });
  }

  /** The same bytes may be gone from the disk already, when somebody else sent them as well. */
  async #isKnownUpload(base: number, item: Item): Promise<boolean> {
    const { sha256, bytes, modifiedAt, selector } = item.source as UploadSource;
    if (selector !== undefined) return false;
    const place = { place: item.place, bytes, modifiedAt };
    if ((await this.#store.writer.addPlace(base, Buffer.from(sha256, "hex"), place, item.id)) === undefined) return false;
    this.#store.uploads.release(sha256);
    return true;
  }
}

/** Another part of the same page is another document. */
function partOf({ selector }: SourceBytes): string {
  return selector === undefined ? "" : `\0${selector}`;
}
