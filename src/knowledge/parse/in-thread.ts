/** Reads documents in threads of their own, which are ended when they take too long or too much; the server answers meanwhile. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Canceled } from "../../errors.ts";
import { type ParsedDocument, Unreadable } from "../types.ts";
import type { Source } from "./limits.ts";
import type { Outcome, Task } from "./thread.ts";

/** Documents that are read at the same time. Parsing is a burst; the cores belong to the models. */
const MOST_THREADS = 2;
/** A thread takes a tenth of a second to start: it waits this long for the next document. */
const IDLE_MS = 10_000;
const WATCH_MS = 100;

interface Thread {
  worker: Worker;
  memoryMb: number;
  idleTimer?: NodeJS.Timeout;
}

const idle: Thread[] = [];
const waiting: (() => void)[] = [];
let busy = 0;

/** @throws Unreadable, or Canceled. */
export async function readInThread(bytes: Uint8Array, source: Source, signal?: AbortSignal): Promise<ParsedDocument> {
  if (busy >= MOST_THREADS) await new Promise<void>((resolve) => waiting.push(resolve));
  else busy++;
  try {
    if (signal?.aborted) throw new Canceled();
    return await readWith(take(source.limits.memoryMb), { bytes, source }, signal);
  } finally {
    // The place is handed over, not given back, so that none who comes later is quicker.
    const next = waiting.shift();
    if (next) next();
    else busy--;
  }
}

function readWith(thread: Thread, task: Task, signal: AbortSignal | undefined): Promise<ParsedDocument> {
  const { worker } = thread;
  const { name, limits } = task.source;
  const rssBefore = process.memoryUsage.rss();
  return new Promise((resolve, reject) => {
    const settle = (reusable: boolean) => {
      clearTimeout(clock);
      clearInterval(watch);
      signal?.removeEventListener("abort", onAbort);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      if (reusable) rest(thread);
      else drop(thread);
    };
    const fail = (error: Error) => {
      settle(false);
      reject(error);
    };
    const tooMuch = () =>
      new Unreadable("too-much-memory", `${name} needs more than the ${limits.memoryMb} MB of memory it may have: split it`);
    const tooSlow = () =>
      new Unreadable("too-slow", `${name} took longer than the ${limits.timeMs / 1000} s it may take: split it`);
    const onAbort = () => fail(new Canceled());
    const onExit = () => fail(new Unreadable("damaged", `${name} is damaged: its reader stopped`));
    const onError = (error: Error) => {
      const isMemory = "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
      fail(
        isMemory
          ? tooMuch()
          : new Unreadable("damaged", `${name} is damaged: its reader stopped (${error.message})`, { cause: error }),
      );
    };
    const onMessage = (outcome: Outcome) => {
      settle(true);
      if ("document" in outcome) resolve(outcome.document);
      else reject(new Unreadable(outcome.reason, outcome.message));
    };
    const clock = setTimeout(() => fail(tooSlow()), limits.timeMs);
    // The thread's own limit counts JavaScript's heap, and not the buffers beside it.
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() - rssBefore > limits.memoryMb * 1.5 * (1 << 20)) fail(tooMuch());
    }, WATCH_MS);
    signal?.addEventListener("abort", onAbort, { once: true });
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(task);
  });
}

function take(memoryMb: number): Thread {
  const at = idle.findIndex((thread) => thread.memoryMb === memoryMb);
  const [thread] = at < 0 ? [] : idle.splice(at, 1);
  if (!thread) return start(memoryMb);
  clearTimeout(thread.idleTimer);
  thread.worker.ref();
  return thread;
}

function start(memoryMb: number): Thread {
  const thread: Thread = { worker: new Worker(entry(), { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }), memoryMb };
  // Also while nobody waits for it: an error of a thread must never become the process's.
  thread.worker.on("error", () => drop(thread)).on("exit", () => drop(thread));
  return thread;
}

/** Keeps the thread for the next document, without keeping the process alive. */
function rest(thread: Thread): void {
  thread.worker.unref();
  thread.idleTimer = setTimeout(() => drop(thread), IDLE_MS);
  thread.idleTimer.unref();
  idle.push(thread);
}

function drop(thread: Thread): void {
  const at = idle.indexOf(thread);
  if (at >= 0) idle.splice(at, 1);
  clearTimeout(thread.idleTimer);
  void thread.worker.terminate();
}

/** Compiled, since Node 20 runs no TypeScript; from the sources (in tests) the build's own is taken. */
function entry(): string {
  const relative = import.meta.url.endsWith(".ts") ? "../../../dist/knowledge/parse/thread.js" : "./thread.js";
  return fileURLToPath(new URL(relative, import.meta.url));
}
