/**
 * Knowledge bases as the rest of the program sees them. What is small is read here; everything that writes goes to one thread and
 * everything that searches to another, which start when they are first needed.
 */
import type { Worker } from "node:worker_threads";
import { Invalid, messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import type { Database } from "../store/db.ts";
import { hasArrivals } from "./archive/arrival.ts";
import type { Embedder, FindEmbedder } from "./embedder.ts";
import { Evaluations } from "./evaluate/evaluations.ts";
import { Importer } from "./import/importer.ts";
import type { ReadSource } from "./import/read.ts";
import { Uploads } from "./import/uploads.ts";
import { readState } from "./index/elsewhere.ts";
import { nameOf } from "./index/postgres/connection.ts";
import type { Index } from "./index/types.ts";
import { parseDocument } from "./parse/index.ts";
import type { FindReranker, Reranker } from "./reranker.ts";
import { type Base, type BaseSettings, baseById, baseNamed, listBases } from "./rows/bases.ts";
import { type Document, documentById, listDocuments, listPlaces, type Place, textOf } from "./rows/documents.ts";
import * as jobs from "./rows/jobs.ts";
import { listPassages, type StoredPassage } from "./rows/passages.ts";
import { listFaults, listSpaces, type Space, spaceById } from "./rows/spaces.ts";
import { anchorsOfReranker, isMeasured } from "./search/anchors.ts";
import type { Anchors } from "./search/measure.ts";
import type { Searcher } from "./searcher.ts";
import type { KnowledgeWriter } from "./sources/writer.ts";
import { local, type Remote, remote, Turn } from "./thread/remote.ts";
import { startThread } from "./thread/start.ts";
import type { Block } from "./types.ts";
import { newWorker } from "./worker.ts";

const log = logger("knowledge");

export interface KnowledgeOptions {
  /** PUNA_HOME: what is uploaded waits there until it is read. */
  home: string;
  database: Database;
  /** The PostgreSQL database that holds the index; without one it is in `database`. */
  postgres?: string | undefined;
  /** Without it bases have words alone. */
  findEmbedder?: FindEmbedder;
  /** Without it bases cannot be reranked. */
  findReranker?: FindReranker;
  parse?: typeof parseDocument;
  /** Readers of other kinds of sources, such as "url". */
  readers?: Record<string, ReadSource>;
  /** In this thread, for tests and scripts. */
  threads?: boolean;
}

/** The vectors of one embedder, and how far they are. */
export interface SpaceState extends Space {
  isLive: boolean;
  /** Passages that have a vector. */
  vectors: number;
}

export class KnowledgeStore {
  readonly parse: typeof parseDocument;
  readonly uploads: Uploads;
  readonly importer: Importer;
  readonly evaluations: Evaluations;
  readonly #options: KnowledgeOptions;
  readonly #database: Database;
  readonly #threads = new Set<Worker>();
  /** Without threads both share one connection. */
  readonly #turn = new Turn();
  /** Those of this thread. */
  readonly #indexes: Index[] = [];
  #writer: Remote<KnowledgeWriter> | undefined;
  #searcher: Remote<Searcher> | undefined;

  constructor(options: KnowledgeOptions) {
    this.#options = options;
    this.#database = options.database;
    // Better no server than one whose index is elsewhere than it was told.
    if (options.postgres !== undefined) nameOf(options.postgres);
    this.parse = options.parse ?? parseDocument;
    this.uploads = new Uploads(options.home, options.database);
    this.importer = new Importer(this, options.readers ?? {});
    this.evaluations = new Evaluations(this, this.#database);
  }

  /** All changes, one after another. */
  get writer(): Remote<KnowledgeWriter> {
    this.#writer ??= this.#start("writer", async () => {
      const { KnowledgeWriter } = await import("./sources/writer.ts");
      return new KnowledgeWriter(this.#database, await this.#index());
    });
    return this.#writer;
  }

  get searcher(): Remote<Searcher> {
    this.#searcher ??= this.#start("searcher", async () => {
      const { Searcher } = await import("./searcher.ts");
      return new Searcher(this.#database, await this.#index());
    });
    return this.#searcher;
  }

  /** Throws Invalid, or PunaError 409 for a name in use, and what `findEmbedder` throws. */
  async create(wanted: { owner?: string; name: string; settings?: Partial<BaseSettings> }): Promise<Base> {
    const { owner = "", name, settings = {} } = wanted;
    await this.#checkModels(settings);
    return await this.writer.createBase({ owner, name, settings });
  }

  /** Those of one owner, or all. */
  list(owner?: string): Base[] {
    return listBases(this.#database, owner);
  }

  /** Throws NotFound. */
  named(name: string, owner = ""): Base {
    return baseNamed(this.#database, owner, name);
  }

  /** As it is now. Throws NotFound. */
  byId(base: number): Base {
    return baseById(this.#database, base);
  }

  async update(base: number, change: { name?: string; settings?: Partial<BaseSettings> }): Promise<Base> {
    await this.#checkModels(change.settings ?? {});
    return await this.writer.updateBase(base, change);
  }

  async remove(base: number): Promise<void> {
    for (const { id, state } of this.jobs(base)) if (state === "waiting" || state === "running") await this.cancel(id);
    const uploads = jobs.uploadsOf(this.#database, base);
    await this.writer.removeBase(base);
    for (const sha256 of uploads) this.uploads.release(sha256);
  }

  documents(base: number, page: { limit?: number; after?: number } = {}): Document[] {
    return listDocuments(this.#database, base, page);
  }

  /** Throws NotFound. */
  document(base: number, id: number): Document {
    return documentById(this.#database, base, id);
  }

  /** The text that every offset counts in, with its blocks. Throws NotFound. */
  text(base: number, id: number): { text: string; blocks: Block[] } {
    return textOf(this.#database, base, id);
  }

  /** The passages of a document, in order. Throws NotFound. */
  passages(base: number, id: number, page: { limit?: number; after?: number } = {}): StoredPassage[] {
    documentById(this.#database, base, id);
    return listPassages(this.#database, id, page);
  }

  async removeDocument(base: number, id: number): Promise<void> {
    await this.writer.removeDocument(base, id);
  }

  /** Where documents were found, all or in one folder, with what tells whether the source has changed since. */
  places(base: number, folder?: string): Place[] {
    return listPlaces(this.#database, base, folder);
  }

  /** A document goes when its last place goes. */
  async removePlace(base: number, place: string): Promise<void> {
    await this.writer.removePlace(base, place);
  }

  /** Begins an import, which goes on by itself and survives the process. `importer.wait` tells its end. */
  async add(base: number, items: readonly jobs.NewItem[]): Promise<jobs.Job> {
    if (items.length === 0) throw new Invalid("there is nothing to add: name a file, a folder, a URL or some text");
    const job = await this.writer.createJob(base, items);
    this.importer.wake();
    return job;
  }

  /** The newest first. */
  jobs(base: number, limit?: number): jobs.Job[] {
    return jobs.listJobs(this.#database, base, limit);
  }

  job(id: number): jobs.Job {
    return jobs.jobById(this.#database, id);
  }

  items(job: number, page: Parameters<typeof jobs.listItems>[2] = {}): jobs.Item[] {
    return jobs.listItems(this.#database, job, page);
  }

  async cancel(job: number): Promise<jobs.Job> {
    const canceled = await this.writer.cancelJob(job);
    this.importer.stop(job);
    return canceled;
  }

  /** What failed is tried again. */
  async retry(job: number): Promise<jobs.Job> {
    const { base } = this.job(job);
    for (const { id } of listSpaces(this.#database, base)) await this.writer.clearFaults(id);
    const waiting = await this.writer.retryJob(job);
    this.importer.wake();
    return waiting;
  }

  /** Whether a job is being worked on, here or in another process. */
  isImporting(): boolean {
    return jobs.isAnyRunning(this.#database);
  }

  /** Goes on with what a process before this one left. Call it once, at the start. */
  async resume(): Promise<void> {
    if (this.#database.exists()) {
      // Not waited for: a database that is away keeps nobody from the rest.
      if (this.#mayDiffer())
        this.writer.readyIndex().catch((error) => log.warn("the index is not ready", { error: messageOf(error) }));
      this.#removeLeft().catch((error) => log.warn("what an import left was not removed", { error: messageOf(error) }));
      await this.evaluations.resume();
      // No thread is started for nothing.
      if (jobs.hasOpenJobs(this.#database)) await this.importer.resume();
    }
    await this.uploads.sweep();
  }

  /** The vectors a base has, of each embedder it had. */
  async spaces(base: number): Promise<SpaceState[]> {
    const { liveSpace } = this.byId(base);
    const spaces = listSpaces(this.#database, base);
    return await Promise.all(
      spaces.map(async (space) => ({
        ...space,
        isLive: space.id === liveSpace,
        vectors: await this.searcher.countVectors(space.id),
      })),
    );
  }

  /** The job that builds these vectors, while it is not over. */
  openBuild(base: number, space: number): number | undefined {
    return jobs.openBuild(this.#database, base, space);
  }

  /** The vectors that a job makes; undefined when it makes none now. */
  growingSpace({ id, base, items }: jobs.Job): number | undefined {
    const [first] = this.items(id, { limit: 1 });
    if (first?.source.kind === "index") return Number(first.source.space);
    const { settings, liveSpace } = this.byId(base);
    return items.waiting === 0 && settings.embedder !== undefined ? liveSpace : undefined;
  }

  /** Throws NotFound. */
  space(id: number): Space {
    return spaceById(this.#database, id);
  }

  /** Whether scores of the base, of these vectors and of this reranking model were measured on about what it holds now. */
  isMeasured(base: number, space: number | undefined, reranker?: Reranker): boolean {
    return isMeasured(this.#database, { base, space, reranker: reranker?.digest, passages: this.byId(base).passages });
  }

  /** What the relevances of a reranking model mean in a base; undefined until it is measured. */
  anchorsOf(base: number, { digest }: Reranker): Anchors | undefined {
    return anchorsOfReranker(this.#database, base, digest);
  }

  /** Passages that have no vector, and why. They are found by their words. */
  faults(space: number): ReturnType<typeof listFaults> {
    return listFaults(this.#database, space);
  }

  /** Throws what `findEmbedder` throws, or Invalid without one. */
  async embedder(name: string): Promise<Embedder> {
    const find = this.#options.findEmbedder;
    if (!find) throw new Invalid(`the embedding model ${JSON.stringify(name)} cannot be used: nothing here runs models`);
    return await find(name);
  }

  /** Throws what `findReranker` throws, or Invalid without one. */
  async reranker(name: string): Promise<Reranker> {
    const find = this.#options.findReranker;
    if (!find) throw new Invalid(`the reranking model ${JSON.stringify(name)} cannot be used: nothing here runs models`);
    return await find(name);
  }

  async close(): Promise<void> {
    await this.evaluations.close();
    await this.importer.close();
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
    await Promise.all(this.#indexes.map((index) => index.close?.()));
  }

  /** Bases of whose import a process died. */
  async #removeLeft(): Promise<void> {
    if (!hasArrivals(this.#database)) return;
    for (const id of await this.writer.leftArrivals(newWorker())) await this.writer.removeBase(id);
  }

  /** Whether the index may be another than what the rows say: it is in another database, or was. */
  #mayDiffer(): boolean {
    const isElsewhere = this.#options.postgres !== undefined || readState(this.#database) !== undefined;
    return isElsewhere && this.list().length > 0;
  }

  async #index(): Promise<Index> {
    const { openIndex } = await import("./index/open.ts");
    const index = openIndex(this.#database, this.#options.postgres);
    this.#indexes.push(index);
    return index;
  }

  /** A setting that names a model which cannot do the work is refused at once. */
  async #checkModels({ embedder, reranker }: Partial<BaseSettings>): Promise<void> {
    if (embedder !== undefined) await this.embedder(embedder);
    if (reranker !== undefined) await this.reranker(reranker);
  }

  /** What the threads do is loaded by them alone, unless there are none. */
  #start<T extends object>(role: "writer" | "searcher", make: () => Promise<T>): Remote<T> {
    if (this.#options.threads === false) return local(make, this.#turn);
    // The schema is brought up to date here, once.
    this.#database.open();
    const { home, postgres } = this.#options;
    const thread = startThread({ role, home, postgres });
    this.#threads.add(thread);
    // One that died, of a lack of memory say, must not be the end of all work: the next call starts another.
    thread.once("exit", () => {
      this.#threads.delete(thread);
      if (role === "writer") this.#writer = undefined;
      else this.#searcher = undefined;
    });
    return remote<T>(thread);
  }
}
