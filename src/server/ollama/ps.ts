/** GET /api/ps: the models in memory, latest expiry first. */
import type { Context } from "hono";
import { displayName } from "../../models/name.ts";
import type { Deps } from "../deps.ts";
import { forbidden } from "../guard/allowed-models.ts";
import { json } from "../respond.ts";
import { localTime } from "../time.ts";
import { detailsOf } from "./details.ts";

export function ps({ runtime }: Deps) {
  return (c: Context): Response => {
    const allowed = runtime.loaded().filter(({ model }) => !forbidden(model.name));
    const models = allowed.map(({ model, sizeBytes, sizeVramBytes, contextLength, expiresAt }) => {
      const name = displayName(model.name);
      return {
        name,
        model: name,
        size: sizeBytes,
        digest: model.digest,
        details: detailsOf(model),
        expires_at: localTime(expiresAt),
        size_vram: sizeVramBytes,
        context_length: contextLength,
      };
    });
    return json(c, { models });
  };
}
