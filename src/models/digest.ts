/** Digests: `sha256:<64 hex>` on the wire, `sha256-<64 hex>` as a file name. */
import { Invalid } from "../errors.ts";

const DIGEST = /^sha256[:-]([0-9a-fA-F]{64})$/;

/** The wire form, from either form in any case. Throws Invalid `invalid digest format`. */
export function parseDigest(text: string): string {
  const hex = DIGEST.exec(text)?.[1];
  if (hex === undefined) throw new Invalid("invalid digest format");
  return `sha256:${hex.toLowerCase()}`;
}

/** Whether the text is a digest in either form. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** The name of a digest's file. */
export function blobFileName(digest: string): string {
  return parseDigest(digest).replace(":", "-");
}
