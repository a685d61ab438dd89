/** Sources as clients see them. */
import { z } from "zod";
import type { SourceState } from "../../knowledge/sources/live.ts";
import { formatEvery } from "./every.ts";
import { time } from "./requested.ts";

const kind = z.enum(["folder", "site", "url", "git"]);

const options = {
  watch: z.boolean().nullish().describe("Of a folder: look as soon as something in it changes"),
  depth: z.int().nullish().describe("Of a site: links away from the start (3)"),
  pages: z.int().nullish().describe("Of a site: pages at most (200)"),
  prefix: z.string().nullish().describe("Of a site: paths that belong to it (the folder of the start)"),
  sitemap: z.union([z.boolean(), z.string()]).nullish().describe("Of a site: also the pages of its sitemaps, or of this one"),
  selector: z.string().nullish().describe("Of pages: the part that is read, as a CSS selector"),
  branch: z.string().nullish().describe("Of a repository (its own default branch)"),
  folder: z.string().nullish().describe("Of a repository: the folder in it that is read"),
};

export const wantedSource = z.object({
  kind,
  location: z
    .string()
    .describe("An absolute path of the server's machine (for its own user, or a key with the scope admin), or a URL"),
  every: z.string().nullish().describe("Time between two looks, such as 30m, 6h or 1d; without it only when asked"),
  ...options,
});

const resultShape = z.object({
  at: z.string(),
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  unchanged: z.int(),
  failed: z.int(),
  changes: z
    .array(
      z.object({
        place: z.string(),
        change: z.enum(["added", "changed", "removed", "failed"]),
        reason: z.string().nullable(),
      }),
    )
    .describe("The first hundred"),
  error: z.string().nullable().describe("Why there was no look at all; everything is as it was"),
  code: z.string().nullable(),
});

export const sourceShape = z
  .object({
    id: z.int(),
    kind,
    location: z.string(),
    every: z.string().nullable(),
    options: z.object(options),
    state: z.enum(["idle", "waiting", "looking"]),
    progress: z
      .object({ seen: z.int().describe("Files or pages so far"), jobs: z.array(z.int()).describe("Imports that it began") })
      .nullable(),
    created_at: z.string(),
    looked_at: z.string().nullable(),
    next_at: z.string().nullable(),
    result: resultShape.nullable().describe("Of the last look"),
  })
  .meta({ id: "Source" });

export function wireSource(source: SourceState): z.input<typeof sourceShape> {
  const { id, kind, location, everyMs, state, progress, createdAt, lookedAt, nextAt, result } = source;
  const { trusted: _, ...rest } = source.options;
  return {
    ...{ id, kind, location, options: rest, state },
    every: everyMs === undefined ? null : formatEvery(everyMs),
    progress: progress ?? null,
    created_at: time(createdAt),
    looked_at: time(lookedAt),
    next_at: time(nextAt),
    result: result ? wireResult(result) : null,
  };
}

function wireResult({ at, error, code, changes, ...counts }: NonNullable<SourceState["result"]>): z.input<typeof resultShape> {
  const told = changes.map(({ place, change, reason }) => ({ place, change, reason: reason ?? null }));
  return { at: time(at), ...counts, changes: told, error: error ?? null, code: code ?? null };
}
