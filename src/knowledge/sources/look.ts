/** One look at a source, from the first file to the result. Whatever ends it in the middle, the next look finds what is left to do. */
import { until } from "../../until.ts";
import type { KnowledgeStore } from "../bases.ts";
import type { NewItem } from "../rows/jobs.ts";
import type { Find, LookResult, Source } from "../rows/sources.ts";
import type { Remote } from "../thread/remote.ts";
import type { Look } from "./sighting.ts";
import type { KnowledgeWriter } from "./writer.ts";

export interface Progress {
  /** Files or pages that were looked at. */
  seen: number;
  /** Of the imports that this look began. */
  jobs: number[];
}

export interface LookOptions {
  known: ReadonlySet<string>;
  /** What could not be imported before, and was not given again. */
  standing: readonly { place: string; reason: string }[];
  /** Items of one import, and how long the first of them waits for more. */
  batch: number;
  batchMs: number;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

type Change = LookResult["changes"][number];

const LISTED = 100;
const DROP = 100;

export async function runLook(
  store: KnowledgeStore,
  source: Source,
  look: Look,
  options: LookOptions,
): Promise<{ result: LookResult; folders: string[]; isQuiet: boolean }> {
  const run = new Run(store, source, options);
  return await run.all(look);
}

class Run {
  readonly #store: KnowledgeStore;
  readonly #writer: Remote<KnowledgeWriter>;
  readonly #source: Source;
  readonly #options: LookOptions;
  readonly #seen = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #changes = new Map<string, Change>();
  readonly #jobs: number[] = [];
  #batch: { item: NewItem; find: Find }[] = [];
  #batchSince = 0;
  #moved: Find[] = [];

  constructor(store: KnowledgeStore, source: Source, options: LookOptions) {
    this.#store = store;
    this.#writer = store.writer;
    this.#source = source;
    this.#options = options;
  }

  async all(look: Look): Promise<{ result: LookResult; folders: string[]; isQuiet: boolean }> {
    const { signal, known, standing } = this.#options;
    let step = await look.next();
    try {
      for (; !step.done; step = await look.next()) {
        signal.throwIfAborted();
        await this.#take(step.value);
        this.#say();
      }
      await this.#flush();
    } finally {
      // Bytes whose items will never be written.
      this.#letGo(this.#batch);
    }
    if (this.#moved.length > 0) await this.#writer.setFinds(this.#source.id, undefined, this.#moved);
    await this.#settle();
    signal.throwIfAborted();
    const end = step.value;
    const gone = [...known].filter((place) => this.#gone.has(place) || (!this.#seen.has(place) && end.isGone(place)));
    await this.#drop(gone);
    const failures = standing.filter(({ place }) => !this.#changes.has(place) && !gone.includes(place));
    for (const { place, reason } of failures) this.#changes.set(place, { place, change: "failed", reason });
    const isQuiet = this.#jobs.length === 0 && this.#moved.length === 0 && gone.length === 0;
    return { result: this.#result(), folders: end.folders ?? [], isQuiet };
  }

  async #take(sighting: Exclude<Awaited<ReturnType<Look["next"]>>["value"], { isGone: unknown }>): Promise<void> {
    if (sighting.kind === "import") {
      const { find, item, change } = sighting;
      this.#seen.add(find.place);
      this.#changes.set(find.place, { place: find.place, change });
      if (this.#batch.length === 0) this.#batchSince = performance.now();
      this.#batch.push({ item: { place: find.place, source: item }, find });
      const { batch, batchMs } = this.#options;
      if (this.#batch.length >= batch || performance.now() - this.#batchSince > batchMs) await this.#flush();
    } else if (sighting.kind === "unchanged") {
      this.#seen.add(sighting.place);
      if (sighting.find) this.#moved.push(sighting.find);
    } else if (sighting.kind === "failed") {
      this.#seen.add(sighting.place);
      this.#changes.set(sighting.place, { place: sighting.place, change: "failed", reason: sighting.reason });
    } else this.#gone.add(sighting.place);
  }

  /** The import first: should this process die before the finds are written, the next look gives the same files again, which are then known. */
  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    const items = batch.map(({ item }) => item);
    const job = await this.#store.add(this.#source.base, items);
    this.#letGo(batch);
    this.#batch = [];
    this.#jobs.push(job.id);
    const finds = batch.map(({ find }) => find);
    await this.#writer.setFinds(this.#source.id, job.id, finds);
  }

  /** What was fetched is held until its items are written. */
  #letGo(batch: readonly { item: NewItem }[]): void {
    this.#store.uploads.settle(batch.flatMap(({ item: { source } }) => (source.kind === "upload" ? String(source.sha256) : [])));
  }

  /** Waits for the imports: what was only moved must be found at its new place before it is taken from the old one. */
  async #settle(): Promise<void> {
    for (const job of this.#jobs) {
      this.#say();
      await until(this.#store.importer.wait(job), this.#options.signal);
      this.#options.signal.throwIfAborted();
      for (const { place, reason } of this.#items(job, "failed")) {
        this.#changes.set(place, { place, change: "failed", ...(reason !== undefined && { reason }) });
      }
      for (const { place } of this.#items(job, "canceled"))
        this.#changes.set(place, { place, change: "failed", reason: "canceled" });
      // Other bytes, and the same text.
      for (const { place } of this.#items(job, "unchanged"))
        if (this.#changes.get(place)?.change === "changed") this.#changes.delete(place);
    }
  }

  #items(job: number, state: "failed" | "canceled" | "unchanged") {
    return this.#store.items(job, { state, limit: Number.MAX_SAFE_INTEGER });
  }

  async #drop(gone: readonly string[]): Promise<void> {
    for (let at = 0; at < gone.length; at += DROP) {
      this.#options.signal.throwIfAborted();
      await this.#writer.dropFinds(this.#source.id, gone.slice(at, at + DROP));
    }
    for (const place of gone) this.#changes.set(place, { place, change: "removed" });
  }

  #result(): LookResult {
    const changes = [...this.#changes.values()];
    const count = (change: Change["change"]) => changes.filter((one) => one.change === change).length;
    const touched = new Set(this.#changes.keys());
    return {
      at: Date.now(),
      added: count("added"),
      changed: count("changed"),
      removed: count("removed"),
      unchanged: [...this.#seen].filter((place) => !touched.has(place)).length,
      failed: count("failed"),
      changes: changes.slice(0, LISTED),
    };
  }

  #say(): void {
    this.#options.onProgress({ seen: this.#seen.size, jobs: [...this.#jobs] });
  }
}
