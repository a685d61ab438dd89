/** /puna/knowledge/{base}/export and /puna/knowledge-import: a base as one file. */
import { Readable } from "node:stream";
import type { Context } from "hono";
import { z } from "zod";
import { Canceled, PunaError } from "../../errors.ts";
import { importBase } from "../../knowledge/archive/import.ts";
import { packedBase } from "../../knowledge/archive/packed.ts";
import { baseShape, wireBase } from "./bases.ts";
import { endpoint } from "./endpoint.ts";
import { requestedBase, requireAllowed } from "./requested.ts";

const MEDIA_TYPE = "application/gzip";
const MOST_BYTES = 8 * 2 ** 30;

export const archiveEndpoints = [
  endpoint({
    method: "GET",
    path: "/puna/knowledge/:base/export",
    summary: "The base as one file: settings, documents, passages, questions and vectors",
    query: z.object({ vectors: z.enum(["true", "false"]).default("true").describe("false leaves the vectors out") }),
    bytes: { gives: { [MEDIA_TYPE]: "A tar archive, packed by gzip" } },
    handle({ c, deps, query: { vectors } }) {
      const base = requestedBase(deps, c);
      const stream = packedBase(deps.knowledge, deps.config.home, base.id, { withVectors: vectors === "true" });
      return new Response(Readable.toWeb(stream) as globalThis.ReadableStream, {
        headers: {
          "content-type": MEDIA_TYPE,
          "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(base.name)}.kb.tar.gz`,
        },
      });
    },
  }),
  endpoint({
    method: "POST",
    path: "/puna/knowledge-import",
    summary: "Makes a base from an exported file; all of it, or nothing",
    status: 201,
    query: z.object({ name: z.string().optional().describe("Another name than the base had") }),
    bytes: { takes: { [MEDIA_TYPE]: "What an export gave" } },
    gives: baseShape.extend({ notices: z.array(z.string()).describe("What was left out, and why") }),
    async handle({ c, deps, query: { name } }) {
      const { knowledge } = deps;
      if (name !== undefined) requireAllowed({ name });
      const { sha256 } = await knowledge.uploads.keep(fileOf(c), "the file", MOST_BYTES);
      try {
        const file = knowledge.uploads.fileOf(sha256);
        const { base, notices } = await importBase(knowledge, file, { name, signal: c.req.raw.signal, allow: requireAllowed });
        return { ...wireBase(base), notices };
      } finally {
        knowledge.uploads.settle([sha256]);
      }
    },
  }),
];

/** Throws PunaError 413 for a file that is too large: at once when it says so, else while it comes. */
async function* fileOf(c: Context): AsyncGenerator<Uint8Array> {
  const tooLarge = new PunaError(413, `the file is too large: ${MOST_BYTES / 2 ** 30} GB is the limit`);
  if (Number(c.req.header("content-length") ?? 0) > MOST_BYTES) throw tooLarge;
  let size = 0;
  try {
    for await (const chunk of c.req.raw.body ?? []) {
      size += chunk.length;
      if (size > MOST_BYTES) throw tooLarge;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof PunaError) throw error;
    throw new Canceled("the upload ended early", { cause: error });
  }
}
