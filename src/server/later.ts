/** A part of the server whose code is loaded when it is first asked for, so that an idle server stays small. */
import type { Context, Hono } from "hono";

/** A handler for everything under the part's paths, which the part's own app routes by the whole path. */
export function later(load: () => Promise<Hono>): (c: Context) => Promise<Response> {
  let loading: Promise<Hono> | undefined;
  return async (c) => {
    loading ??= load();
    const app = await loading;
    const response = await app.fetch(c.req.raw, c.env);
    // Made anew: what the guards put on the answer goes with it.
    return c.newResponse(response.body, response);
  };
}
