/** POST /api/rerank and /v1/rerank: documents in the order of how well they answer a query. The shape is that of Jina and Cohere. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { hold } from "../hold.ts";
import { parseKeepAlive } from "../keep-alive.ts";
import { openModel, parseReference } from "../reference.ts";
import { rerankTexts } from "../rerank.ts";
import { json } from "../respond.ts";
import { truncatedInputs } from "../truncation.ts";

const request = z.object({
  model: z.string().default(""),
  query: z.string().default(""),
  documents: z.array(z.union([z.string(), z.object({ text: z.string() }).transform(({ text }) => text)])).default([]),
  top_n: z.int().optional(),
  return_documents: z.boolean().default(false),
  /** Scores as the model gives them, instead of between 0 and 1. */
  raw_scores: z.boolean().default(false),
  truncate: z.boolean().default(true),
  keep_alive: z.unknown().optional().transform(parseKeepAlive),
  options: z.record(z.string(), z.unknown()).default({}),
});

export function rerank(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const started = performance.now();
    const body = await readJson(c, request, "RerankRequest");
    const model = await modelFor(deps, body);
    const { signal } = c.req.raw;
    using held = await hold(deps, model, { options: body.options, keepAliveMs: body.keep_alive, signal });
    const { scores, tokens, truncated } = await rerankTexts(held.lease, model, {
      query: body.query,
      documents: body.documents,
      truncate: body.truncate,
      onOverflow: deps.config.onOverflow,
      signal,
    });
    const results = scores.map(({ raw, relevance }, index) => ({
      index,
      relevance_score: body.raw_scores ? raw : relevance,
      ...(body.return_documents && { document: { text: body.documents[index] } }),
    }));
    results.sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index);
    return json(c, {
      model: body.model,
      object: "list",
      results: results.slice(0, body.top_n),
      usage: { prompt_tokens: tokens, total_tokens: tokens },
      total_duration: Math.round((performance.now() - started) * 1e6),
      load_duration: held.loadNs,
      ...truncatedInputs(c, truncated, "documents"),
    });
  };
}

async function modelFor({ store }: Deps, { model: asked, query, documents, top_n: most }: z.output<typeof request>) {
  const reference = parseReference(asked);
  if (reference.text === "") throw new Invalid("model is required");
  const model = await openModel(store, reference);
  if (!model.capabilities.includes("rerank"))
    throw new Invalid(`${JSON.stringify(asked)} does not support rerank: it needs a model with rank pooling`);
  if (query === "") throw new Invalid("query is required");
  if (documents.length === 0) throw new Invalid("documents is required");
  if (most !== undefined && most < 1) throw new Invalid("top_n must be positive");
  return model;
}
