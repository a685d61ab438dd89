/** The bytes of an item, from where they are. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { codeOf, Invalid, messageOf, NotFound } from "../../errors.ts";
import { PARSE_LIMITS } from "../parse/limits.ts";
import type { ItemSource } from "../rows/jobs.ts";
import { Unreadable } from "../types.ts";
import type { Uploads } from "./uploads.ts";

export interface SourceBytes {
  bytes: Uint8Array;
  /** The file's name; decides on the format where the bytes leave it open. */
  name: string;
  contentType?: string | undefined;
  /** The source's own date, in milliseconds since 1970. */
  modifiedAt?: number | undefined;
  /** Of a page: the part that is read. */
  selector?: string | undefined;
}

export type ReadSource = (source: ItemSource, options: { signal: AbortSignal }) => Promise<SourceBytes>;

/** Readers of files and of what was uploaded. */
export function standardReaders(uploads: Uploads): Record<string, ReadSource> {
  return {
    async file(source) {
      const file = String("path" in source ? source.path : "");
      return { ...(await readWhole(file, path.basename(file))), name: path.basename(file) };
    },
    async upload(source) {
      const { sha256, name, contentType, modifiedAt, selector } = source as Extract<ItemSource, { kind: "upload" }>;
      const { bytes } = await readWhole(uploads.fileOf(sha256), name);
      return { bytes, name, contentType, modifiedAt, selector };
    },
  };
}

/** Throws NotFound, Unreadable for a file that is too large, or Invalid. */
export async function readWhole(file: string, name: string): Promise<{ bytes: Uint8Array; modifiedAt: number }> {
  // A database would end the message there.
  if (file.includes("\0")) throw new Invalid("a path cannot hold a NUL character", { code: "file_not_found" });
  try {
    const { size, mtimeMs, ...kind } = await stat(file).then((found) => ({
      size: found.size,
      mtimeMs: found.mtimeMs,
      isFile: found.isFile(),
    }));
    if (!kind.isFile) throw new Invalid(`${name} is no file`, { code: "not_a_file" });
    // Not read to be refused then.
    if (size > PARSE_LIMITS.bytes) {
      const megabytes = (bytes: number) => `${Math.ceil(bytes / (1 << 20)).toLocaleString("en")} MB`;
      throw new Unreadable("too-large", `${name} has ${megabytes(size)}; ${megabytes(PARSE_LIMITS.bytes)} is the limit`);
    }
    return { bytes: await readFile(file), modifiedAt: Math.round(mtimeMs) };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new NotFound(`${name} is not there any more`, { cause: error, code: "file_not_found" });
    }
    if (code === "EACCES" || code === "EPERM") {
      throw new Invalid(`${name} cannot be read: permission denied`, { cause: error, code: "permission_denied" });
    }
    if (error instanceof Invalid) throw error;
    throw new Invalid(`${name} cannot be read: ${messageOf(error)}`, { cause: error, code: "unreadable_source" });
  }
}
