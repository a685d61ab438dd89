/** POST /puna/files: a GGUF file of this machine, to be used where it lies. The guard lets only an administrator come here: a path could be anyone's. */
import { stat } from "node:fs/promises";
import type { Context } from "hono";
import { z } from "zod";
import { Invalid, messageOf } from "../../errors.ts";
import { readGguf } from "../../models/gguf/read.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { ndjson } from "../respond.ts";

const request = z.object({ path: z.string().default("") });
/** Between two lines of progress. */
const QUIET_MS = 60;

/** Lines of progress in bytes; the last one is `success` with the digest that a create request may name. */
export function useFile({ store }: Pick<Deps, "store">) {
  return async (c: Context): Promise<Response> => {
    const { path } = await readJson(c, request, "FileRequest");
    return await ndjson(c, progress(path));
  };

  async function* progress(path: string) {
    if (path === "") throw new Invalid("path is required");
    await checkGguf(path);
    let last = 0;
    for await (const { completedBytes, sizeBytes, digest } of store.blobs.references.add(path)) {
      if (digest !== undefined) yield { status: "success", digest, total: sizeBytes, completed: completedBytes };
      else if (Date.now() - last >= QUIET_MS) {
        last = Date.now();
        yield { status: `reading ${path}`, total: sizeBytes, completed: completedBytes };
      }
    }
  }
}

/** Only a GGUF is worth reading to its end, and only of one should a digest be told. */
async function checkGguf(path: string): Promise<void> {
  try {
    // A pipe would be waited for without end.
    if (!(await stat(path)).isFile()) throw new Error("it is not a file");
    await readGguf(path);
  } catch (cause) {
    throw new Invalid(`${path} cannot be used in place: ${messageOf(cause)}`, { cause });
  }
}
