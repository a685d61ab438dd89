/** A bounded window that walks forward over a file: reads in chunks, never past the end, never more than a budget. */
import type { FileHandle } from "node:fs/promises";

const CHUNK = 1 << 20;

/**
 * Callers ask `if (cursor.left < n) await cursor.fill(n)` and then take n bytes synchronously, so that walking
 * a vocabulary costs one await per megabyte and not one per token.
 */
export class Cursor {
  readonly #file: FileHandle;
  readonly #fileSize: number;
  readonly #budget: number;
  readonly #fault: (problem: string) => Error;
  #bytes = Buffer.alloc(0);
  #at = 0;
  /** File position of the window's first byte. */
  #base = 0;
  #read = 0;

  /** `budget`: most bytes read in all. `fault` makes the error that is thrown. */
  constructor(file: FileHandle, fileSize: number, budget: number, fault: (problem: string) => Error) {
    this.#file = file;
    this.#fileSize = fileSize;
    this.#budget = budget;
    this.#fault = fault;
  }

  /** Position in the file. */
  get position(): number {
    return this.#base + this.#at;
  }

  /** Bytes that can be taken without `fill`. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Bytes between here and the end of the file. */
  get remaining(): number {
    return this.#fileSize - this.position;
  }

  /** Makes at least `need` bytes available. */
  async fill(need: number): Promise<void> {
    if (need > this.remaining) {
      throw this.#fault(`truncated: needs ${need} bytes at ${this.position}, the file ends at ${this.#fileSize}`);
    }
    const rest = this.#bytes.subarray(this.#at);
    const size = Math.min(this.remaining, Math.max(need, CHUNK));
    this.#read += size - rest.length;
    if (this.#read > this.#budget) throw this.#fault(`its header is longer than ${this.#budget} bytes`);
    const next = Buffer.allocUnsafe(size);
    rest.copy(next);
    let filled = rest.length;
    while (filled < size) {
      const { bytesRead } = await this.#file.read(next, filled, size - filled, this.position + filled);
      if (bytesRead === 0) throw this.#fault(`truncated: it became shorter while being read`);
      filled += bytesRead;
    }
    this.#base = this.position;
    this.#bytes = next;
    this.#at = 0;
  }

  /** Moves on by `size` bytes, without reading those outside the window. */
  skip(size: number): void {
    if (size > this.remaining) {
      throw this.#fault(`truncated: needs ${size} bytes at ${this.position}, the file ends at ${this.#fileSize}`);
    }
    if (size <= this.left) {
      this.#at += size;
      return;
    }
    this.#base = this.position + size;
    this.#bytes = Buffer.alloc(0);
    this.#at = 0;
  }

  /** The next `size` bytes, shared with the window. */
  take(size: number): Buffer {
    const from = this.#at;
    this.#at += size;
    return this.#bytes.subarray(from, this.#at);
  }

  u32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  /** An unsigned 64-bit count: exact below 2^53, and above that still absurdly large. */
  count(): number {
    this.#at += 8;
    return this.#bytes.readUInt32LE(this.#at - 4) * 0x1_0000_0000 + this.#bytes.readUInt32LE(this.#at - 8);
  }
}
