/** POST /api/push: a model of the store to a registry. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import type { ModelStore } from "../../models/store.ts";
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

/** The name says where it goes: `registry.example/me/model`. */
export function push({ store }: { store: ModelStore }, registry: RegistryClient) {
  return async (c: Context): Promise<Response> => {
    const { model, name, insecure, stream } = await readJson(c, request, "PushRequest");
    const wanted = model || name;
    if (wanted.trim() === "") throw new Invalid("model is required");
    const reference = parseReference(wanted);
    if (!reference.name) throw new Invalid("invalid model name");
    const found = (await store.find(reference.name)) ?? reference.name;
    return await progress(c, registry.push(found, { insecure, signal: c.req.raw.signal }), stream);
  };
}
