/** Sources of knowledge bases: made, looked at when it is time or when they change, and forgotten. */
import path from "node:path";
import { messageOf, NotFound, PunaError } from "../../errors.ts";
import { logger } from "../../log.ts";
import type { Web } from "../../net/web.ts";
import type { Database } from "../../store/db.ts";
import type { KnowledgeStore } from "../bases.ts";
import { Manners, type MannersOptions } from "../crawl/manners.ts";
import * as rows from "../rows/sources.ts";
import { checkNew } from "./check.ts";
import { lookAtFolder } from "./folder.ts";
import { type Git, removeRepository } from "./git.ts";
import { isWatched, type Live, newLive, nextLook, type SourceState, stateOf } from "./live.ts";
import { runLook } from "./look.ts";
import { keptRepositories, lookAtRepository, repositoryOf } from "./repository.ts";
import type { Before, Look } from "./sighting.ts";
import { FolderWatch, type WatchTimes } from "./watch.ts";

const log = logger("knowledge");

export interface SourcesOptions {
  store: KnowledgeStore;
  database: Database;
  home: string;
  web: Web;
  git: Git;
  /** For tests: real times would make them wait. */
  manners?: Partial<MannersOptions>;
  watchTimes?: Partial<WatchTimes>;
  tickMs?: number;
}

export interface SyncOptions {
  /** What failed before is tried again, though it has not changed. */
  again?: boolean;
}

/** Looks at the same time. */
const LANES = 2;
const TICK_MS = 5_000;

export class Sources {
  readonly #options: SourcesOptions;
  readonly #database: Database;
  readonly #manners: Manners;
  readonly #live = new Map<number, Live>();
  readonly #queue: (() => void)[] = [];
  #busy = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SourcesOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#manners = new Manners(options.web, options.manners);
  }

  /** Watches what was there before, and looks at what is due. */
  start(): void {
    for (const source of this.#all()) if (isWatched(source)) this.#liveOf(source).isWanted = true;
    this.#sweep().catch((error) => log.error("old repositories cannot be removed", { error: messageOf(error) }));
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), this.#options.tickMs ?? TICK_MS);
    this.#timer.unref();
  }

  /** The first look begins at once. Throws Invalid for what cannot be looked at, PunaError 409 for what is a source already. */
  async create(base: number, wanted: rows.NewSource): Promise<SourceState> {
    const source = await this.#options.store.writer.createSource(base, await checkNew(wanted));
    void this.sync(source.id);
    return this.get(base, source.id);
  }

  list(base: number): SourceState[] {
    return rows.listSources(this.#database, base).map((source) => this.#stateOf(source));
  }

  /** Throws NotFound. */
  get(base: number, id: number): SourceState {
    const source = rows.sourceById(this.#database, id);
    if (source.base !== base) throw new NotFound(`there is no source ${id} in this knowledge base`);
    return this.#stateOf(source);
  }

  async setSchedule(base: number, id: number, everyMs: number | undefined): Promise<SourceState> {
    const { kind, location, options } = this.get(base, id);
    await checkNew({ kind, location, options, everyMs }, { isKnown: true });
    await this.#options.store.writer.setSchedule(id, everyMs);
    return this.get(base, id);
  }

  /** Its documents stay, unless they are to go as well. */
  async remove(base: number, id: number, { documents = false } = {}): Promise<void> {
    const source = this.get(base, id);
    const { store, home } = this.#options;
    await this.#forget(id);
    if (documents) {
      const places = rows.listFinds(this.#database, id).map(({ place }) => place);
      await store.writer.dropFinds(id, places);
    }
    await store.writer.removeSource(id);
    if (source.kind === "git") await removeRepository(repositoryOf(home, source).folder);
  }

  /** Looks now; when it is being looked at, once more afterwards. Resolves at the end of the look. */
  async sync(id: number, { again = false }: SyncOptions = {}): Promise<rows.LookResult | undefined> {
    const live = this.#liveOf(rows.sourceById(this.#database, id));
    live.isWanted = true;
    live.again ||= again;
    // One that is just ending may not have seen it.
    while (live.isWanted && !this.#isClosed) await this.#run(id, live);
    return live.result;
  }

  /** Resolves when it is not being looked at any more. */
  async settled(id: number): Promise<void> {
    await this.#live.get(id)?.running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#live.keys()].map((id) => this.#forget(id)));
  }

  #tick(): void {
    if (this.#isClosed) return;
    const now = Date.now();
    for (const source of this.#all()) {
      const live = this.#liveOf(source);
      if (live.running || !(live.isWanted || (nextLook(source, live) ?? Infinity) <= now)) continue;
      live.isWanted = true;
      void this.#run(source.id, live);
    }
  }

  /** Repositories whose source went with its base. */
  async #sweep(): Promise<void> {
    const ids = new Set(this.#all().map(({ id }) => String(id)));
    for (const kept of await keptRepositories(this.#options.home)) {
      if (!ids.has(path.basename(kept))) await removeRepository(kept);
    }
  }

  #all(): rows.Source[] {
    try {
      return rows.listSources(this.#database);
    } catch (error) {
      log.error("sources cannot be listed", { error: messageOf(error) });
      return [];
    }
  }

  #run(id: number, live: Live): Promise<void> {
    live.running ??= this.#looks(id, live).finally(() => {
      live.running = undefined;
      live.state = "idle";
      live.progress = undefined;
    });
    return live.running;
  }

  async #looks(id: number, live: Live): Promise<void> {
    live.state = "waiting";
    await this.#turn();
    try {
      while (live.isWanted && !this.#isClosed) {
        live.isWanted = false;
        live.stop = new AbortController();
        const again = live.again;
        live.again = false;
        live.state = "looking";
        await this.#look(id, live, again);
      }
    } finally {
      this.#busy--;
      this.#queue.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#busy >= LANES) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#busy++;
  }

  async #look(id: number, live: Live, again: boolean): Promise<void> {
    const { store } = this.#options;
    const source = this.#all().find((one) => one.id === id);
    // It went with its base.
    if (!source) return void this.#drop(id);
    const { signal } = live.stop;
    try {
      const unsettled = rows.unsettledFinds(this.#database, id);
      const retried = unsettled.filter(({ state, code }) => again || state === "canceled" || code === "file_not_found");
      const before: Before = {
        finds: new Map(rows.listFinds(this.#database, id).map(({ place, stamp }) => [place, stamp])),
        hashOf: hashesWhenAsked(this.#database, source.base),
        again: new Set(retried.map(({ place }) => place)),
        signal,
      };
      const isSlow = source.kind === "site";
      const { result, folders, isQuiet } = await runLook(store, source, this.#open(source, before, live), {
        known: new Set(before.finds.keys()),
        standing: unsettled.filter(({ place }) => !before.again.has(place)),
        batch: isSlow ? 20 : 500,
        batchMs: isSlow ? 15_000 : 5_000,
        signal,
        onProgress: (progress) => {
          live.progress = progress;
        },
      });
      live.result = result;
      if (isWatched(source) && !signal.aborted) live.watch?.update(folders);
      // A folder that has not changed costs no write; what was fetched from elsewhere is not to be fetched again after a restart.
      const isNews = !isQuiet || source.kind !== "folder" || source.result === undefined || source.result.error !== undefined;
      if (isNews || source.result?.failed !== result.failed) await store.writer.setResult(id, result);
    } catch (error) {
      if (signal.aborted) return;
      await this.#failed(source, live, error);
    }
  }

  #open(source: rows.Source, before: Before, live: Live): Look {
    const { git, home, store } = this.#options;
    switch (source.kind) {
      case "folder":
        return lookAtFolder(source.location, before, live.calm);
      case "git":
        return lookAtRepository(source, before, { git, home });
      default:
        return this.#openSite(source, before, store.uploads);
    }
  }

  /** Its readers of HTML take memory that an idle server need not have. */
  async *#openSite(source: rows.Source, before: Before, uploads: KnowledgeStore["uploads"]): Look {
    const { lookAtSite } = await import("./site.ts");
    return yield* lookAtSite(source, before, { manners: this.#manners, uploads });
  }

  /** Everything stays as it was, with the reason beside it. */
  async #failed(source: rows.Source, live: Live, error: unknown): Promise<void> {
    if (!(error instanceof PunaError))
      log.error("a look at a source failed", { source: source.location, error: messageOf(error) });
    const { result: last } = source;
    const code = error instanceof PunaError ? error.code : undefined;
    const none = { added: 0, changed: 0, removed: 0, unchanged: last?.unchanged ?? 0, failed: 0, changes: [] };
    live.result = { ...none, at: Date.now(), error: messageOf(error), ...(code !== undefined && { code }) };
    if (last?.error === live.result.error) return;
    await this.#options.store.writer.setResult(source.id, live.result).catch((problem) => {
      log.error("the result of a look cannot be written", { error: messageOf(problem) });
    });
  }

  #liveOf(source: rows.Source): Live {
    const known = this.#live.get(source.id);
    if (known) return known;
    const live = newLive();
    if (isWatched(source)) {
      live.watch = new FolderWatch(() => {
        live.isWanted = true;
        if (!this.#isClosed) void this.#run(source.id, live).catch(() => {});
      }, this.#options.watchTimes);
    }
    this.#live.set(source.id, live);
    return live;
  }

  async #forget(id: number): Promise<void> {
    const live = this.#live.get(id);
    this.#drop(id);
    if (!live) return;
    live.isWanted = false;
    live.stop.abort();
    await live.running;
  }

  #drop(id: number): void {
    this.#live.get(id)?.watch?.close();
    this.#live.delete(id);
  }

  #stateOf(source: rows.Source): SourceState {
    return stateOf(source, this.#live.get(source.id));
  }
}

/** Most looks find nothing that has changed, and ask for none. */
function hashesWhenAsked(database: Database, base: number): Before["hashOf"] {
  let hashes: Map<string, string> | undefined;
  return (place) => {
    hashes ??= rows.hashesOf(database, base);
    return hashes.get(place);
  };
}
