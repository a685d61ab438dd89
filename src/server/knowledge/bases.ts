/** /puna/knowledge: the bases themselves. */
import { z } from "zod";
import { plannedEmbedder } from "../../knowledge/indexes.ts";
import { type Base, type BaseSettings, DEFAULT_SETTINGS } from "../../knowledge/rows/bases.ts";
import type { Deps } from "../deps.ts";
import { openModel, parseReference } from "../reference.ts";
import { nameOfBase } from "./asked.ts";
import { endpoint } from "./endpoint.ts";
import { listedBases } from "./listing.ts";
import { requestedBase, requireAllowed, time } from "./requested.ts";

const changeable = {
  embedder: z.string().min(1).nullish().describe("Model whose vectors are searched beside the words"),
  reranker: z
    .string()
    .min(1)
    .nullish()
    .describe("Model with rank pooling that reads the best passages once more and orders them"),
  model: z.string().min(1).nullish().describe("Model that answers; without one, a model that is in memory or changed last"),
  mode: z.enum(["chat", "query"]).nullish().describe("query: from the documents alone. chat: also from what the model knows"),
  refusal: z.string().min(1).max(2000).nullish().describe("What is answered when the documents do not say it"),
  threshold: z.number().min(0).max(100).nullish().describe("Score from which a question counts as answered by the documents"),
  passage_tokens: z.int().nullish().describe("Tokens that a passage should have"),
  most_passage_tokens: z.int().nullish().describe("Tokens that a passage may have at most"),
};
const wanted = z.object({ name: z.string().default(""), ...changeable });
const change = z.object({ name: z.string().optional(), ...changeable });

export const baseShape = z
  .object({
    id: z.int(),
    name: z.string(),
    model_name: z.string().describe("Under this name every client asks it like a model"),
    documents: z.int(),
    passages: z.int(),
    embedder: z.string().nullable(),
    reranker: z.string().nullable(),
    model: z.string().nullable(),
    mode: z.enum(["chat", "query"]),
    refusal: z.string().nullable(),
    threshold: z.number().nullable(),
    passage_tokens: z.int(),
    most_passage_tokens: z.int(),
    live_index: z.int().nullable().describe("The vectors that are searched; null: words alone"),
    previous_index: z.int().nullable().describe("Those that were searched before, for a rollback"),
    created_at: z.string(),
  })
  .meta({ id: "Base" });

export const baseEndpoints = [
  endpoint({
    method: "GET",
    path: "/puna/knowledge",
    summary: "Lists the knowledge bases that the caller may use",
    gives: z.object({ bases: z.array(baseShape) }),
    handle: ({ deps }) => ({ bases: listedBases(deps).map(wireBase) }),
  }),
  endpoint({
    method: "POST",
    path: "/puna/knowledge",
    summary: "Makes a knowledge base",
    status: 201,
    body: wanted,
    gives: baseShape,
    async handle({ deps, body: { name, ...rest } }) {
      requireAllowed({ name });
      return wireBase(await deps.knowledge.create({ name, settings: await settingsOf(deps, rest) }));
    },
  }),
  endpoint({
    method: "GET",
    path: "/puna/knowledge/:base",
    summary: "One knowledge base",
    gives: baseShape,
    handle: ({ c, deps }) => wireBase(requestedBase(deps, c)),
  }),
  endpoint({
    method: "PATCH",
    path: "/puna/knowledge/:base",
    summary: "Changes the name or settings of a base; null takes a setting away",
    body: change,
    gives: baseShape,
    async handle({ c, deps, body: { name, ...rest } }) {
      const { knowledge } = deps;
      const base = requestedBase(deps, c);
      if (name !== undefined) requireAllowed({ name });
      const { embedder, ...settings } = await settingsOf(deps, rest);
      const embed = rest.embedder === undefined ? undefined : await plannedEmbedder(knowledge, base, embedder);
      await knowledge.update(base.id, { ...(name !== undefined && { name }), settings });
      await embed?.();
      return wireBase(knowledge.byId(base.id));
    },
  }),
  endpoint({
    method: "DELETE",
    path: "/puna/knowledge/:base",
    summary: "Removes a base with all its documents",
    status: 204,
    async handle({ c, deps }) {
      await deps.knowledge.remove(requestedBase(deps, c).id);
    },
  }),
];

export function wireBase(base: Base): z.input<typeof baseShape> {
  const { id, name, documents, passages, settings } = base;
  return {
    ...{ id, name, model_name: nameOfBase(base).replace(/:latest$/, ""), documents, passages },
    embedder: settings.embedder ?? null,
    reranker: settings.reranker ?? null,
    model: settings.model ?? null,
    mode: settings.mode ?? "query",
    refusal: settings.refusal ?? null,
    threshold: settings.threshold ?? null,
    passage_tokens: settings.passageTokens,
    most_passage_tokens: settings.mostPassageTokens,
    live_index: base.liveSpace ?? null,
    previous_index: base.oldSpace ?? null,
    created_at: time(base.createdAt),
  };
}

/** Those that the request names; `undefined` stands for one to be taken away. */
async function settingsOf({ store }: Deps, asked: Omit<z.output<typeof change>, "name">): Promise<Partial<BaseSettings>> {
  // Under the caller's own grant: through a base it must reach no model that it may not use itself.
  for (const model of [asked.model, asked.reranker]) if (model) await openModel(store, parseReference(model));
  const { passageTokens, mostPassageTokens } = DEFAULT_SETTINGS;
  const all = {
    embedder: asked.embedder,
    reranker: asked.reranker,
    model: asked.model,
    mode: asked.mode,
    refusal: asked.refusal,
    threshold: asked.threshold,
    passageTokens: asked.passage_tokens === null ? passageTokens : asked.passage_tokens,
    mostPassageTokens: asked.most_passage_tokens === null ? mostPassageTokens : asked.most_passage_tokens,
  };
  const named = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named.map(([key, value]) => [key, value ?? undefined]));
}
