/** /puna/knowledge/{base}/sources: folders, sites, pages and repositories that are looked at again. */
import { setTimeout as wait } from "node:timers/promises";
import type { Context } from "hono";
import { z } from "zod";
import { NotFound, PunaError } from "../../errors.ts";
import type { SourceOptions } from "../../knowledge/rows/sources.ts";
import type { Sources } from "../../knowledge/sources/sources.ts";
import type { Deps } from "../deps.ts";
import { isAdministrator } from "../guard/keys.ts";
import { ndjson } from "../respond.ts";
import { endpoint, idIn } from "./endpoint.ts";
import { parseEvery } from "./every.ts";
import { requestedBase } from "./requested.ts";
import { sourceShape, wantedSource, wireSource } from "./source-shape.ts";

const PATH = "/puna/knowledge/:base/sources";
/** Between two lines of news. */
const NEWS_MS = 200;

const one = z.object({ source: sourceShape });

export const sourceEndpoints = [
  endpoint({
    method: "GET",
    path: PATH,
    summary: "Lists what is looked at again",
    gives: z.object({ sources: z.array(sourceShape) }),
    handle: ({ c, deps }) => ({ sources: deps.sources.list(requestedBase(deps, c).id).map(wireSource) }),
  }),
  endpoint({
    method: "POST",
    path: PATH,
    summary: "Adds a folder, a site, a page or a Git repository, and looks at it at once",
    status: 201,
    body: wantedSource,
    gives: one,
    async handle({ c, deps, body }) {
      const base = requestedBase(deps, c);
      const { kind, location, every, ...options } = body;
      const isTrusted = isAdministrator(c, deps);
      if (kind === "folder" && !isTrusted) throw notAllowed();
      const everyMs = typeof every === "string" ? parseEvery(every) : undefined;
      const wanted = { ...withoutNulls(options), ...(isTrusted && { trusted: true }) };
      return { source: wireSource(await deps.sources.create(base.id, { kind, location, options: wanted, everyMs })) };
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id`,
    summary: "One source, with what the last look found",
    gives: one,
    handle: ({ c, deps }) => ({ source: wireSource(requestedSource(deps, c)) }),
  }),
  endpoint({
    method: "PATCH",
    path: `${PATH}/:id`,
    summary: "Changes how often a source is looked at; null: only when asked",
    body: z.object({ every: z.string().nullable() }),
    gives: one,
    async handle({ c, deps, body: { every } }) {
      const { base, id } = requestedSource(deps, c);
      return { source: wireSource(await deps.sources.setSchedule(base, id, every === null ? undefined : parseEvery(every))) };
    },
  }),
  endpoint({
    method: "DELETE",
    path: `${PATH}/:id`,
    summary: "Forgets a source; its documents stay",
    status: 204,
    query: z.object({ documents: z.enum(["keep", "remove"]).default("keep").describe("remove: its documents go as well") }),
    async handle({ c, deps, query: { documents } }) {
      const { base, id } = requestedSource(deps, c);
      await deps.sources.remove(base, id, { documents: documents === "remove" });
    },
  }),
  endpoint({
    method: "POST",
    path: `${PATH}/:id/sync`,
    summary: "Looks at a source now",
    status: 202,
    body: z.object({
      again: z.boolean().default(false).describe("What failed before is tried again, though it has not changed"),
    }),
    gives: one,
    handle({ c, deps, body: { again } }) {
      const { base, id } = requestedSource(deps, c);
      void deps.sources.sync(id, { again });
      return { source: wireSource(deps.sources.get(base, id)) };
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id/events`,
    summary: "How a look goes on, until it ends",
    gives: one,
    lines: true,
    async handle({ c, deps }) {
      const { base, id } = requestedSource(deps, c);
      return await ndjson(c, news(deps.sources, { base, id }, c.req.raw.signal));
    },
  }),
];

async function* news(sources: Sources, { base, id }: { base: number; id: number }, signal: AbortSignal) {
  let said = "";
  while (!signal.aborted) {
    let event: { source: ReturnType<typeof wireSource> };
    try {
      event = { source: wireSource(sources.get(base, id)) };
    } catch (error) {
      // It was forgotten meanwhile.
      if (error instanceof NotFound && said !== "") return;
      throw error;
    }
    const text = JSON.stringify(event);
    if (text !== said) yield event;
    said = text;
    if (event.source.state === "idle") return;
    await wait(NEWS_MS, undefined, { signal }).catch(() => {});
  }
}

function requestedSource(deps: Deps, c: Context) {
  return deps.sources.get(requestedBase(deps, c).id, idIn(c));
}

function notAllowed(): PunaError {
  return new PunaError(
    403,
    "a folder of the server's machine may be named by its own user (with the puna command) or with an API key of the scope 'admin'",
    { code: "path_not_allowed", param: "location" },
  );
}

function withoutNulls(options: Record<string, unknown>): SourceOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null && value !== undefined));
}
