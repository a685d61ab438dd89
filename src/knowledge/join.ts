/** Passages of one document that touch or overlap, made one: nothing is read twice. */
import type { DocumentText } from "./plan.ts";
import { pageAt, type Source } from "./sources.ts";

/** White space between two passages, at most. */
const LARGEST_GAP = 4;

/** In the order of the document. */
export function joinTouching(hits: readonly Source[], { text, pages }: DocumentText): Source[] {
  const joined: Source[] = [];
  for (const hit of [...hits].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (
      !last ||
      hit.start > last.end + LARGEST_GAP ||
      text.slice(last.end, hit.start).trim() !== "" ||
      isChanged(last) ||
      isChanged(hit)
    )
      joined.push(hit);
    else {
      const end = Math.max(last.end, hit.end);
      joined[joined.length - 1] = {
        ...last,
        end,
        text: text.slice(last.start, end),
        page: pageAt(pages, last.start) ?? last.page,
        pages,
        score: Math.max(last.score, hit.score),
      };
    }
  }
  return joined;
}

/** Written for the model in another way; the two halves would no longer be. */
function isChanged({ plain, header }: Source): boolean {
  return plain !== undefined || header !== undefined;
}
