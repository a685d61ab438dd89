/** POST /api/embed: one or many texts to unit vectors. */
import type { Context } from "hono";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { embedTexts, normalise } from "../embed.ts";
import { hold } from "../hold.ts";
import { shortest } from "../numbers.ts";
import { openModel, parseReference } from "../reference.ts";
import { json } from "../respond.ts";
import { truncatedInputs } from "../truncation.ts";
import { embedRequest } from "./wire.ts";

export function embed(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const started = performance.now();
    const body = await readJson(c, embedRequest, "EmbedRequest");
    const model = await openModel(deps.store, parseReference(body.model), notFound);
    const { signal } = c.req.raw;
    using held = await hold(deps, model, { options: body.options, keepAliveMs: body.keep_alive, signal });
    const { lease } = held;
    if (!body.input) return json(c, { model: body.model, embeddings: [] });
    const { vectors, tokens, truncated } = await embedTexts(lease, {
      texts: body.input,
      truncate: body.truncate,
      onOverflow: deps.config.onOverflow,
      signal,
    });
    return json(c, {
      model: body.model,
      embeddings: vectors.map((vector) => Array.from(normalise(vector, body.dimensions), shortest)),
      total_duration: Math.round((performance.now() - started) * 1e6),
      load_duration: held.loadNs,
      ...(tokens > 0 && { prompt_eval_count: tokens }),
      ...truncatedInputs(c, truncated),
    });
  };
}

function notFound(text: string): string {
  return `model ${JSON.stringify(text)} not found, try pulling it first`;
}
