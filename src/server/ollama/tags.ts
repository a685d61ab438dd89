/** GET /api/tags: the models of the store, and the knowledge bases, which can be asked like models. */
import type { Context } from "hono";
import { displayName } from "../../models/name.ts";
import type { PulledModels } from "../../registry/pulled.ts";
import type { Deps } from "../deps.ts";
import { listedBases, tagOfBase } from "../knowledge/listing.ts";
import { json } from "../respond.ts";
import { localTime } from "../time.ts";
import { detailsOf, moreOf } from "./details.ts";

export function tags(deps: Deps, pulled: PulledModels) {
  const { store } = deps;
  return async (c: Context): Promise<Response> => {
    const models: object[] = [];
    const isPulled = await pulled.recall();
    for (const stored of await store.list()) {
      const { capabilities, ...lengths } = await moreOf(store, stored);
      const name = displayName(stored.name);
      models.push({
        name,
        model: name,
        ...(stored.config.remote_model && { remote_model: stored.config.remote_model }),
        ...(stored.config.remote_host && { remote_host: stored.config.remote_host }),
        modified_at: localTime(stored.modifiedAt),
        size: stored.size,
        digest: stored.digest,
        ...(isPulled(stored.name, `sha256:${stored.digest}`) && { pulled: true }),
        details: { ...detailsOf(stored), ...lengths },
        ...(capabilities && { capabilities }),
      });
    }
    return json(c, { models: [...models, ...listedBases(deps).map(tagOfBase)] });
  };
}
