/** GET /api/ps: the models in memory, latest expiry first. */
import type { Context } from "hono";
import { displayName } from "../../models/name.ts";
import type { LoadedModel } from "../../runtime/types.ts";
import type { Deps } from "../deps.ts";
import { forbidden } from "../guard/allowed-models.ts";
import { statsOf } from "../loaded-stats.ts";
import { json } from "../respond.ts";
import { localTime } from "../time.ts";
import { detailsOf } from "./details.ts";

export function ps({ runtime, config }: Deps) {
  return async (c: Context): Promise<Response> => {
    const allowed = runtime.loaded().filter(({ model }) => !forbidden(model.name));
    const describe = async (loaded: LoadedModel) => {
      const { model, sizeBytes, sizeVramBytes, contextLength, expiresAt } = loaded;
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
        ...(await usage(loaded)),
      };
    };
    return json(c, {
      models: await Promise.all(allowed.map(describe)),
      queue: { waiting: runtime.waiting, limit: config.maxQueue },
    });
  };
}

/** Puna's own fields: how much of the model is in use now. */
async function usage(loaded: LoadedModel): Promise<object> {
  const { active, info } = loaded;
  const stats = await statsOf(loaded);
  return {
    active_requests: active,
    slots: info?.shape.sequences ?? 0,
    ...(stats && {
      busy_slots: stats.activeSequences,
      waiting_requests: stats.waiting,
      kv_cells: stats.cells,
      kv_cells_used: stats.cellsUsed,
      prefix_cache: { entries: stats.prefixes, bytes: stats.prefixBytes },
      runner_bytes: stats.rssBytes,
    }),
  };
}
