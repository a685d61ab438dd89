/** Works on imports, one job after another. All it knows is in the database: whoever kills it finds it going on at the next start. */
import { createHash, randomBytes } from "node:crypto";
import os from "node:os";
import { messageOf, PunaError } from "../../errors.ts";
import { logger } from "../../log.ts";
import type { KnowledgeStore } from "../bases.ts";
import { buildIndex } from "../build-index.ts";
import { embedBase } from "../embed-base.ts";
import { measureIfStale } from "../measure-base.ts";
import { cutAnew, measuredRates } from "../measured-rates.ts";
import type { IndexSource, Item, Job, JobState, UploadSource } from "../rows/jobs.ts";
import { type ReadSource, standardReaders } from "./read.ts";

const log = logger("knowledge");

/** Items at the same time: one is read while another is written. */
const LANES = 2;
const PAGE = 200;
/** How often a worker says that he is at it. */
const SAY_MS = 4000;

export class Importer {
  readonly #store: KnowledgeStore;
  readonly #readers: Record<string, ReadSource>;
  /** Who this is, in the database. */
  readonly #worker = `${os.hostname()} ${process.pid} ${randomBytes(6).toString("hex")}`;
  readonly #stops = new Map<number, AbortController>();
  readonly #waiting: { job: number; done: () => void }[] = [];
  #running: Promise<void> | undefined;
  #isWoken = false;
  #isClosed = false;

  constructor(store: KnowledgeStore, readers: Record<string, ReadSource>) {
    this.#store = store;
    this.#readers = { ...standardReaders(store.uploads), ...readers };
  }

  /** Whether there is a reader for sources of a kind. */
  reads(kind: string): boolean {
    return kind in this.#readers;
  }

  /** There may be something to do. */
  wake(): void {
    this.#isWoken = true;
    if (this.#isClosed) return;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
      for (const { done } of this.#waiting.splice(0)) done();
      if (this.#isWoken && !this.#isClosed) this.wake();
    });
  }

  /** Takes over what processes that are gone left. */
  async resume(): Promise<void> {
    await this.#store.writer.releaseGone(os.hostname(), process.pid, this.#worker);
    this.wake();
  }

  /** Resolves when the job has ended, whichever way. */
  async wait(job: number): Promise<Job> {
    for (;;) {
      const now = this.#store.job(job);
      if (now.state !== "waiting" && now.state !== "running") return now;
      if (!this.#running) this.wake();
      await new Promise<void>((done) => {
        this.#waiting.push({ job, done });
      });
      if (this.#isClosed) return this.#store.job(job);
    }
  }

  /** Ends the work on a job that was canceled. */
  stop(job: number): void {
    this.#stops.get(job)?.abort();
  }

  /** The job that is running waits for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops.values()) stop.abort();
    await this.#running;
  }

  async #work(): Promise<void> {
    while (this.#isWoken && !this.#isClosed) {
      this.#isWoken = false;
      try {
        for (let job = await this.#claim(); job; job = await this.#claim()) await this.#run(job);
      } catch (error) {
        // Such as a full disk: the job is taken up again at the next occasion.
        log.error("an import stopped", { error: messageOf(error) });
      }
    }
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
      for (const one of this.#waiting.filter((waiting) => waiting.job === job.id)) one.done();
    }
  }

  async #readAll(job: Job, signal: AbortSignal): Promise<void> {
    let after = 0;
    for (;;) {
      const items = this.#store.items(job.id, { state: "waiting", after, limit: PAGE });
      if (items.length === 0) return;
      after = items.at(-1)?.id ?? after;
      const lane = async () => {
        for (let item = items.shift(); item; item = items.shift()) {
          signal.throwIfAborted();
          await this.#read(job.base, item, signal);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
    }
  }

  async #read(base: number, item: Item, signal: AbortSignal): Promise<void> {
    try {
      await this.#import(base, item, signal);
    } catch (error) {
      signal.throwIfAborted();
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
    const read = this.#readers[item.source.kind];
    if (!read) throw new PunaError(400, `nothing here reads ${JSON.stringify(item.source.kind)} sources`);
    if (item.source.kind === "upload" && (await this.#isKnownUpload(base, item))) return;
    const { bytes, name, contentType, modifiedAt } = await read(item.source, { signal });
    const sha256 = createHash("sha256").update(bytes).digest();
    const place = { place: item.place, bytes: bytes.length, modifiedAt };
    if ((await writer.addPlace(base, sha256, place, item.id)) === undefined) {
      const hint = { name, ...(contentType !== undefined && { contentType }) };
      const size = bytes.length;
      const parsed = await this.#store.parse(bytes, hint, {}, { signal });
      const rates = await (await measuredRates(this.#store, base))(parsed.text);
      await writer.addDocument(base, { sha256, bytes: size, name, modifiedAt, parsed }, { place, item: item.id, rates });
    }
    if (item.source.kind === "upload") this.#store.uploads.release(String(item.source.sha256));
  }

  /** The same bytes may be gone from the disk already, when somebody else sent them as well. */
  async #isKnownUpload(base: number, item: Item): Promise<boolean> {
    const { sha256, bytes, modifiedAt } = item.source as UploadSource;
    const place = { place: item.place, bytes, modifiedAt };
    if ((await this.#store.writer.addPlace(base, Buffer.from(sha256, "hex"), place, item.id)) === undefined) return false;
    this.#store.uploads.release(sha256);
    return true;
  }
}
