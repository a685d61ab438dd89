/** The loop of one model: requests join and leave at any step, and every step is one decode for all of them. */
import { messageOf, PunaError } from "../errors.ts";
import { Batch, type Context, type Model } from "../llama/index.ts";
import { checkPrompt, findLeader, hasRoom, mustWait } from "./admission.ts";
import { answerToken } from "./answer.ts";
import type { Control } from "./control.ts";
import { Generation } from "./generation.ts";
import { KvCache, LEAST_PREFIX } from "./kv-cache.ts";
import type { PrefixStore } from "./prefix-store.ts";
import type { Finish, GenerateRequest, SequenceEvent } from "./protocol.ts";
import { SCORED_TOKENS, scorePrompt } from "./score.ts";
import { composeStep, PrefillRate, type Share } from "./step.ts";
import { StepTimes } from "./step-times.ts";
import { planShift } from "./window-shift.ts";

/** Prefill between others' tokens may take this long: they then come at least five times a second. */
const BUDGET_MS = 150;
/** A chunk of 16 runs at two thirds of full prefill speed; smaller ones waste more. */
const LEAST_CHUNK = 16;

export interface LoopOptions {
  model: Model;
  context: Context;
  /** Requests that may be active at once. */
  sequences: number;
  /** Native sequences of the context. */
  slots: number;
  store: PrefixStore;
  control: Control;
  /** Memory that cannot be cut. */
  whole: boolean;
}

export class Loop {
  readonly #model: Model;
  readonly #store: PrefixStore;
  readonly #control: Control;
  readonly #whole: boolean;
  readonly #canShift: boolean;
  readonly #addBos: boolean;
  #context: Context;
  #cache: KvCache;
  #batch: Batch;
  #sequences: number;
  #queue: Generation[] = [];
  readonly #active = new Set<Generation>();
  #events: SequenceEvent[] = [];
  #promptsTurn = false;
  readonly #rate = new PrefillRate();
  readonly times = new StepTimes();

  constructor(options: LoopOptions) {
    this.#model = options.model;
    this.#store = options.store;
    this.#control = options.control;
    this.#whole = options.whole;
    this.#context = options.context;
    this.#sequences = options.sequences;
    this.#canShift = options.context.memory.canShift && !options.whole;
    this.#addBos = options.model.addBos;
    this.#batch = new Batch(options.context.nUbatch);
    this.#cache = this.#newCache(options.context, options.slots);
  }

  get canShift(): boolean {
    return this.#canShift;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  get waitingCount(): number {
    return this.#queue.length;
  }

  get cache(): KvCache {
    return this.#cache;
  }

  /** How long the next step will take, in milliseconds, when it is like the last one; Infinity when it will hold prompts, or nothing. */
  get nextMs(): number {
    const joins = this.#queue.length > 0 && this.#active.size < this.#sequences;
    if (this.#active.size === 0 || joins) return Number.POSITIVE_INFINITY;
    for (const generation of this.#active) if (generation.prefilling) return Number.POSITIVE_INFINITY;
    return this.times.last;
  }

  /** Throws `Invalid` when the request cannot be served as it stands. */
  add(id: number, request: GenerateRequest): void {
    const contextLimit = Math.min(request.contextLimit, this.#cache.cells);
    checkPrompt(request.prompt, { contextLimit, vocabularySize: this.#model.vocabularySize });
    this.#queue.push(new Generation(id, { ...request, contextLimit }, this.#model));
  }

  /** Ends a request; its sequence is free when this returns. Unknown ids are requests that ended meanwhile. */
  cancel(id: number): void {
    const generation = [...this.#active, ...this.#queue].find((one) => one.id === id);
    if (generation) this.#finish(generation, "cancel");
  }

  /** Fails every request. */
  failAll(message: string): void {
    for (const generation of [...this.#active, ...this.#queue]) this.#finish(generation, "error", { message });
  }

  /** What happened since the last call. */
  takeEvents(): SequenceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** One step. False when there is nothing to do. */
  step(): boolean {
    this.#admit();
    const shares = this.#compose();
    if (shares.length === 0) return this.#queue.length > 0 && this.#active.size === 0 && this.#failStuck();
    this.#promptsTurn = !shares.some(({ work }) => work.prefilling);
    const started = performance.now();
    const scoring = shares.some(({ work }) => work.scored);
    const tokens = this.#fill(shares);
    this.#control.enterStep(shares.some((share) => share.work.prefilling));
    try {
      const result = this.#context.decode(this.#batch);
      if (result !== 0) return result === 1 ? this.#makeRoom(shares) : this.#undo(shares);
    } catch (error) {
      return this.#failStep(shares, messageOf(error));
    }
    this.#take(shares);
    const ms = performance.now() - started;
    this.times.record(ms);
    if (shares.some(({ count }) => count > 1) && !scoring) this.#rate.observe(tokens, ms);
    return true;
  }

  /** For idle moments. False when there is nothing left to put in order. */
  tidy(): boolean {
    return this.#active.size === 0 && this.#queue.length === 0 && this.#cache.tidy();
  }

  /** Moves to a context of another size. Every request goes on there, and kept prefixes go with it through RAM. */
  resize(create: () => { context: Context; sequences: number; slots: number }): void {
    for (const generation of [...this.#active].reverse()) this.#putAside(generation);
    // To RAM, as far as its budget goes; the rest is computed again.
    while (this.#cache.evictOne());
    this.#batch.close();
    const { context, sequences, slots } = create();
    this.#context = context;
    this.#sequences = sequences;
    this.#batch = new Batch(context.nUbatch);
    this.#cache = this.#newCache(context, slots);
  }

  close(): void {
    this.#batch.close();
  }

  #newCache(context: Context, slots: number): KvCache {
    return new KvCache({ context, slots, store: this.#store, whole: this.#whole });
  }

  /** Starts waiting requests as far as there is room, first come first served. */
  #admit(): void {
    for (const generation of this.#queue) {
      if (this.#active.size >= this.#sequences) return;
      if (mustWait(generation, this.#active)) continue;
      const { length, sharedWithLive } = this.#cache.match(generation.reusable, this.#active);
      // Memory that cannot be cut cannot be shared at a place of our choice.
      generation.waitsFor = this.#whole || generation.scored ? undefined : findLeader(generation, this.#active, length);
      if (generation.waitsFor) continue;
      if (!hasRoom(generation, this.#active, sharedWithLive, this.#cache)) return;
      const { slot, cached } = this.#cache.open(generation.reusable, this.#active);
      this.#queue = this.#queue.filter((one) => one !== generation);
      this.#active.add(generation);
      generation.start(slot, cached);
      if (generation.pending >= LEAST_PREFIX) this.#cache.lighten();
    }
  }

  #compose(): Share<Generation>[] {
    const shares = composeStep(this.#active, {
      tokens: this.#batch.capacity,
      budgetMs: BUDGET_MS,
      prefillRate: this.#rate.value,
      leastChunk: LEAST_CHUNK,
      promptsTurn: this.#promptsTurn,
      outputs: this.#sequences + SCORED_TOKENS,
    });
    const needed = shares.reduce((sum, share) => sum + share.count, 0);
    if (this.#cache.reserve(needed) || this.#active.size <= 1) return shares;
    this.#putAside();
    return this.#compose();
  }

  #fill(shares: readonly Share<Generation>[]): number {
    this.#batch.clear();
    for (const { work, count } of shares) {
      const end = work.evaluated + count;
      for (let at = work.evaluated; at < end; at++) {
        this.#batch.add(work.tokens[at] ?? 0, at, work.slot ?? 0, work.wantsLogits(at));
      }
    }
    return this.#batch.n;
  }

  /** The decode is done: count its tokens, then sample where a sequence's last token was in it. */
  #take(shares: readonly Share<Generation>[]): void {
    let row = 0;
    const rows: { generation: Generation; row: number }[] = [];
    for (const { work, count } of shares) {
      const first = { row, from: work.evaluated };
      row += count;
      work.evaluated += count;
      this.#cache.grew(work.slot ?? 0, count);
      if (work.scored) this.#answerFor(work, () => this.#events.push(scorePrompt(this.#model, this.#context, work, first)));
      if (work.pending === 0 && this.#active.has(work)) rows.push({ generation: work, row: row - 1 });
    }
    for (const { generation, row } of rows) this.#answerFor(generation, () => this.#sample(generation, row));
  }

  /** What goes wrong with one request ends that one. */
  #answerFor(generation: Generation, work: () => unknown): void {
    try {
      work();
    } catch (error) {
      const status = error instanceof PunaError ? error.status : 500;
      this.#finish(generation, "error", { message: messageOf(error), status });
    }
  }

  #sample(generation: Generation, row: number): void {
    const { event, next } = answerToken(this.#model, this.#context, generation, row);
    if (event) this.#events.push(event);
    if (next === "shift" && generation.request.shift && this.#canShift) this.#shift(generation);
    else if (next !== "go on") this.#finish(generation, next === "shift" ? "length" : next);
  }

  /** Drops the older half of what the window need not keep. */
  #shift(generation: Generation): void {
    const { request, slot } = generation;
    const window = generation.evaluated;
    const plan = planShift({ window, prompt: request.prompt.length, keep: request.keep, bos: this.#addBos });
    if (!plan || slot === undefined) {
      this.#finish(generation, "length");
      return;
    }
    const own = this.#cache.dropRange(slot, plan.from, plan.count);
    generation.dropWindow(plan.from, plan.count);
    if (!own) generation.forgetEvaluated();
  }

  /** The cache had no place although there should have been room: give up kept prefixes, then the youngest request's place. */
  #makeRoom(shares: readonly Share<Generation>[]): boolean {
    if (this.#cache.evictOne()) return true;
    if (this.#active.size > 1) {
      this.#putAside();
      return true;
    }
    return this.#failStep(shares, `the KV cache of ${this.#cache.cells} cells has no room for this request`);
  }

  /** An aborted decode: what it left behind goes, and whoever is still wanted does the same again. */
  #undo(shares: readonly Share<Generation>[]): boolean {
    for (const { work } of shares) {
      if (work.slot === undefined || this.#cache.cutBack(work.slot, work.evaluated)) continue;
      work.forgetEvaluated();
    }
    return true;
  }

  #failStep(shares: readonly Share<Generation>[], message: string): boolean {
    this.#cache.clear();
    for (const generation of this.#active) generation.forgetEvaluated();
    for (const { work } of shares) this.#finish(work, "error", { message });
    return true;
  }

  /** Nothing is active and yet the first in the queue cannot start. */
  #failStuck(): boolean {
    const first = this.#queue[0];
    if (first) this.#finish(first, "error", { message: "the request could not be started" });
    return true;
  }

  #putAside(generation: Generation | undefined = [...this.#active].at(-1)): void {
    if (!generation) return;
    this.#active.delete(generation);
    if (generation.slot !== undefined) this.#cache.release(generation.slot, generation.tokens, generation.usable);
    generation.slot = undefined;
    generation.preempted = true;
    generation.forgetEvaluated();
    this.#queue.unshift(generation);
  }

  #finish(generation: Generation, reason: Finish["reason"], error?: { message: string; status?: number }): void {
    const { text, logprobs } = generation.output.end();
    this.#events.push({
      id: generation.id,
      text: reason === "cancel" ? "" : text,
      count: generation.generated.length,
      ...(logprobs.length > 0 && { logprobs }),
      finish: generation.finish(reason, error),
    });
    this.#active.delete(generation);
    this.#queue = this.#queue.filter((one) => one !== generation);
    if (generation.slot !== undefined) this.#cache.release(generation.slot, generation.tokens, generation.usable);
    generation.slot = undefined;
    generation.close();
  }
}
