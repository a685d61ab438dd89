/** POST /puna/prune: removes what no model uses, also from a store that another program made: here somebody asks for it. */
import type { Context } from "hono";
import { Failed } from "../../errors.ts";
import type { Deps } from "../deps.ts";
import { json } from "../respond.ts";

export function prune({ store }: Pick<Deps, "store">) {
  return async (c: Context): Promise<Response> => {
    const removed = await store.prune();
    if (removed === undefined) {
      throw new Failed(
        "nothing is removed while a manifest cannot be read, since its blobs are not known: see the server's log for its name",
      );
    }
    return json(c, { removed });
  };
}
