/** POST /api/pull: a model from a registry. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import type { RegistryClient } from "../../registry/client.ts";
import { readJson } from "../body.ts";
import { progress } from "../progress.ts";
import { parseReference } from "../reference.ts";

const request = z.object({
  model: z.string().default(""),
  name: z.string().default(""),
  insecure: z.boolean().default(false),
  stream: z.boolean().default(true),
});

/** A client that leaves stops its pull, unless another one pulls the same; what was fetched is kept. */
export function pull(registry: RegistryClient) {
  return async (c: Context): Promise<Response> => {
    const { model, name, insecure, stream } = await readJson(c, request, "PullRequest");
    const reference = parseReference(model || name);
    if (!reference.name) throw new Invalid("invalid model name");
    return await progress(c, registry.pull(reference.name, { insecure, signal: c.req.raw.signal }), stream);
  };
}
