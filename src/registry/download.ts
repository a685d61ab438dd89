/** One blob, fetched in parts over several connections, each part going on where it broke off. */
import { Canceled } from "../errors.ts";
import type { Blobs } from "../models/blobs.ts";
import { PartFile, type PartFileOptions } from "./part-file.ts";
import { cut, type Range } from "./ranges.ts";
import type { RateLimit } from "./rate.ts";
import { Retries } from "./retry.ts";
import type { BlobSource } from "./source.ts";
import { Unreachable } from "./unreachable.ts";

const MIN_PART_BYTES = 1 << 20;
const MAX_PART_BYTES = 32 << 20;
const MIN_WRITE_BYTES = 64 << 10;
/** Larger blocks of all connections together leave the cache between their coming and their writing. */
const MAX_WRITE_BYTES = 256 << 10;
/** Less than this is no progress: a server that sends a byte and breaks off must not go on for ever. */
const PROGRESS_BYTES = 64 << 10;

export interface DownloadSettings {
  /** Connections at once. */
  streams: number;
  limit: RateLimit;
  stallMs: number;
  backoffMs: number;
}

export interface DownloadOptions extends PartFileOptions {
  blobs: Blobs;
  settings: DownloadSettings;
  onProgress: (completed: number) => void;
  signal: AbortSignal;
}

/** Bytes of a part: many more parts than connections, so that the last ones end together, and the digest is never far behind. */
export function partBytes(size: number, streams: number): number {
  return Math.min(MAX_PART_BYTES, Math.max(MIN_PART_BYTES, Math.ceil(size / (streams * 8))));
}

/** Bytes that a connection gathers before it writes: all connections together hold a quarter of a part, which a crash may cost. */
function writeBytes(part: number, streams: number): number {
  return Math.min(MAX_WRITE_BYTES, Math.max(MIN_WRITE_BYTES, Math.floor(part / streams / 4)));
}

/** Brings the blob into the store. What was fetched stays for another time when this fails or is canceled. */
export async function download(source: BlobSource, options: DownloadOptions): Promise<void> {
  const { blobs, settings, onProgress } = options;
  const file = await PartFile.open(blobs, source.digest, source.sizeBytes, options);
  onProgress(file.completed);
  try {
    const isRanged = await fetchParts(source, file, options);
    if (!isRanged) await fetchWhole(source, file, { ...options, settings: { ...settings, streams: 1 } });
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.finish(blobs, source.digest);
}

/** False when the other side knows no ranges, so that parts make no sense. */
async function fetchParts(source: BlobSource, file: PartFile, options: DownloadOptions): Promise<boolean> {
  const { streams } = options.settings;
  const size = partBytes(file.size, streams);
  const waiting = cut(file.missing(), size);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const fetcher = new PartFetcher(source, file, { ...options, signal, writeBytes: writeBytes(size, streams) });
  let isRanged = true;
  const worker = async () => {
    for (let part = waiting.shift(); part && isRanged; part = waiting.shift()) {
      if (await fetcher.fetch(part)) continue;
      isRanged = false;
      stop.abort();
    }
  };
  const workers = Array.from({ length: Math.min(streams, waiting.length) }, () =>
    worker().catch((error) => {
      stop.abort();
      throw error;
    }),
  );
  const ended = await Promise.allSettled(workers);
  if (options.signal.aborted) throw new Canceled();
  if (!isRanged) return false;
  const failures = ended.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  // The first that failed canceled the others.
  const [reason] = failures.filter((error) => !(error instanceof Canceled));
  if (failures.length > 0) throw reason ?? failures[0];
  return true;
}

async function fetchWhole(source: BlobSource, file: PartFile, options: DownloadOptions): Promise<void> {
  const fetcher = new PartFetcher(source, file, { ...options, writeBytes: MAX_WRITE_BYTES });
  while (file.missing().length > 0) await fetcher.fetch({ start: 0, end: file.size }, { whole: true });
}

class PartFetcher {
  readonly #source: BlobSource;
  readonly #file: PartFile;
  readonly #options: DownloadOptions & { writeBytes: number };

  constructor(source: BlobSource, file: PartFile, options: DownloadOptions & { writeBytes: number }) {
    this.#source = source;
    this.#file = file;
    this.#options = options;
  }

  /** Until every byte of the part is there. False when only the whole blob can be had. Throws when it cannot be had at all. */
  async fetch(part: Range, { whole = false } = {}): Promise<boolean> {
    const { settings, signal, writeBytes } = this.#options;
    const retries = new Retries({ backoffMs: settings.backoffMs, signal });
    for (let before = this.#file.completed; ; before = this.#file.completed) {
      const [next] = this.#file.missing(part);
      if (!next) return true;
      try {
        const wanted = whole ? part : { start: next.start, end: part.end };
        const opened = await this.#source.open(wanted, { blockBytes: writeBytes, limit: settings.limit, signal });
        if (opened.isWhole && !whole && (next.start > 0 || part.end < this.#file.size)) {
          opened.discard();
          return false;
        }
        await this.#take(opened.blocks, { start: opened.start, end: part.end });
        if (this.#file.completed === before) throw new Unreachable(opened.url, "nothing more came");
      } catch (error) {
        if (this.#file.completed - before >= PROGRESS_BYTES) retries.reset();
        await retries.wait(error);
      }
    }
  }

  /** Writes what comes, up to the end of the part: more than was asked for is not read. */
  async #take(blocks: AsyncIterable<Buffer>, { start, end }: Range): Promise<void> {
    let at = start;
    for await (const block of blocks) {
      const wanted = block.subarray(0, end - at);
      await this.#file.write(at, wanted);
      at += wanted.length;
      this.#options.onProgress(this.#file.completed);
      if (at === end && wanted.length < block.length) return;
    }
  }
}
