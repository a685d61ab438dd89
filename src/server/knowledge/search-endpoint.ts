/** POST /puna/knowledge/{base}/search: passages, as an answer would be made from them. */
import { z } from "zod";
import { NotFound } from "../../errors.ts";
import type { Hit, Location } from "../../knowledge/search/types.ts";
import { search } from "../../knowledge/search.ts";
import { endpoint } from "./endpoint.ts";
import { filterFields, filtersOf } from "./filters.ts";
import { requestedBase } from "./requested.ts";

const request = z.object({
  query: z.string().default(""),
  limit: z.int().nullish().describe("How many hits, 8 without it, 100 at most"),
  filters: filterFields.nullish(),
  rerank: z.boolean().default(true).describe("False: not even where the base has a model for it"),
  index: z
    .union([z.int(), z.literal("words")])
    .nullish()
    .describe("Another index than the live one, by its id; words: none but the words"),
});

const placeShape = z.object({
  document: z.string(),
  document_id: z.int(),
  page: z.int().nullable(),
  start: z.int().describe("In UTF-16 code units of the document's text"),
  end: z.int(),
});

const hitShape = placeShape
  .extend({
    text: z.string(),
    score: z.number().describe("0 to 100; below the threshold the passage has likely nothing to do with the query"),
    headings: z.array(z.string()),
    title: z.string(),
    kind: z.string(),
    header_row: z.string().nullable(),
    symbol: z.string().nullable(),
    words: z.number().describe("How far the words in common with the query go beyond what chance gives; 1 is chance"),
    cosine: z.number().nullable(),
    relevance: z.number().nullable().describe("0 to 1, by the base's reranking model"),
    also_at: z.array(placeShape).describe("Passages that say the same"),
  })
  .meta({ id: "Hit" });

export const searchEndpoint = endpoint({
  method: "POST",
  path: "/puna/knowledge/:base/search",
  summary: "Searches the passages of a base",
  body: request,
  gives: z.object({
    hits: z.array(hitShape),
    best: z.number().describe("The highest score, 0 without hits"),
    threshold: z.number().describe("What it must reach for the documents to be taken for an answer"),
    notices: z.array(z.string()).describe("What kept the search from being complete"),
    took_ms: z.number(),
  }),
  async handle({ c, deps, body: { query, limit, filters, rerank, index } }) {
    const base = requestedBase(deps, c);
    const space = index === "words" ? null : (index ?? undefined);
    if (typeof space === "number" && deps.knowledge.space(space).base !== base.id)
      throw new NotFound(`there is no index ${space} in this knowledge base`);
    const wanted = {
      query,
      rerank,
      ...(typeof limit === "number" && { limit }),
      filters: filtersOf(filters),
      ...(space !== undefined && { space }),
    };
    const started = performance.now();
    const { hits, best, threshold, notices } = await search(deps.knowledge, base.id, wanted);
    const tookMs = Math.round((performance.now() - started) * 10) / 10;
    return { hits: hits.map(wireHit), best, threshold, notices, took_ms: tookMs };
  },
});

function wireHit({
  text,
  score,
  headings,
  title,
  kind,
  headerRow,
  symbol,
  words,
  cosine,
  relevance,
  alsoAt,
  ...at
}: Hit): z.input<typeof hitShape> {
  return {
    ...wirePlace(at),
    ...{ text, score, headings, title, kind },
    header_row: headerRow ?? null,
    symbol: symbol ?? null,
    words: rounded(words),
    cosine: cosine === undefined ? null : rounded(cosine),
    relevance: relevance === undefined ? null : rounded(relevance),
    also_at: alsoAt.map(wirePlace),
  };
}

function wirePlace({ document, documentId, page, start, end }: Location): z.input<typeof placeShape> {
  return { document, document_id: documentId, page: page ?? null, start, end };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
