/** One thing to add, as a request names it. */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import type { Context } from "hono";
import { z } from "zod";
import { Invalid, PunaError } from "../../errors.ts";
import { pageAddress } from "../../knowledge/crawl/address.ts";
import type { NewItem } from "../../knowledge/rows/jobs.ts";
import { walk } from "../../knowledge/sources/walk.ts";
import type { Deps } from "../deps.ts";
import { isAdministrator } from "../guard/keys.ts";
import type { Keep } from "./adding.ts";
import { placeOf, titleOf } from "./place.ts";

export const wantedItem = z
  .object({
    text: z.string().nullish().describe("Text, named by `name`"),
    name: z.string().nullish(),
    path: z
      .string()
      .nullish()
      .describe("File or folder of the server's machine; for its own user, or a key with the scope admin"),
    url: z.string().nullish().describe("Page of the web"),
  })
  .describe("One of text, path and url");

type Wanted = z.output<typeof wantedItem>;

/** Throws Invalid for what is none or several of the kinds, and PunaError 403 for a path that is not the caller's to name. */
export async function itemOf(
  deps: Deps,
  c: Context,
  wanted: Wanted,
  { at, keep }: { at: number; keep: Keep },
): Promise<NewItem[]> {
  const { text, name, path: file, url } = wanted;
  const param = `items[${at}]`;
  if ([text, file, url].filter((value) => value !== undefined && value !== null).length !== 1)
    throw new Invalid(`${param} needs one of text, path and url`, { param });
  if (typeof text === "string") return [await textItem(text, name ?? undefined, keep)];
  if (typeof file === "string") return await fileItems(deps, c, file, `${param}.path`);
  return [urlItem(deps, url ?? "", `${param}.url`)];
}

async function textItem(text: string, name: string | undefined, keep: Keep): Promise<NewItem> {
  // Said to be text, it is not to be taken for something else.
  const bytes = Buffer.from(text.replaceAll("\0", ""), "utf8");
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  // Two texts that begin alike are two documents.
  const place = name === undefined ? `pasted/${hash}/${titleOf(text)}` : placeOf(name);
  return await keep(once(bytes), place);
}

/** A file, or the files of a folder that have anything to read. */
async function fileItems(deps: Deps, c: Context, file: string, param: string): Promise<NewItem[]> {
  if (!isAdministrator(c, deps))
    throw new PunaError(
      403,
      "a path of the server's machine may be named by its own user (with the puna command) or with an API key of the scope 'admin': send the file itself instead",
      { code: "path_not_allowed", param },
    );
  if (!path.isAbsolute(file) || file.includes("\0"))
    throw new Invalid(`${JSON.stringify(file.slice(0, 200))} is no absolute path`, { param });
  const root = path.resolve(file);
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return [{ place: root, source: { kind: "file", path: root } }];
  const { files } = await walk(root, c.req.raw.signal);
  if (files.length === 0) throw new Invalid(`${root} holds no file to read`, { param });
  return files.map(({ path: place }) => ({ place, source: { kind: "folder-file", path: place, root } }));
}

function urlItem({ knowledge }: Deps, url: string, param: string): NewItem {
  const page = pageAddress(url);
  if (!page) throw new Invalid(`${JSON.stringify(url.slice(0, 200))} is no address of a web page`, { param });
  if (!knowledge.importer.reads("url")) throw new Invalid("this server does not read web pages", { param });
  return { place: page.href, source: { kind: "url", url: page.href } };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
