/** /puna/knowledge/{base}/jobs: imports and other long work. */
import type { Context } from "hono";
import { z } from "zod";
import { NotFound, PunaError } from "../../errors.ts";
import type { Job } from "../../knowledge/rows/jobs.ts";
import type { Deps } from "../deps.ts";
import { ndjson } from "../respond.ts";
import { endpoint, idIn } from "./endpoint.ts";
import { eventShape, jobEvents } from "./job-events.ts";
import { itemShape, jobShape, wireItem, wireJob } from "./job-shape.ts";
import { nextShape, paged, pageQuery } from "./page.ts";
import { requestedBase } from "./requested.ts";

const PATH = "/puna/knowledge/:base/jobs";
const states = ["waiting", "done", "unchanged", "failed", "canceled"] as const;
const oneJob = z.object({ job: jobShape });

export const jobEndpoints = [
  endpoint({
    method: "GET",
    path: PATH,
    summary: "Lists the newest jobs of a base",
    query: pageQuery.pick({ limit: true }),
    gives: z.object({ jobs: z.array(jobShape) }),
    handle: ({ c, deps, query }) => ({ jobs: deps.knowledge.jobs(requestedBase(deps, c).id, query.limit).map(wireJob) }),
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id`,
    summary: "One job with its items",
    query: pageQuery.extend({ state: z.enum(states).optional() }),
    gives: z.object({ job: jobShape, items: z.array(itemShape), next: nextShape }),
    handle({ c, deps, query: { limit, after, state } }) {
      const job = requestedJob(deps, c);
      const rows = deps.knowledge.items(job.id, { limit: limit + 1, after, ...(state && { state }) });
      const { page, next } = paged(rows, limit);
      return { job: wireJob(job), items: page.map(wireItem), next };
    },
  }),
  endpoint({
    method: "DELETE",
    path: `${PATH}/:id`,
    summary: "Cancels a job; what it has done stays",
    gives: oneJob,
    handle: async ({ c, deps }) => ({ job: wireJob(await deps.knowledge.cancel(requestedJob(deps, c).id)) }),
  }),
  endpoint({
    method: "POST",
    path: `${PATH}/:id/retry`,
    summary: "Tries again what failed or was canceled",
    status: 202,
    gives: oneJob,
    async handle({ c, deps }) {
      const { id, state } = requestedJob(deps, c);
      if (state === "running" || state === "waiting")
        throw new PunaError(409, `job ${id} is still ${state}: wait for its end, or cancel it, before trying again`);
      return { job: wireJob(await deps.knowledge.retry(id)) };
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id/events`,
    summary: "What a job does, a line for each news, until it ends",
    gives: eventShape,
    lines: true,
    async handle({ c, deps }) {
      const { id } = requestedJob(deps, c);
      return await ndjson(c, jobEvents(deps.knowledge, id, c.req.raw.signal));
    },
  }),
];

/** Throws NotFound, also for a job of another base. */
function requestedJob(deps: Deps, c: Context): Job {
  const base = requestedBase(deps, c);
  const id = idIn(c);
  const job = deps.knowledge.job(id);
  if (job.base !== base.id) throw new NotFound(`there is no job ${id} in this knowledge base`);
  return job;
}
