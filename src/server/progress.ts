/** Long work that reports on itself: a line per step, or only the last. */
import type { Context } from "hono";
import { json, ndjson } from "./respond.ts";

export async function progress(c: Context, steps: AsyncIterable<object>, stream: boolean): Promise<Response> {
  if (stream) return await ndjson(c, steps);
  let last: object = {};
  for await (const step of steps) last = step;
  return json(c, last);
}
