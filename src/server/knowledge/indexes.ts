/** /puna/knowledge/{base}/indexes: vectors of one embedder beside those of another, until one takes the other's place. */
import { z } from "zod";
import type { KnowledgeStore, SpaceState } from "../../knowledge/bases.ts";
import { buildBeside, drop, isComplete, makeLive, reset, rollBack, stateOf } from "../../knowledge/indexes.ts";
import type { Base } from "../../knowledge/rows/bases.ts";
import { baseShape, wireBase } from "./bases.ts";
import { endpoint, idIn } from "./endpoint.ts";
import { jobShape, wireJob } from "./job-shape.ts";
import { requestedBase, time } from "./requested.ts";

const PATH = "/puna/knowledge/:base/indexes";
/** Passages without a vector that are named. */
const MOST_FAULTS = 100;

const indexShape = z
  .object({
    id: z.int(),
    embedder: z.string(),
    digest: z.string().describe("Of the embedder; vectors of another never come in"),
    dimensions: z.int().nullable(),
    state: z.enum(["live", "previous", "ready", "building", "incomplete"]),
    vectors: z.int(),
    passages: z.int().describe("Of the base: so many vectors make it complete"),
    faults: z.int().describe("Passages that could not be embedded; they are found by their words"),
    created_at: z.string(),
  })
  .meta({ id: "Index" });

const faultShape = z.object({ document_id: z.int(), start: z.int(), reason: z.string() });

export const indexEndpoints = [
  endpoint({
    method: "GET",
    path: PATH,
    summary: "Lists the indexes of a base",
    gives: z.object({ indexes: z.array(indexShape) }),
    async handle({ c, deps }) {
      const { knowledge } = deps;
      const base = requestedBase(deps, c);
      return { indexes: (await knowledge.spaces(base.id)).map((space) => wireIndex(knowledge, base, space)) };
    },
  }),
  endpoint({
    method: "POST",
    path: PATH,
    summary: "Builds an index with another embedder beside the one that is searched, or goes on with one",
    status: 202,
    body: z.object({
      embedder: z.string().trim().min(1, "embedder is required: name an embedding model").prefault(""),
      live: z.boolean().nullish().describe("true: it is searched as soon as it is complete"),
    }),
    gives: z.object({ index: indexShape, job: jobShape }),
    async handle({ c, deps, body: { embedder, live } }) {
      const base = requestedBase(deps, c);
      const { space, job } = await buildBeside(deps.knowledge, base.id, embedder, { goesLive: live ?? false });
      const state = await stateOf(deps.knowledge, base.id, space.id);
      return { index: wireIndex(deps.knowledge, base, state), job: wireJob(job) };
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id`,
    summary: "One index, with passages that could not be embedded",
    gives: z.object({ index: indexShape, faults: z.array(faultShape) }),
    async handle({ c, deps }) {
      const base = requestedBase(deps, c);
      const state = await stateOf(deps.knowledge, base.id, idIn(c));
      const faults = deps.knowledge.faults(state.id).slice(0, MOST_FAULTS);
      return {
        index: wireIndex(deps.knowledge, base, state),
        faults: faults.map(({ document, start, reason }) => ({ document_id: document, start, reason })),
      };
    },
  }),
  endpoint({
    method: "DELETE",
    path: `${PATH}/:id`,
    summary: "Drops an index that is not searched",
    status: 204,
    async handle({ c, deps }) {
      await drop(deps.knowledge, requestedBase(deps, c).id, idIn(c));
    },
  }),
  endpoint({
    method: "POST",
    path: `${PATH}/:id/live`,
    summary: "Searches this index from now on; the one before is kept",
    gives: baseShape,
    handle: async ({ c, deps }) => wireBase(await makeLive(deps.knowledge, requestedBase(deps, c).id, idIn(c))),
  }),
  endpoint({
    method: "POST",
    path: "/puna/knowledge/:base/rollback",
    summary: "Searches the index again that was searched before",
    gives: baseShape,
    handle: async ({ c, deps }) => wireBase(await rollBack(deps.knowledge, requestedBase(deps, c).id)),
  }),
  endpoint({
    method: "POST",
    path: "/puna/knowledge/:base/reset",
    summary: "Makes the index anew from the stored texts, cut as the settings now say",
    status: 202,
    gives: z.object({ job: jobShape }),
    handle: async ({ c, deps }) => ({ job: wireJob(await reset(deps.knowledge, requestedBase(deps, c).id)) }),
  }),
];

function wireIndex(store: KnowledgeStore, base: Base, space: SpaceState): z.input<typeof indexShape> {
  const { id, embedder, digest, dimensions, vectors, faults, createdAt } = space;
  return {
    ...{ id, embedder, digest, dimensions: dimensions ?? null, state: stateWord(store, base, space), vectors },
    ...{ passages: base.passages, faults, created_at: time(createdAt) },
  };
}

function stateWord(store: KnowledgeStore, base: Base, space: SpaceState): z.input<typeof indexShape>["state"] {
  if (space.isLive) return "live";
  if (store.openBuild(base.id, space.id) !== undefined) return "building";
  if (!isComplete(space, base)) return "incomplete";
  return space.id === base.oldSpace ? "previous" : "ready";
}
