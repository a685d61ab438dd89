/** Which models are in memory, who waits for which, and what goes when room is needed. */
import type { Config } from "../config.ts";
import { Busy, Canceled, Failed, messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { displayName } from "../models/name.ts";
import type { Model } from "../models/types.ts";
import type { ChildOptions } from "./child.ts";
import { RuntimeCounts } from "./counts.ts";
import { Deaths } from "./deaths.ts";
import { RunnerLease } from "./lease.ts";
import { loadModel } from "./load.ts";
import type { Loaded } from "./loaded.ts";
import { type MemoryPlan, planMemory } from "./memory.ts";
import { describeLoading, type Place, serves, whatGoes } from "./place.ts";
import { clampContext, runnerKey, shapeFor, structureOf } from "./plan.ts";
import { ChildDied } from "./runner.ts";
import { Spare } from "./spare.ts";
import type { AcquireRequest, Lease, LoadedModel, Runtime } from "./types.ts";
import { type Waiter, WaitingList } from "./waiting.ts";

const log = logger("runtime");

/**
 * The runtime of this process. Every change (a request, a release, a load's end, a death) calls `#settle`, which moves each
 * place as far as it can go; nothing else decides.
 */
export class Scheduler implements Runtime {
  #config: Config;
  #places = new Map<string, Place>();
  #spare: Spare;
  #loads = new Set<Promise<void>>();
  #deaths = new Deaths();
  readonly counts = new RuntimeCounts();
  #closed = false;
  #settling = false;
  #again = false;
  #plan: typeof planMemory;

  constructor(config: Config, options: ChildOptions & { planMemory?: typeof planMemory } = {}) {
    this.#config = config;
    this.#spare = new Spare({
      ...(options.entry !== undefined && { entry: options.entry }),
      env: { ...(config.llamaLibrary !== undefined && { PUNA_LLAMA_LIB: config.llamaLibrary }), ...options.env },
    });
    this.#plan = options.planMemory ?? planMemory;
  }

  /** Starts a child ahead of the first load. */
  prepare(): void {
    this.#spare.prepare();
  }

  get waiting(): number {
    let count = 0;
    for (const place of this.#places.values()) count += place.waiting.size;
    return count;
  }

  async acquire(request: AcquireRequest): Promise<Lease> {
    if (this.#closed) throw new Failed("the server is shutting down");
    if (request.signal.aborted) throw new Canceled();
    const want = {
      numCtx: clampContext(request.model, request.options.numCtx),
      isAutomatic: request.options.numCtxIsAutomatic,
      structure: structureOf(request.options),
    };
    const place = this.#place(runnerKey(request.model));
    const loaded = place.loaded;
    if (loaded && place.waiting.size === 0 && serves(loaded, want)) return this.#grant(loaded, request, want.numCtx, 0);
    if (this.waiting >= this.#config.maxQueue) {
      this.#forgetIfEmpty(place);
      this.counts.refused++;
      throw new Busy();
    }
    const lease = place.waiting.add(request, want);
    this.#settle();
    return await lease;
  }

  loaded(): LoadedModel[] {
    const models: LoadedModel[] = [];
    for (const { loaded, loading } of this.#places.values()) {
      if (loaded && loaded.busy !== "closing") models.push(loaded.describe());
      else if (loading) models.push(describeLoading(loading, this.#config.keepAliveMs));
    }
    return models.sort((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime());
  }

  async unload(model: Model): Promise<boolean> {
    const place = this.#places.get(runnerKey(model));
    if (!place) return false;
    // A load under way ends first: its requests were here before this one.
    while (place.loading) await new Promise((resolve) => setTimeout(resolve, 20));
    const { loaded } = place;
    if (!loaded) return false;
    loaded.draining = true;
    this.#settle();
    await loaded.runner.died;
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const runners: Promise<void>[] = [this.#spare.close()];
    for (const place of this.#places.values()) {
      clearTimeout(place.retry);
      place.waiting.rejectAll(new Failed("the server is shutting down"));
      place.loading?.abort.abort();
      place.loaded?.stopTimer();
      if (place.loaded) runners.push(place.loaded.runner.close());
    }
    await Promise.all([...runners, ...this.#loads]);
  }

  #place(key: string): Place {
    const known = this.#places.get(key);
    if (known) return known;
    const place: Place = {
      key,
      waiting: new WaitingList(() => this.#settle()),
      loaded: undefined,
      loading: undefined,
      retry: undefined,
    };
    this.#places.set(key, place);
    return place;
  }

  /** Moves every place on, those whose first request has waited longest first. Called again while it runs, it runs once more. */
  #settle(): void {
    if (this.#settling) {
      this.#again = true;
      return;
    }
    this.#settling = true;
    do {
      this.#again = false;
      if (this.#closed) break;
      const places = [...this.#places.values()];
      places.sort((a, b) => Number((a.waiting.first?.since ?? 0n) - (b.waiting.first?.since ?? 0n)));
      for (const place of places) {
        try {
          this.#advance(place);
        } catch (error) {
          place.waiting.rejectAll(error);
        }
        this.#forgetIfEmpty(place);
      }
    } while (this.#again);
    this.#settling = false;
  }

  #advance(place: Place): void {
    const { loaded, waiting } = place;
    if (place.loading || loaded?.busy) return;
    if (!loaded) {
      if (waiting.first) this.#startLoad(place, waiting.first);
      return;
    }
    if (loaded.draining) {
      if (loaded.idle) this.#close(loaded);
      return;
    }
    for (let first = waiting.first; first && serves(loaded, first); first = waiting.first) {
      waiting.shift();
      first.resolve(this.#grant(loaded, first.request, first.numCtx, Number(process.hrtime.bigint() - first.since)));
    }
    const first = waiting.first;
    if (first && loaded.idle) {
      if (first.structure === loaded.structure) void this.#resize(place, loaded, first);
      else this.#close(loaded);
    } else if (!first && loaded.idle && loaded.keepAliveMs <= 0) {
      this.#close(loaded);
    }
  }

  #grant(loaded: Loaded, { keepAliveMs }: AcquireRequest, numCtx: number, loadDurationNs: number): Lease {
    loaded.active++;
    loaded.stopTimer();
    if (keepAliveMs !== undefined) loaded.keepAliveMs = keepAliveMs;
    return new RunnerLease(loaded, {
      contextLength: Math.min(numCtx, loaded.shape.cells),
      loadDurationNs,
      counts: this.counts.of(displayName(loaded.model.name)),
      release: () => {
        loaded.active--;
        loaded.lastUsed = Date.now();
        if (loaded.active === 0) this.#rest(loaded);
        this.#settle();
      },
    });
  }

  /** Nobody holds it: the keep-alive time begins. */
  #rest(loaded: Loaded): void {
    if (loaded.answered) this.#deaths.forget(runnerKey(loaded.model));
    loaded.startTimer(() => {
      loaded.draining = loaded.active === 0;
      // Not within this call: the caller may be about to hand the model to the next request.
      setImmediate(() => this.#settle());
    });
  }

  #startLoad(place: Place, first: Waiter): void {
    const delayMs = this.#deaths.delay(place.key);
    if (delayMs > 0) {
      place.retry ??= setTimeout(() => {
        place.retry = undefined;
        this.#settle();
      }, delayMs);
      return;
    }
    const { model } = first.request;
    // The largest context that those who wait for this same form of the model want: one load instead of a load and a resize.
    const wanted = place.waiting.all.filter(({ structure }) => structure === first.structure);
    const numCtx = Math.max(...wanted.map((waiter) => waiter.numCtx));
    const others = [...this.#places.values()].filter((other) => other !== place && (other.loaded || other.loading));
    const plan = this.#plan({
      model,
      numCtx,
      numCtxIsAutomatic: wanted.every(({ request }) => request.options.numCtxIsAutomatic),
      config: this.#config,
      promisedBytes: others.reduce((sum, other) => sum + (other.loading?.needBytes ?? 0), 0),
    });
    const tooMany = others.length >= this.#config.maxLoadedModels;
    if (tooMany || plan.shortBytes > 0) {
      if (this.#makesRoom(others, tooMany ? 0 : plan.shortBytes)) return;
      if (!tooMany) throw new Failed(plan.problem);
      return;
    }
    const load = this.#load(place, first, plan).finally(() => this.#loads.delete(load));
    this.#loads.add(load);
  }

  /** False when neither evicting nor waiting would help. */
  #makesRoom(others: Place[], shortBytes: number): boolean {
    const next = whatGoes(others, shortBytes);
    if (typeof next === "string") return next === "wait";
    this.counts.evictions++;
    log.info("making room", { unloading: next.model.modelPath, idleMs: Date.now() - next.lastUsed });
    this.#close(next);
    return true;
  }

  async #load(place: Place, { request }: Waiter, plan: MemoryPlan): Promise<void> {
    const abort = new AbortController();
    place.loading = { model: request.model, needBytes: plan.needBytes, contextLength: plan.numCtx, abort };
    try {
      const { signal } = abort;
      const loaded = await loadModel(request, { plan, config: this.#config, spare: this.#spare, signal });
      place.loaded = loaded;
      this.counts.loads++;
      this.counts.loadSeconds.observe(loaded.runner.info.loadMs / 1000);
      void loaded.runner.died.then((error) => this.#onDeath(place, loaded, error));
      if (place.waiting.size === 0) this.#rest(loaded);
    } catch (error) {
      if (error instanceof ChildDied) this.#deaths.record(place.key, error.message, false);
      this.counts.failedLoads++;
      log.error("load failed", { model: request.model.modelPath, error: messageOf(error) });
      place.waiting.rejectAll(error);
    } finally {
      place.loading = undefined;
      this.#settle();
      this.#spare.prepare();
    }
  }

  async #resize(place: Place, loaded: Loaded, first: Waiter): Promise<void> {
    loaded.busy = "resizing";
    loaded.stopTimer();
    try {
      const { model } = first.request;
      const plan = this.#plan({
        model,
        numCtx: first.numCtx,
        numCtxIsAutomatic: false,
        config: this.#config,
        promisedBytes: 0,
        loadedBytes: loaded.sizeBytes,
      });
      if (plan.shortBytes > 0) throw new Failed(plan.problem);
      const shape = shapeFor({ model, ...plan, numBatch: loaded.shape.batch, numParallel: loaded.shape.sequences });
      await loaded.runner.resize(shape);
      loaded.contextLength = first.numCtx;
    } catch (error) {
      if (place.waiting.first === first) place.waiting.shift()?.reject(error);
    } finally {
      loaded.busy = undefined;
      if (place.waiting.size === 0) this.#rest(loaded);
      this.#settle();
    }
  }

  #close(loaded: Loaded): void {
    loaded.busy = "closing";
    loaded.stopTimer();
    void loaded.runner.close();
  }

  /** The runner is gone, by our will or by its own. */
  #onDeath(place: Place, loaded: Loaded, error: Failed): void {
    loaded.stopTimer();
    if (place.loaded === loaded) place.loaded = undefined;
    if (loaded.busy !== "closing" && !this.#closed) {
      this.counts.deaths++;
      this.#deaths.record(place.key, error.message, loaded.answered);
    }
    this.#settle();
  }

  #forgetIfEmpty(place: Place): void {
    if (!place.loaded && !place.loading && place.waiting.size === 0) {
      clearTimeout(place.retry);
      this.#places.delete(place.key);
    }
  }
}
