/** Content-addressed files: `blobs/sha256-<hex>`, each verified while it is written. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { Failed, Invalid } from "../errors.ts";
import { blobFileName, isDigest, parseDigest } from "./digest.ts";
import { storeError, syncFolder, temporaryName, writeWhole } from "./files.ts";
import { isPartialName, isWantedName, PARTIAL_AGE_MS, wantedName } from "./partial.ts";
import { References } from "./references.ts";

type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The blobs of the store at `root`. */
export class Blobs {
  readonly #root: string;
  readonly folder: string;
  /** Files elsewhere that stand for blobs. */
  readonly references: References;

  constructor(root: string) {
    this.#root = root;
    this.references = new References(root);
    this.folder = path.join(root, "blobs");
  }

  /** Where the blob's own file is, or would be; to read it, ask `locate`. Throws Invalid on a bad digest. */
  path(digest: string): string {
    return path.join(this.folder, blobFileName(digest));
  }

  /** The file to read, which may lie elsewhere and is not to be touched. Throws Failed with what is wrong when there is none. */
  async locate(digest: string): Promise<string> {
    const own = this.path(digest);
    if (await isThere(own)) return own;
    const reference = await this.references.find(digest);
    if (reference) return reference.path;
    throw new Failed(`its blob ${digest} is missing; pull or create it again`);
  }

  async has(digest: string): Promise<boolean> {
    const own = this.path(digest);
    return (await isThere(own)) || (await this.references.find(digest).catch(() => undefined)) !== undefined;
  }

  /** Size in bytes; undefined when it is not there. */
  async size(digest: string): Promise<number | undefined> {
    const own = await stat(this.path(digest)).catch(() => undefined);
    return own ? own.size : (await this.references.find(digest).catch(() => undefined))?.sizeBytes;
  }

  /**
   * Stores a stream under the digest it claims. "exists" leaves the stream unread.
   * Throws Invalid with Ollama's text when the content has another digest; then nothing is stored.
   */
  async put(digest: string, content: Bytes): Promise<"exists" | "created"> {
    const want = parseDigest(digest);
    if (await this.has(want)) return "exists";
    await this.#write(content, (got) => {
      if (got !== want) throw new Invalid(`digest mismatch, expected "${want}", got "${got}"`);
    });
    return "created";
  }

  /** Stores bytes under their own digest. */
  async add(content: Bytes): Promise<{ digest: string; size: number; created: boolean }> {
    return await this.#write(content, () => {});
  }

  /** Takes a finished file into the store by renaming it. It must lie in `folder`. */
  async adopt(file: string): Promise<{ digest: string; size: number; created: boolean }> {
    try {
      const hash = createHash("sha256");
      let size = 0;
      for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
        hash.update(chunk);
        size += chunk.length;
      }
      return { ...(await this.#publish(file, digestOf(hash))), size };
    } catch (error) {
      throw storeError(error, this.#root);
    }
  }

  /** Takes a file into the store whose digest the caller has computed, in place of a damaged one. It must lie in `folder`. */
  async take(file: string, digest: string): Promise<void> {
    try {
      await rename(file, this.path(digest));
      await syncFolder(this.folder);
    } catch (error) {
      throw storeError(error, this.#root);
    }
  }

  /** Protects blobs from a prune until `unwant`, or until they have rested for a week: a pull fetches them, no manifest names them yet. */
  async want(manifest: string, digests: string[]): Promise<void> {
    try {
      await writeWhole(path.join(this.folder, wantedName(manifest)), Buffer.from(JSON.stringify(digests)));
    } catch (error) {
      throw storeError(error, this.#root);
    }
  }

  async unwant(manifest: string): Promise<void> {
    await rm(path.join(this.folder, wantedName(manifest)), { force: true });
  }

  /** A path in `folder` for a file that is being made; a prune removes it if it is left behind. */
  async temporaryPath(): Promise<string> {
    await this.#makeFolder();
    return path.join(this.folder, temporaryName("new"));
  }

  /** The whole blob, at most `limit` bytes of it. Throws Failed when it is missing or larger. */
  async read(digest: string, limit = 64 << 20): Promise<Buffer> {
    const size = await this.size(digest);
    if (size === undefined) throw new Failed(`blob ${digest} is missing from the model store; pull or create the model again`);
    if (size > limit) throw new Failed(`blob ${digest} has ${size} bytes where at most ${limit} make sense`);
    return await readFile(await this.locate(digest));
  }

  /** Marks a blob as in use, so that another process does not prune it before a manifest names it. */
  async touch(digest: string): Promise<void> {
    const now = new Date();
    await utimes(this.path(digest), now, now).catch(() => {});
    await this.references.touch(digest);
  }

  /** Of a file elsewhere only the record goes. */
  async remove(digest: string): Promise<void> {
    await rm(this.path(digest), { force: true });
    await this.references.remove(digest);
  }

  /** Removes every file that is neither in `keep` (wire digests), wanted, nor younger than `minAgeMs`. Unfinished downloads may be a week old. Returns how many. */
  async prune(keep: ReadonlySet<string>, minAgeMs: number): Promise<number> {
    let removed = 0;
    const wanted = await this.wanted();
    for (const name of await readdir(this.folder).catch(() => [])) {
      if (isDigest(name) && (keep.has(parseDigest(name)) || wanted.has(parseDigest(name)))) continue;
      const file = path.join(this.folder, name);
      const found = await stat(file).catch(() => undefined);
      const minAge = isPartialName(name) ? Math.max(PARTIAL_AGE_MS, minAgeMs) : minAgeMs;
      if (!found?.isFile() || Date.now() - found.mtimeMs < minAge) continue;
      await rm(file, { force: true });
      removed++;
    }
    return removed + (await this.references.prune(keep, minAgeMs));
  }

  /** Everything that `want` protects. */
  async wanted(): Promise<Set<string>> {
    const wanted = new Set<string>();
    for (const name of (await readdir(this.folder).catch(() => [])).filter(isWantedName)) {
      const file = path.join(this.folder, name);
      const found = await stat(file).catch(() => undefined);
      if (!found || Date.now() - found.mtimeMs >= PARTIAL_AGE_MS) continue;
      try {
        const digests: unknown = JSON.parse(await readFile(file, "utf8"));
        for (const digest of Array.isArray(digests) ? digests : []) if (isDigest(String(digest))) wanted.add(parseDigest(digest));
      } catch {}
    }
    return wanted;
  }

  async #write(content: Bytes, check: (digest: string) => void) {
    try {
      await this.#makeFolder();
      const temporary = path.join(this.folder, temporaryName("new"));
      const handle = await open(temporary, "wx", 0o644);
      try {
        const hash = createHash("sha256");
        let size = 0;
        try {
          for await (const chunk of content) {
            hash.update(chunk);
            await handle.writeFile(chunk);
            size += chunk.length;
          }
          await handle.sync();
        } finally {
          await handle.close();
        }
        const digest = digestOf(hash);
        check(digest);
        return { ...(await this.#publish(temporary, digest)), size };
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    } catch (error) {
      throw storeError(error, this.#root);
    }
  }

  async #publish(file: string, digest: string): Promise<{ digest: string; created: boolean }> {
    if (await this.has(digest)) {
      await rm(file, { force: true });
      await this.touch(digest);
      return { digest, created: false };
    }
    await rename(file, this.path(digest));
    await syncFolder(this.folder);
    return { digest, created: true };
  }

  async #makeFolder(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
  }
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

function digestOf(hash: Hash): string {
  return `sha256:${hash.digest("hex")}`;
}
