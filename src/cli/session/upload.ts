/** Brings files into a server's blob store. What is already there is not sent again. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Transform } from "node:stream";
import { Invalid, messageOf } from "../../errors.ts";
import type { Client } from "../client.ts";

const PARALLEL = 4;
const CHUNK_BYTES = 1024 * 1024;

export interface UploadOptions {
  client: Pick<Client, "hasBlob" | "putBlob">;
  /** `share` goes from 0 to 1. */
  onProgress?: (digest: string, share: number) => void;
  signal?: AbortSignal;
}

/** Digests by file, `sha256:<hex>`. */
export async function uploadFiles(files: Iterable<string>, options: UploadOptions): Promise<Map<string, string>> {
  const waiting = [...new Set(files)];
  const digests = new Map<string, string>();
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift())
      digests.set(file, await uploadFile(file, options));
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, waiting.length) }, worker));
  return digests;
}

async function uploadFile(file: string, { client, onProgress, signal }: UploadOptions): Promise<string> {
  const { digest, sizeBytes } = await digestOf(file);
  onProgress?.(digest, 0);
  if (!(await client.hasBlob(digest))) {
    let sent = 0;
    const counter = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        sent += chunk.byteLength;
        onProgress?.(digest, sizeBytes === 0 ? 1 : sent / sizeBytes);
        done(null, chunk);
      },
    });
    const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
    source.on("error", (error) => counter.destroy(error));
    await client.putBlob(digest, { stream: source.pipe(counter), sizeBytes }, signal ? { signal } : {});
  }
  onProgress?.(digest, 1);
  return digest;
}

async function digestOf(file: string): Promise<{ digest: string; sizeBytes: number }> {
  try {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) hash.update(chunk);
    return { digest: `sha256:${hash.digest("hex")}`, sizeBytes: (await stat(file)).size };
  } catch (cause) {
    throw new Invalid(`cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
