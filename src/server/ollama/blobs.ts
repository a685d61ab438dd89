/** HEAD and POST /api/blobs/:digest: files that a model will be created from. */
import type { Context } from "hono";
import { Canceled, PunaError } from "../../errors.ts";
import type { Deps } from "../deps.ts";

export function headBlob({ store }: Deps) {
  return async (c: Context): Promise<Response> => {
    return c.body(null, (await store.hasBlob(digestOf(c))) ? 200 : 404);
  };
}

/** The body goes to disk as it comes, hashed on the way, of any size. */
export function postBlob({ store }: Deps) {
  return async (c: Context): Promise<Response> => {
    const digest = digestOf(c);
    // A client that offers a blob we have need not send it.
    if (await store.hasBlob(digest)) return c.body(null, 200);
    return c.body(null, (await store.putBlob(digest, uploaded(c))) === "exists" ? 200 : 201);
  };
}

async function* uploaded(c: Context): AsyncGenerator<Uint8Array> {
  try {
    if (c.req.raw.body) yield* c.req.raw.body;
  } catch (error) {
    if (error instanceof PunaError) throw error;
    throw new Canceled("the upload ended early", { cause: error });
  }
}

function digestOf(c: Context): string {
  return c.req.param("digest") ?? "";
}
