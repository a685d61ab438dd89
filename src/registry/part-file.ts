/** A blob that is being downloaded: its data, and beside it the journal that says which bytes of it are there. */
import { writeSync } from "node:fs";
import { type FileHandle, mkdir, open, rm, statfs } from "node:fs/promises";
import path from "node:path";
import { Failed } from "../errors.ts";
import type { Blobs } from "../models/blobs.ts";
import { partialName } from "../models/partial.ts";
import { type Hasher, openHasher } from "./hasher.ts";
import { Journal, readJournal } from "./journal.ts";
import { type Lock, takeLock } from "./lock.ts";
import type { Range, Ranges } from "./ranges.ts";

const SYNC_EVERY_MS = 5_000;
/** The disk works while the network does: at the end there is less to wait for. */
const SYNC_EVERY_BYTES = 128 << 20;

export interface PartFileOptions {
  /** This thread has nothing else to do: bytes that have just come are written from its core's cache, at half the cost. */
  waitsForDisk?: boolean | undefined;
}

/** Open until `finish`, `discard` or `close`; after `close` a later download goes on where this one stopped. */
export class PartFile {
  readonly size: number;
  readonly #paths: ReturnType<typeof pathsOf>;
  readonly #handle: FileHandle;
  readonly #lock: Lock;
  readonly #journal: Journal;
  readonly #ranges: Ranges;
  readonly #hasher: Hasher;
  readonly #waitsForDisk: boolean;
  readonly #syncer: NodeJS.Timeout;
  #syncing: Promise<void> | undefined;
  #unsynced = 0;

  private constructor(parts: {
    size: number;
    paths: ReturnType<typeof pathsOf>;
    handle: FileHandle;
    lock: Lock;
    journal: Journal;
    ranges: Ranges;
    waitsForDisk: boolean;
  }) {
    this.size = parts.size;
    this.#paths = parts.paths;
    this.#handle = parts.handle;
    this.#lock = parts.lock;
    this.#journal = parts.journal;
    this.#ranges = parts.ranges;
    this.#waitsForDisk = parts.waitsForDisk;
    this.#hasher = openHasher(parts.paths.data, parts.size);
    this.#hasher.advance(parts.ranges.prefix);
    this.#syncer = setInterval(() => this.#checkpoint(), SYNC_EVERY_MS).unref();
  }

  /** Throws Busy when another process has it open, Failed when it will not fit on the disk. */
  static async open(
    blobs: Blobs,
    digest: string,
    size: number,
    { waitsForDisk = false }: PartFileOptions = {},
  ): Promise<PartFile> {
    const paths = pathsOf(blobs, digest);
    await mkdir(blobs.folder, { recursive: true });
    const lock = await takeLock(paths.lock, `blob ${digest}`);
    let handle: FileHandle | undefined;
    try {
      handle = await openOrMake(paths.data);
      const there = await handle.stat();
      // Without its data a journal means nothing.
      const ranges = await readJournal(paths.journal, there.size === size ? size : Number.NaN);
      await checkSpace(blobs.folder, size - ranges.size, digest);
      await handle.truncate(size);
      const journal = await Journal.begin(paths.journal, size, ranges);
      return new PartFile({ size, paths, handle, lock, journal, ranges, waitsForDisk });
    } catch (error) {
      await handle?.close();
      await lock.release();
      throw error;
    }
  }

  get completed(): number {
    return this.#ranges.size;
  }

  missing(range: Range = { start: 0, end: this.size }): Range[] {
    return this.#ranges.missing(range);
  }

  /** Writes those of the bytes that are not there yet: what has been hashed must not change. */
  async write(start: number, bytes: Uint8Array): Promise<void> {
    for (const gap of this.missing({ start, end: start + bytes.length })) {
      await this.#writeAll(gap.start, bytes.subarray(gap.start - start, gap.end - start));
      this.#ranges.add(gap);
      this.#journal.add(gap);
    }
    this.#unsynced += bytes.length;
    if (this.#unsynced >= SYNC_EVERY_BYTES) this.#checkpoint();
    const { prefix } = this.#ranges;
    if (prefix > start) this.#hasher.advance(prefix);
  }

  /** Moves the blob into the store. Throws Failed with Ollama's words when its digest is another; then it is gone. */
  async finish(blobs: Blobs, digest: string): Promise<void> {
    clearInterval(this.#syncer);
    await this.#syncing;
    try {
      const [got] = await Promise.all([this.#hasher.finish(this.size), this.#handle.sync()]);
      if (`sha256:${got}` !== digest) {
        await rm(this.#paths.data, { force: true });
        await rm(this.#paths.journal, { force: true });
        throw new Failed(`digest mismatch, file must be downloaded again: want ${digest}, got sha256:${got}`);
      }
      await blobs.take(this.#paths.data, digest);
    } finally {
      await this.#release();
    }
    await rm(this.#paths.journal, { force: true });
  }

  /** Keeps what is there for another time. */
  async close(): Promise<void> {
    clearInterval(this.#syncer);
    await this.#syncing;
    try {
      await this.#journal.flush();
    } finally {
      await this.#release();
    }
  }

  /** One at a time. */
  #checkpoint(): void {
    if (this.#syncing) return;
    this.#unsynced = 0;
    this.#syncing = this.#journal
      .checkpoint(() => this.#handle.datasync())
      .catch(() => {})
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  async #release(): Promise<void> {
    await this.#hasher.close();
    await this.#journal.close().catch(() => {});
    await this.#handle.close();
    await this.#lock.release();
  }

  async #writeAll(start: number, bytes: Uint8Array): Promise<void> {
    // A full disk may take a part; the next call says why.
    const handle = this.#handle;
    for (let done = 0; done < bytes.length; ) {
      const place = [bytes, done, bytes.length - done, start + done] as const;
      done += this.#waitsForDisk ? writeSync(handle.fd, ...place) : (await handle.write(...place)).bytesWritten;
    }
  }
}

function pathsOf(blobs: Blobs, digest: string) {
  const data = path.join(blobs.folder, partialName(digest));
  return { data, journal: `${data}-parts`, lock: `${data}-lock` };
}

async function openOrMake(file: string): Promise<FileHandle> {
  await (await open(file, "a")).close();
  return await open(file, "r+");
}

async function checkSpace(folder: string, needed: number, digest: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (needed <= free) return;
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Failed(
    `blob ${digest} needs ${gb(needed)} more, and the disk of ${folder} has ${gb(free)} free; remove models that are not needed, or set OLLAMA_MODELS to a folder on another disk`,
  );
}
