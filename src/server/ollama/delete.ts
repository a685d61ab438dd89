/** DELETE /api/delete: a model, and the blobs that nothing else uses. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid, NotFound } from "../../errors.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { parseReference } from "../reference.ts";

const request = z.object({ model: z.string().default(""), name: z.string().default("") });

export function remove({ store }: Deps) {
  return async (c: Context): Promise<Response> => {
    const body = await readJson(c, request, "DeleteRequest");
    const text = body.model || body.name;
    const { name } = parseReference(text);
    if (!name) throw new Invalid(`name ${JSON.stringify(text)} is invalid`);
    if (!(await store.find(name))) throw new NotFound(`model '${text}' not found`);
    await store.delete(name);
    return c.body(null, 200);
  };
}
