/** Lists that are read page by page: `after` is the id of the last one seen. */
import { z } from "zod";

const MOST = 1000;

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MOST).default(100),
  after: z.coerce.number().int().min(0).default(0),
});

/** Of one row more than was asked for: the page, and from where the next one goes on. */
export function paged<T extends { id: number }>(rows: readonly T[], limit: number): { page: T[]; next: number | null } {
  const page = rows.slice(0, limit);
  return { page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

export const nextShape = z.int().nullable().describe("`after` of the next page; null at the end");
