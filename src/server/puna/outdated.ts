/** POST /api/outdated: whether a registry has something newer for a model's name than what is here. Nothing is fetched. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import type { RegistryClient } from "../../registry/client.ts";
import { readJson } from "../body.ts";
import { parseReference } from "../reference.ts";
import { json } from "../respond.ts";

const request = z.object({ model: z.string().default(""), insecure: z.boolean().default(false) });

export function outdated(registry: RegistryClient) {
  return async (c: Context): Promise<Response> => {
    const { model, insecure } = await readJson(c, request, "OutdatedRequest");
    const { name } = parseReference(model);
    if (!name) throw new Invalid("invalid model name");
    return json(c, { model, outdated: !(await registry.isCurrent(name, { insecure, signal: c.req.raw.signal })) });
  };
}
