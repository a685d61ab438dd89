/** One loaded model, as the parent sees it: requests by number to a child, answers back to whoever asked. */
import type {
  ContextShape,
  EmbedRequest,
  FromRunner,
  GenerateRequest,
  LoadMessage,
  RerankRequest,
  RunnerInfo,
  RunnerStats,
  SequenceEvent,
  ToRunner,
} from "../engine/protocol.ts";
import { Canceled, Failed, PunaError } from "../errors.ts";
import { logger } from "../log.ts";
import type { Child } from "./child.ts";
import { EventQueue } from "./events.ts";

const log = logger("runner");

type Reply = Exclude<FromRunner, { type: "progress" | "ready" | "step" | "failed" }>;

interface Pending {
  reply(message: Reply): void;
  event(event: SequenceEvent): void;
  fail(error: Error): void;
}

type WithoutId<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** A child process with a model in it. */
export class Runner {
  /** Rejects never; resolves with the error that its requests got, once the child is gone. */
  readonly died: Promise<Failed>;
  #child: Child;
  #info: RunnerInfo;
  #nextId = 1;
  #pending = new Map<number, Pending>();
  #closing = false;
  /** What the child said last about itself, as opposed to one request. */
  #complaint = "";

  private constructor(child: Child, info: RunnerInfo) {
    this.#child = child;
    this.#info = info;
    child.onMessage((message) => this.#receive(message));
    this.died = child.exited.then((reason) => this.#bury(reason));
  }

  /**
   * Loads a model into a child. Rejects with what the child said, with Failed when it died or stayed silent for
   * `stallMs`, and with Canceled when the signal fires; in each case the child is gone.
   */
  static async load(
    child: Child,
    message: LoadMessage,
    { stallMs, signal, onProgress }: { stallMs: number; signal?: AbortSignal; onProgress?: (fraction: number) => void },
  ): Promise<Runner> {
    let stalled: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    try {
      const info = await new Promise<RunnerInfo>((resolve, reject) => {
        onAbort = () => reject(new Canceled());
        if (signal?.aborted) onAbort();
        signal?.addEventListener("abort", onAbort);
        child.onMessage((answer) => {
          if (answer.type === "ready") resolve(answer.info);
          else if (answer.type === "failed") reject(new PunaError(answer.status, answer.message, codeOf(answer)));
          else if (answer.type === "progress") onProgress?.(answer.fraction);
        });
        void child.exited.then((reason) =>
          reject(new ChildDied(`model runner stopped while loading the model (${reason})${tail(child)}`)),
        );
        const started = Date.now();
        const watch = () => {
          const silentMs = Date.now() - Math.max(child.lastActivity, started);
          if (silentMs >= stallMs) reject(new Failed(`timed out waiting for the model runner to start${tail(child)}`));
          else stalled = setTimeout(watch, Math.min(stallMs - silentMs, 60_000)).unref();
        };
        watch();
        child.send(message);
      });
      return new Runner(child, info);
    } catch (error) {
      child.kill();
      await child.exited;
      throw error;
    } finally {
      clearTimeout(stalled);
      if (onAbort) signal?.removeEventListener("abort", onAbort);
    }
  }

  get info(): RunnerInfo {
    return this.#info;
  }

  get alive(): boolean {
    return this.#child.alive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** A new size for the KV cache. Only while no sequence is active. */
  async resize(shape: ContextShape): Promise<RunnerInfo> {
    const reply = await this.#ask({ type: "resize", shape });
    if (reply.type !== "resized") throw unexpected(reply);
    this.#info = reply.info;
    return reply.info;
  }

  async tokenize(text: string, addSpecial: boolean, parseSpecial: boolean): Promise<number[]> {
    const reply = await this.#ask({ type: "tokenize", text, addSpecial, parseSpecial });
    if (reply.type !== "tokens") throw unexpected(reply);
    return reply.tokens;
  }

  async detokenize(tokens: number[], special: boolean): Promise<string> {
    const reply = await this.#ask({ type: "detokenize", tokens, special });
    if (reply.type !== "text") throw unexpected(reply);
    return reply.text;
  }

  /** Raw vectors, one per input. */
  async embed(request: EmbedRequest, signal: AbortSignal): Promise<Float32Array[]> {
    const reply = await this.#ask({ type: "embed", ...request }, signal);
    if (reply.type !== "vectors") throw unexpected(reply);
    return reply.vectors.map(toVector);
  }

  async rerank(request: RerankRequest, signal: AbortSignal): Promise<number[]> {
    const reply = await this.#ask({ type: "rerank", ...request }, signal);
    if (reply.type !== "scores") throw unexpected(reply);
    return reply.scores;
  }

  async stats(): Promise<RunnerStats> {
    const reply = await this.#ask({ type: "stats" });
    if (reply.type !== "stats") throw unexpected(reply);
    return reply.stats;
  }

  /** Events up to the one that carries `finish`. After an abort, or when the reader leaves early, the child stops within one step. */
  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<SequenceEvent, void, undefined> {
    if (signal.aborted) throw new Canceled();
    const id = this.#nextId++;
    const events = new EventQueue();
    const cancel = () => this.#child.send({ type: "cancel", id });
    let finished = false;
    this.#add(id, {
      reply: (reply) => events.fail(unexpected(reply)),
      event: (event) => {
        if (event.finish) {
          finished = true;
          this.#pending.delete(id);
        }
        events.push(event);
      },
      fail: (error) => {
        finished = true;
        events.fail(error);
      },
    });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      this.#child.send({ type: "generate", id, ...request });
      yield* events;
    } finally {
      signal.removeEventListener("abort", cancel);
      if (!finished) cancel();
    }
  }

  /** Ends the child. Requests that are still open fail. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#child.close();
    await this.died;
  }

  async #ask(message: WithoutId<ToRunner>, signal?: AbortSignal): Promise<Reply> {
    const id = this.#nextId++;
    const cancel = () => {
      this.#child.send({ type: "cancel", id });
      this.#pending.get(id)?.fail(new Canceled());
      this.#pending.delete(id);
    };
    try {
      return await new Promise<Reply>((resolve, reject) => {
        this.#add(id, { reply: resolve, event: () => {}, fail: reject });
        if (signal?.aborted) return cancel();
        signal?.addEventListener("abort", cancel, { once: true });
        this.#child.send({ ...message, id });
      });
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  #add(id: number, pending: Pending): void {
    if (this.#child.alive) this.#pending.set(id, pending);
    else void this.died.then((error) => pending.fail(error));
  }

  #receive(message: FromRunner): void {
    if (message.type === "step") {
      for (const event of message.events) this.#pending.get(event.id)?.event(event);
    } else if (message.type === "failed") {
      if (message.id === undefined) this.#complaint = `: ${message.message}`;
      else this.#settle(message.id)?.fail(new PunaError(message.status, message.message, codeOf(message)));
    } else if (message.type !== "progress" && message.type !== "ready") {
      this.#settle(message.id)?.reply(message);
    }
  }

  /** Taken out of the list: each request gets one answer. */
  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #bury(reason: string): Failed {
    const error = new ChildDied(
      `model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, check the server's log for details: ${reason}${this.#complaint || tail(this.#child)}`,
    );
    if (!this.#closing)
      log.error("a runner died", { pid: this.#child.pid, reason, requests: this.#pending.size, said: this.#child.lastWords });
    for (const pending of this.#pending.values()) pending.fail(error);
    this.#pending.clear();
    return error;
  }
}

/** The process is gone, as opposed to: it said no. */
export class ChildDied extends Failed {}

function codeOf({ code }: { code?: string }): { code?: string } {
  return code === undefined ? {} : { code };
}

function tail(child: Child): string {
  return child.lastWords === "" ? "" : `: ${child.lastWords}`;
}

function unexpected(reply: Reply): Failed {
  return new Failed(`the model runner answered "${reply.type}" to another question`);
}

function toVector(base64: string): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  const vector = new Float32Array(bytes.length >> 2);
  for (let i = 0; i < vector.length; i++) vector[i] = bytes.readFloatLE(i * 4);
  return vector;
}
