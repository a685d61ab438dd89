/** Requests over direct connections, which are kept for a moment: the next range of the same blob is asked for at once. */
import { validateHeaderValue } from "node:http";
import type { LookupFunction } from "node:net";
import { Canceled } from "../errors.ts";
import { DirectConnection } from "./direct.ts";
import { Stalled, Unreachable } from "./unreachable.ts";

/** Paused, a connection does not hear that the other side has closed it. */
const KEPT_MS = 2000;

export interface DirectGet {
  /** Of plain HTTP. */
  url: URL;
  headers: Record<string, string>;
  /** Bytes of a block of the body. */
  blockBytes: number;
  lookup?: LookupFunction;
  signal: AbortSignal;
}

export interface DirectReply {
  status: number;
  headers: Record<string, string>;
  /** Each block is good until the next is asked for. To be read, or discarded. */
  blocks: AsyncGenerator<Buffer>;
  discard: () => void;
}

interface Kept {
  connection: DirectConnection;
  timer: NodeJS.Timeout;
}

export class DirectGets {
  readonly #stallMs: number;
  readonly #kept = new Map<string, Kept[]>();

  constructor(stallMs: number) {
    this.#stallMs = stallMs;
  }

  /** Undefined when the answer is none of known length. Throws Canceled, Stalled or Unreachable. */
  async get(request: DirectGet): Promise<DirectReply | undefined> {
    const { url, lookup, blockBytes, signal } = request;
    const text = textOf(request);
    const key = `${url.host} ${blockBytes} ${lookup === undefined}`;
    const address = { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 80), blockBytes };
    for (;;) {
      if (signal.aborted) throw new Canceled();
      const kept = this.#takeKept(key);
      const connection = kept ?? new DirectConnection({ ...address, ...(lookup && { lookup }) });
      const leave = () => connection.destroy();
      signal.addEventListener("abort", leave, { once: true });
      const discard = () => {
        signal.removeEventListener("abort", leave);
        connection.destroy();
      };
      try {
        const head = await connection.ask(text, this.#silence(url));
        if (!head) {
          discard();
          return undefined;
        }
        const keep = () => {
          signal.removeEventListener("abort", leave);
          if (head.headers.connection?.toLowerCase() === "close") connection.destroy();
          else this.#keep(key, connection);
        };
        return { ...head, discard, blocks: this.#blocks(connection, { url, signal, keep, discard }) };
      } catch (error) {
        discard();
        if (signal.aborted) throw new Canceled(undefined, { cause: error });
        if (error instanceof Stalled) throw error;
        // One that was kept may have been closed meanwhile.
        if (!kept) throw new Unreachable(url, error);
      }
    }
  }

  close(): void {
    for (const { connection, timer } of [...this.#kept.values()].flat()) {
      clearTimeout(timer);
      connection.destroy();
    }
    this.#kept.clear();
  }

  async *#blocks(
    connection: DirectConnection,
    { url, signal, keep, discard }: { url: URL; signal: AbortSignal; keep: () => void; discard: () => void },
  ): AsyncGenerator<Buffer> {
    let isRead = false;
    try {
      const silence = this.#silence(url);
      for (let block = await connection.next(silence); block; block = await connection.next(silence)) yield block;
      isRead = true;
      keep();
    } catch (error) {
      if (signal.aborted) throw new Canceled(undefined, { cause: error });
      throw error instanceof Stalled ? error : new Unreachable(url, error, `${url.host} broke off`);
    } finally {
      if (!isRead) discard();
    }
  }

  #silence({ host }: URL) {
    return { stallMs: this.#stallMs, stalled: () => new Stalled(host, this.#stallMs) };
  }

  #keep(key: string, connection: DirectConnection): void {
    const one: Kept = { connection, timer: setTimeout(() => this.#forget(key, one), KEPT_MS).unref() };
    this.#kept.set(key, [...(this.#kept.get(key) ?? []), one]);
  }

  #forget(key: string, one: Kept): void {
    one.connection.destroy();
    this.#kept.set(
      key,
      (this.#kept.get(key) ?? []).filter((other) => other !== one),
    );
  }

  #takeKept(key: string): DirectConnection | undefined {
    const kept = this.#kept.get(key)?.pop();
    clearTimeout(kept?.timer);
    return kept?.connection;
  }
}

function textOf({ url, headers }: DirectGet): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    validateHeaderValue(name, value);
    return `${name}: ${value}\r\n`;
  });
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}connection: keep-alive\r\n\r\n`;
}
