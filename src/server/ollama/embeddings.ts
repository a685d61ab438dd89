/** POST /api/embeddings: the old form, one text to the vector as the model gives it. */
import type { Context } from "hono";
import { Failed, Invalid, PunaError } from "../../errors.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { embedTexts } from "../embed.ts";
import { hold } from "../hold.ts";
import { openModel, parseReference } from "../reference.ts";
import { json } from "../respond.ts";
import { embeddingsRequest } from "./wire.ts";

export function embeddings(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const body = await readJson(c, embeddingsRequest, "EmbeddingRequest");
    const reference = parseReference(body.model);
    if (!reference.name) throw new Invalid("model is required");
    const model = await openModel(deps.store, reference);
    const { signal } = c.req.raw;
    using held = await hold(deps, model, { options: body.options, keepAliveMs: body.keep_alive, signal });
    if (body.prompt === "") return json(c, { embedding: [] });
    const { vectors } = await embedTexts(held.lease, {
      texts: [body.prompt],
      truncate: false,
      onOverflow: deps.config.onOverflow,
      signal,
    }).catch(asFailed);
    return json(c, { embedding: Array.from(vectors[0] ?? []) });
  };
}

/** Whatever is wrong with the text, this endpoint says 500. */
function asFailed(error: unknown): never {
  if (error instanceof PunaError && error.status === 400)
    throw new Failed(error.message, { cause: error, ...(error.code !== undefined && { code: error.code }) });
  throw error;
}
