/** Names of downloads that are not finished: what a prune leaves alone for a while, so that a later pull goes on with them. */
import { blobFileName } from "./digest.ts";

/** Ollama's own are called otherwise: it and Puna may share a store, but not a half-written file. */
const PARTIAL = /^sha256-[0-9a-f]{64}-partial-puna(-parts|-lock|-wanted)?$/;
/** How long a download may rest. */
export const PARTIAL_AGE_MS = 7 * 24 * 3_600_000;

/** The file that holds what is there of a blob. Its companions begin with the same name. */
export function partialName(digest: string): string {
  return `${blobFileName(digest)}-partial-puna`;
}

export function isPartialName(name: string): boolean {
  return PARTIAL.test(name);
}

/** The file that says which finished blobs a pull has fetched that no manifest names yet; `digest` is the manifest's own. */
export function wantedName(digest: string): string {
  return `${partialName(digest)}-wanted`;
}

export function isWantedName(name: string): boolean {
  return isPartialName(name) && name.endsWith("-wanted");
}
