/** A place in a document, in words. */
import { visible } from "../terminal/visible.ts";

const MOST_HEADINGS = 3;

/** `guide.pdf, page 3 › Harbour › Night ferry` */
export function placeOf({
  document,
  page,
  headings = [],
}: {
  document: string;
  page?: number | null;
  headings?: readonly string[];
}): string {
  const where = page === undefined || page === null ? document : `${document}, page ${page}`;
  return visible([where, ...headings.slice(-MOST_HEADINGS)].join(" › ").replace(/\s+/g, " "));
}
