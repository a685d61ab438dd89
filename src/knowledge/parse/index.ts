/** Documents of any kind to text with its blocks. */
import type { ParsedDocument } from "../types.ts";
import { readInThread } from "./in-thread.ts";
import { checkSize, PARSE_LIMITS, type ParseLimits, type Source } from "./limits.ts";

export interface DocumentHint {
  /** The file's name or path; decides only what the bytes leave open. */
  name: string;
  /** As a server sent it. */
  contentType?: string;
  /** Of a page: read only what this CSS selector finds. */
  selector?: string;
}

/**
 * Reads a document in a thread of its own, within the limits.
 * @throws Unreadable with the one reason; Canceled when the signal says so.
 */
export async function parseDocument(
  bytes: Uint8Array,
  hint: DocumentHint,
  limits: Partial<ParseLimits> = {},
  { signal }: { signal?: AbortSignal } = {},
): Promise<ParsedDocument> {
  const source: Source = { ...hint, limits: { ...PARSE_LIMITS, ...limits } };
  checkSize(bytes, source);
  return readInThread(bytes, source, signal);
}
