/** Jobs as clients see them. */
import { z } from "zod";
import type { Item, Job } from "../../knowledge/rows/jobs.ts";
import { time } from "./requested.ts";

export const jobShape = z
  .object({
    id: z.int(),
    state: z.enum(["waiting", "running", "done", "failed", "canceled"]),
    reason: z.string().nullable().describe("Why it failed, or what is to be known about its end"),
    counts: z
      .object({ total: z.int(), waiting: z.int(), done: z.int(), unchanged: z.int(), failed: z.int(), canceled: z.int() })
      .describe("Items by state; unchanged: the same bytes were there already"),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: "Job" });

export const itemShape = z
  .object({
    id: z.int(),
    place: z.string().describe("Path, URL or name"),
    state: z.enum(["waiting", "done", "unchanged", "failed", "canceled"]),
    reason: z.string().nullable().describe("Why it failed: a sentence"),
    code: z.string().nullable().describe("The same as a word for programs"),
    tries: z.int(),
    document_id: z.int().nullable(),
  })
  .meta({ id: "Item" });

export function wireJob({ id, state, reason, items, createdAt, finishedAt }: Job): z.input<typeof jobShape> {
  const times = { created_at: time(createdAt), finished_at: time(finishedAt) };
  return { id, state, reason: reason ?? null, counts: items, ...times };
}

export function wireItem({ id, place, state, reason, code, tries, document }: Item): z.input<typeof itemShape> {
  return { id, place, state, reason: reason ?? null, code: code ?? null, tries, document_id: document ?? null };
}
