/**
 * Files elsewhere on disk that stand for a blob: a GGUF that another program downloaded need not be there twice. A record beside the
 * store's own folders says where the file is and what it was like when its digest was computed, so that `blobs/` and `manifests/` stay
 * as Ollama knows them. The file itself is only ever read.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { Failed, Invalid, messageOf } from "../errors.ts";
import { blobFileName, isDigest, parseDigest } from "./digest.ts";
import { storeError, writeWhole } from "./files.ts";
import { isRecord } from "./manifest.ts";

export interface Reference {
  /** Absolute. */
  path: string;
  sizeBytes: number;
  modifiedMs: number;
}

/** What `add` yields while it reads; the last one has the digest. */
export interface ReferenceProgress {
  completedBytes: number;
  sizeBytes: number;
  digest?: string;
}

const SUFFIX = ".json";

/** The records of the store at `root`. */
export class References {
  readonly #root: string;
  readonly folder: string;

  constructor(root: string) {
    this.#root = root;
    this.folder = path.join(root, "references");
  }

  /** Computes the digest of a file and records it. Throws Invalid when it is no file or changes meanwhile, Canceled never: stop iterating instead. */
  async *add(file: string): AsyncGenerator<ReferenceProgress> {
    if (!path.isAbsolute(file)) throw new Invalid(`${JSON.stringify(file)} is not an absolute path`);
    const before = await lookAt(file);
    const hash = createHash("sha256");
    let completedBytes = 0;
    try {
      for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
        hash.update(chunk);
        completedBytes += chunk.length;
        yield { completedBytes, sizeBytes: before.sizeBytes };
      }
    } catch (cause) {
      throw new Invalid(`cannot read ${file}: ${messageOf(cause)}`, { cause });
    }
    if (!isSame(before, await lookAt(file)))
      throw new Invalid(`${file} changed while it was read: try again when it is complete`);
    const digest = `sha256:${hash.digest("hex")}`;
    try {
      await writeWhole(this.#record(digest), Buffer.from(`${JSON.stringify(before)}\n`));
    } catch (error) {
      throw storeError(error, this.#root);
    }
    yield { completedBytes, sizeBytes: before.sizeBytes, digest };
  }

  /** Undefined when no file stands for this blob. Throws Failed when one does that is gone or no longer the same. */
  async find(digest: string): Promise<Reference | undefined> {
    const known = await this.#read(digest);
    if (!known) return undefined;
    const now = await lookAt(known.path).catch((cause) => {
      throw new Failed(`the file ${known.path}, which it uses in place, is gone: put it back, or create the model again`, {
        cause,
      });
    });
    if (isSame(known, now)) return known;
    throw new Failed(`the file ${known.path}, which it uses in place, has changed since: create the model again`);
  }

  /** Marks a record as in use; see `Blobs.touch`. */
  async touch(digest: string): Promise<void> {
    const now = new Date();
    await utimes(this.#record(digest), now, now).catch(() => {});
  }

  /** Forgets where the file is. The file stays. */
  async remove(digest: string): Promise<void> {
    await rm(this.#record(digest), { force: true });
  }

  /** Forgets what is neither in `keep` nor younger than `minAgeMs`. Returns how many. */
  async prune(keep: ReadonlySet<string>, minAgeMs: number): Promise<number> {
    let removed = 0;
    for (const name of await readdir(this.folder).catch(() => [])) {
      const digest = name.slice(0, -SUFFIX.length);
      if (isDigest(digest) && keep.has(parseDigest(digest))) continue;
      const record = path.join(this.folder, name);
      const found = await stat(record).catch(() => undefined);
      if (!found?.isFile() || Date.now() - found.mtimeMs < minAgeMs) continue;
      await rm(record, { force: true });
      removed++;
    }
    return removed;
  }

  async #read(digest: string): Promise<Reference | undefined> {
    const text = await readFile(this.#record(digest), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      const record: unknown = JSON.parse(text);
      if (isRecord(record) && typeof record.path === "string" && path.isAbsolute(record.path)) {
        return { path: record.path, sizeBytes: Number(record.sizeBytes), modifiedMs: Number(record.modifiedMs) };
      }
    } catch {}
    return undefined;
  }

  #record(digest: string): string {
    return path.join(this.folder, `${blobFileName(digest)}${SUFFIX}`);
  }
}

/** Size and time of change tell two states of a file apart; reading 40 GB before every load would not be worth more. */
function isSame(a: Reference, b: Reference): boolean {
  return a.sizeBytes === b.sizeBytes && a.modifiedMs === b.modifiedMs;
}

async function lookAt(file: string): Promise<Reference> {
  const found = await stat(file).catch((cause) => {
    throw new Invalid(`cannot read ${file}: ${messageOf(cause)}`, { cause });
  });
  if (!found.isFile()) throw new Invalid(`${file} is not a file`);
  return { path: file, sizeBytes: found.size, modifiedMs: found.mtimeMs };
}
