/** Files as `multipart/form-data` (RFC 7578), sent as they are read. */
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { messageOf } from "../../errors.ts";
import type { LocalFile } from "./gather.ts";

export interface Form {
  contentType: string;
  stream: Readable;
}

const CHUNK_BYTES = 256 * 1024;

/** Files that cannot be opened are told to `onUnreadable` and left out. */
export function formOf(
  files: readonly LocalFile[],
  { onBytes, onUnreadable }: { onBytes(count: number): void; onUnreadable(file: LocalFile, reason: string): void },
): Form {
  const boundary = `puna-${randomBytes(16).toString("hex")}`;
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (const file of files) {
      await using handle = await open(file.file, "r").catch((error: unknown) => {
        onUnreadable(file, messageOf(error));
        return undefined;
      });
      if (!handle) continue;
      yield Buffer.from(`--${boundary}\r\n${headerOf(file.place)}\r\n\r\n`);
      for await (const chunk of handle.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })) {
        onBytes(chunk.length);
        yield chunk;
      }
      yield Buffer.from("\r\n");
    }
    yield Buffer.from(`--${boundary}--\r\n`);
  }
  return { contentType: `multipart/form-data; boundary=${boundary}`, stream: Readable.from(parts(), { objectMode: false }) };
}

/** The name as browsers write it: what would end it is escaped. */
function headerOf(name: string): string {
  const safe = name.replace(/["\r\n]/g, (character) => encodeURIComponent(character));
  return `Content-Disposition: form-data; name="file"; filename="${safe}"\r\nContent-Type: application/octet-stream`;
}
