/** POST /api/copy: a second name for a model. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid, NotFound } from "../../errors.ts";
import { parseName } from "../../models/name.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { parseReference } from "../reference.ts";

const request = z.object({ source: z.string().default(""), destination: z.string().default("") });

export function copy({ store }: Deps) {
  return async (c: Context): Promise<Response> => {
    const { source, destination } = await readJson(c, request, "CopyRequest");
    const { name: from } = parseReference(source);
    if (!from) throw new Invalid(`source ${JSON.stringify(source)} is invalid`);
    const to = parseName(destination.trim());
    if (!to) throw new Invalid(`destination ${JSON.stringify(destination)} is invalid`);
    if (!(await store.find(from))) throw new NotFound(`model ${JSON.stringify(source)} not found`);
    await store.copy(from, to);
    return c.body(null, 200);
  };
}
