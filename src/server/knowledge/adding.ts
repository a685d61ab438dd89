/** POST /puna/knowledge/{base}/documents: files, texts, paths and addresses become the items of an import. */
import type { Context } from "hono";
import { z } from "zod";
import { Canceled, Invalid, PunaError } from "../../errors.ts";
import { tooLarge } from "../../knowledge/import/uploads.ts";
import { PARSE_LIMITS } from "../../knowledge/parse/limits.ts";
import type { NewItem } from "../../knowledge/rows/jobs.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { endpoint } from "./endpoint.ts";
import { itemOf, wantedItem } from "./item.ts";
import { jobShape, wireJob } from "./job-shape.ts";
import { boundaryOf, readParts } from "./multipart.ts";
import { nameOf, placeOf } from "./place.ts";
import { requestedBase } from "./requested.ts";

/** Files of one request; who has more sends several. */
const MOST_FILES = 2_000;
const MOST_ITEMS = 10_000;
const MOST_BYTES = 2 ** 31;

const request = z.object({ items: z.array(wantedItem).max(MOST_ITEMS).default([]) });

/** Bytes go to disk as they come. */
export type Keep = (body: AsyncIterable<Uint8Array>, place: string, more?: { contentType?: string }) => Promise<NewItem>;

export const addEndpoint = endpoint({
  method: "POST",
  path: "/puna/knowledge/:base/documents",
  summary: "Adds documents: the import goes on by itself, as a job",
  status: 202,
  query: z.object({ name: z.string().optional().describe("The body is one file of this name") }),
  body: request,
  bytes: {
    takes: {
      "multipart/form-data": "Files in any fields; the name of one may hold folders",
      "application/octet-stream": "One file, with its name in the query",
    },
  },
  gives: z.object({ job: jobShape }),
  async handle({ c, deps, query: { name } }) {
    const { knowledge } = deps;
    const base = requestedBase(deps, c);
    const kept: string[] = [];
    const keep: Keep = async (body, place, more) => {
      const { sha256, bytes } = await knowledge.uploads.keep(body, nameOf(place));
      kept.push(sha256);
      return { place, source: { kind: "upload", sha256, bytes, name: nameOf(place), ...more } };
    };
    try {
      const boundary = name === undefined ? boundaryOf(c.req.header("content-type") ?? "") : undefined;
      const items =
        name !== undefined
          ? [await oneFile(c, name, keep)]
          : boundary !== undefined
            ? await filesOf(c, boundary, keep)
            : await namedItems(deps, c, keep);
      return { job: wireJob(await knowledge.add(base.id, items)) };
    } finally {
      knowledge.uploads.settle(kept);
    }
  },
});

async function oneFile(c: Context, name: string, keep: Keep): Promise<NewItem> {
  const place = placeOf(name);
  // Not received to be refused then.
  if (Number(c.req.header("content-length") ?? 0) > PARSE_LIMITS.bytes) throw tooLarge(nameOf(place));
  const contentType = c.req.header("content-type");
  return await keep(received(c, MOST_BYTES), place, contentType === undefined ? {} : { contentType });
}

async function filesOf(c: Context, boundary: string, keep: Keep): Promise<NewItem[]> {
  const items: NewItem[] = [];
  for await (const { filename, contentType, body } of readParts(received(c, MOST_BYTES), boundary)) {
    if (filename === undefined) continue;
    if (items.length === MOST_FILES) throw new Invalid(`a request may hold ${MOST_FILES} files: send the others in another one`);
    items.push(await keep(body, placeOf(filename), contentType === undefined ? {} : { contentType }));
  }
  return items;
}

async function namedItems(deps: Deps, c: Context, keep: Keep): Promise<NewItem[]> {
  const { items } = await readJson(c, request, "Request");
  const made: NewItem[] = [];
  for (const [at, item] of items.entries()) made.push(...(await itemOf(deps, c, item, { at, keep })));
  return made;
}

async function* received(c: Context, most: number): AsyncGenerator<Uint8Array> {
  if (!/^(?:identity)?$/i.test(c.req.header("content-encoding") ?? ""))
    throw new PunaError(415, "files are taken as they are: send them without Content-Encoding");
  let size = 0;
  try {
    for await (const chunk of c.req.raw.body ?? []) {
      size += chunk.length;
      if (size > most) break;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof PunaError) throw error;
    throw new Canceled("the upload ended early", { cause: error });
  }
  if (size > most) throw new PunaError(413, `a request may hold ${most / 2 ** 30} GB: send the files in several`);
}
