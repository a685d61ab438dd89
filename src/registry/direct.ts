/**
 * A connection whose bodies go straight from the system into one block of memory. node:http gives a body in pieces of 64 KiB, each in
 * memory of its own, which costs as much again as the bytes. Plain HTTP only: inside TLS the bytes are copied anyway, and one that
 * is told to pause goes on giving what it has.
 */
import net, { type LookupFunction } from "node:net";
import { bodyBytes, type Head, parseHead } from "./http-head.ts";

const HEAD_END = "\r\n\r\n";
/** A block is given away after so long, full or not. */
const MAX_HELD_MS = 200;

export interface Silence {
  /** How long the other side may say nothing. */
  stallMs: number;
  /** What to throw then. */
  stalled: () => Error;
}

export class DirectConnection {
  readonly #socket: net.Socket;
  readonly #block: Buffer;
  /** Bytes of the block that hold something. */
  #filled = 0;
  /** Bytes of the body that have not come; undefined while a head is awaited. */
  #left: number | undefined;
  #head: Head | undefined;
  /** Bytes of the block that are to be given away. */
  #ready = 0;
  #readyAt = 0;
  #failure: Error | undefined;
  #wake = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor({ host, port, blockBytes, lookup }: { host: string; port: number; blockBytes: number; lookup?: LookupFunction }) {
    this.#block = Buffer.allocUnsafeSlow(blockBytes);
    const onread = { buffer: () => this.#room(), callback: (bytes: number) => this.#take(bytes) };
    this.#socket = net.connect({ host, port, noDelay: true, onread, ...(lookup && { lookup }) });
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("end", () => this.#fail(new Error("the connection ended")));
    this.#socket.on("close", () => this.#fail(new Error("the connection was closed")));
  }

  /** Ends with a failure, now or before. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** Sends a request and gives back the head of the answer; undefined when it is none that can be read here. */
  async ask(request: string, silence: Silence): Promise<Head | undefined> {
    this.#head = undefined;
    this.#left = undefined;
    this.#filled = 0;
    this.#socket.write(request, "latin1");
    await this.#until(() => this.#head !== undefined, silence);
    return this.#left === undefined && this.#ready === 0 ? undefined : this.#head;
  }

  /** The next bytes of the body, to be used before the next call; undefined at its end. What came before a failure comes before it. */
  async next(silence: Silence): Promise<Buffer | undefined> {
    if (this.#ready === 0 && this.#left !== undefined) await this.#until(() => this.#ready > 0, silence);
    const block = this.#block.subarray(0, this.#ready);
    this.#ready = 0;
    return block.length > 0 ? block : undefined;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #until(isThere: () => boolean, { stallMs, stalled }: Silence): Promise<void> {
    this.#readyAt = performance.now();
    this.#timer = setTimeout(() => this.#fail(stalled()), stallMs);
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (!this.#failure) {
      this.#socket.resume();
      await woken;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (isThere()) return;
    // What is left of a body that broke off.
    if (this.#left !== undefined && this.#filled > 0) {
      this.#give();
      return;
    }
    throw this.#failure ?? new Error("the connection ended");
  }

  /** Where the next bytes go. */
  #room(): Buffer {
    const end = this.#left === undefined ? this.#block.length : this.#filled + this.#left;
    return this.#block.subarray(this.#filled, Math.min(this.#block.length, end));
  }

  /** False stops the reading until somebody waits again. */
  #take(bytes: number): boolean {
    this.#timer?.refresh();
    this.#filled += bytes;
    if (this.#left === undefined) return this.#takeHead();
    this.#left -= bytes;
    const isDue = this.#filled === this.#block.length || performance.now() - this.#readyAt >= MAX_HELD_MS;
    if (!isDue && this.#left > 0) return true;
    this.#give();
    return this.#stop();
  }

  #takeHead(): boolean {
    const end = this.#block.subarray(0, this.#filled).indexOf(HEAD_END);
    if (end < 0) {
      if (this.#filled < this.#block.length) return true;
      this.#filled = 0;
      this.#fail(new Error("the head of the answer does not end"));
      return false;
    }
    const head = parseHead(this.#block.toString("latin1", 0, end));
    this.#head = head ?? { status: 0, headers: {} };
    this.#block.copyWithin(0, end + HEAD_END.length, this.#filled);
    this.#filled -= end + HEAD_END.length;
    const length = head && bodyBytes(head);
    if (length !== undefined && length > 0 && length >= this.#filled) {
      this.#left = length - this.#filled;
      if (this.#left === 0) this.#give();
    } else this.#filled = 0;
    return this.#stop();
  }

  #give(): void {
    this.#ready = this.#filled;
    this.#filled = 0;
    if (this.#left === 0) this.#left = undefined;
  }

  #stop(): false {
    this.#wake();
    return false;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#wake();
  }
}
