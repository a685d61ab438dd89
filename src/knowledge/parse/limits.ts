import { Unreadable } from "../types.ts";

/** What one document may cost. Beyond any of these it is `Unreadable`, and the message says which. */
export interface ParseLimits {
  /** Size of the file. */
  bytes: number;
  timeMs: number;
  /** JavaScript heap of the thread, and growth of the process, in MiB. */
  memoryMb: number;
  /** Pages, slides or sheets that are read; the rest is left out with a note. */
  pages: number;
  /** UTF-16 code units of the resulting text. */
  characters: number;
  /** Files inside an archive (an office file is one). */
  entries: number;
  /** Bytes that an archive may unpack to, all its files together. */
  expandedBytes: number;
  /** Unpacked bytes for one packed byte, of files above 16 MiB: XML reaches 30, a bomb 1,000. */
  ratio: number;
  /** Elements inside elements, mails inside mails. */
  depth: number;
}

export const PARSE_LIMITS: ParseLimits = {
  bytes: 100 << 20,
  timeMs: 60_000,
  memoryMb: 768,
  pages: 5_000,
  characters: 20_000_000,
  entries: 20_000,
  expandedBytes: 512 << 20,
  ratio: 250,
  depth: 256,
};

/** What a reader gets besides the bytes. */
export interface Source {
  /** The file's name as the user knows it; also the title when the document has none. */
  name: string;
  contentType?: string | undefined;
  /** Of a page: read only what this CSS selector finds. */
  selector?: string | undefined;
  limits: ParseLimits;
}

/** @throws Unreadable when there is nothing to read, or too much to begin with. */
export function checkSize(bytes: Uint8Array, { name, limits }: Source): void {
  if (bytes.length === 0) throw new Unreadable("empty", `${name} is empty: it has 0 bytes`);
  if (bytes.length > limits.bytes) {
    throw new Unreadable("too-large", `${name} has ${megabytes(bytes.length)}; ${megabytes(limits.bytes)} is the limit`);
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / (1 << 20)).toLocaleString("en")} MB`;
}
