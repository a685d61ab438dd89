/**
 * Models that were opened lately, for as long as their files are those that were read. A busy server opens the same model with every
 * request: some thirty operations of the file system, each of which waits for a thread on cores that the kernels want.
 */
import { statSync } from "node:fs";
import type { Model } from "./types.ts";

const MOST = 32;

/** What tells that a file is another than it was. */
export interface Stamp {
  file: string;
  size: number;
  mtimeMs: number;
  inode: number;
}

export class OpenedModels {
  readonly #opened = new Map<string, { model: Model; stamps: readonly Stamp[] }>();

  /** Undefined when it was not opened lately, or one of its files has changed since. `key` is the path of its manifest. */
  get(key: string): Model | undefined {
    const found = this.#opened.get(key);
    if (!found) return undefined;
    if (found.stamps.every(isSame)) return found.model;
    this.#opened.delete(key);
    return undefined;
  }

  /** The manifest's stamp was taken before it was read. */
  keep(key: string, model: Model, stamps: readonly Stamp[]): void {
    this.#opened.delete(key);
    this.#opened.set(key, { model, stamps });
    if (this.#opened.size > MOST) this.#opened.delete(this.#opened.keys().next().value ?? "");
  }
}

/** Undefined for what is not there. */
export function stampOf(file: string): Stamp | undefined {
  // Not asynchronously: the answer is in the kernel's memory, and takes less than a change of threads.
  const found = statSync(file, { throwIfNoEntry: false });
  return found && { file, size: found.size, mtimeMs: found.mtimeMs, inode: found.ino };
}

function isSame({ file, size, mtimeMs, inode }: Stamp): boolean {
  const now = stampOf(file);
  return now !== undefined && now.size === size && now.mtimeMs === mtimeMs && now.inode === inode;
}
