/** An object in another thread, whose methods are called as if it were here; each gives a promise. One call ends before the next begins. */
import type { MessagePort, Worker } from "node:worker_threads";
import { Failed, messageOf, PunaError } from "../../errors.ts";
import { explained } from "../../store/db.ts";

export type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

interface Call {
  id: number;
  method: string;
  args: unknown[];
}

type Reply = { id: number } & ({ value: unknown } | { fault: { status: number; message: string; code: string | undefined } });

/** The caller's side. Errors come back with their status; when the thread ends, every open call fails. */
export function remote<T extends object>(worker: Worker): Remote<T> {
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of open.values()) reject(ended);
    open.clear();
  };
  worker.on("message", (reply: Reply) => {
    const call = open.get(reply.id);
    open.delete(reply.id);
    if (open.size === 0) worker.unref();
    if ("value" in reply) call?.resolve(reply.value);
    else call?.reject(new PunaError(reply.fault.status, reply.fault.message, { code: reply.fault.code }));
  });
  worker.on("error", (error) => end(new Failed(`the thread of the knowledge bases ended: ${error.message}`, { cause: error })));
  worker.on("exit", () => end(new Failed("the thread of the knowledge bases ended")));
  worker.unref();
  const call = (method: string, args: unknown[]) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      const id = ++last;
      open.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, method, args } satisfies Call);
    });
  return methods((method, args) => call(method, args));
}

/** Calls one after another, of several objects that share it. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  take<R>(work: () => Promise<R>): Promise<R> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** The same face for an object of this thread, made at the first call. */
export function local<T extends object>(make: () => Promise<T>, turn: Turn): Remote<T> {
  let made: Promise<T> | undefined;
  return methods((method, args) =>
    turn.take(async () => {
      made ??= make();
      return await invoke(await made, method, args);
    }),
  );
}

/** The other thread's side. */
export function host(object: object, port: MessagePort): void {
  const turn = new Turn();
  port.on("message", ({ id, method, args }: Call) => {
    void turn.take(async () => {
      let reply: Reply;
      try {
        reply = { id, value: await invoke(object, method, args) };
      } catch (error) {
        const known = error instanceof PunaError ? error : undefined;
        reply = { id, fault: { status: known?.status ?? 500, message: messageOf(error), code: known?.code } };
      }
      port.postMessage(reply);
    });
  });
}

async function invoke(object: object, method: string, args: unknown[]): Promise<unknown> {
  try {
    return await (object as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
  } catch (error) {
    throw explained(error);
  }
}

function methods<T extends object>(call: (method: string, args: unknown[]) => Promise<unknown>): Remote<T> {
  return new Proxy({} as Remote<T>, {
    // A promise that resolves to it must not take it for another promise.
    get: (_, method) =>
      typeof method === "string" && method !== "then" ? (...args: unknown[]) => call(method, args) : undefined,
  });
}
