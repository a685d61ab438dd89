/** One thing to add, as a request names it. */
import { createHash } from "node:crypto";
import path from "node:path";
import type { Context } from "hono";
import { z } from "zod";
import { Invalid, PunaError } from "../../errors.ts";
import type { NewItem } from "../../knowledge/rows/jobs.ts";
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
export async function itemOf(deps: Deps, c: Context, wanted: Wanted, { at, keep }: { at: number; keep: Keep }): Promise<NewItem> {
  const { text, name, path: file, url } = wanted;
  const param = `items[${at}]`;
  if ([text, file, url].filter((value) => value !== undefined && value !== null).length !== 1)
    throw new Invalid(`${param} needs one of text, path and url`, { param });
  if (typeof text === "string") return await textItem(text, name ?? undefined, keep);
  if (typeof file === "string") return fileItem(deps, c, file, param);
  return urlItem(deps, url ?? "", param);
}

async function textItem(text: string, name: string | undefined, keep: Keep): Promise<NewItem> {
  // Said to be text, it is not to be taken for something else.
  const bytes = Buffer.from(text.replaceAll("\0", ""), "utf8");
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  // Two texts that begin alike are two documents.
  const place = name === undefined ? `pasted/${hash}/${titleOf(text)}` : placeOf(name);
  return await keep(once(bytes), place);
}

function fileItem(deps: Deps, c: Context, file: string, param: string): NewItem {
  if (!isAdministrator(c, deps))
    throw new PunaError(
      403,
      "a path of the server's machine may be named by its own user (with the puna command) or with an API key of the scope 'admin': send the file itself instead",
      { code: "path_not_allowed", param: `${param}.path` },
    );
  if (!path.isAbsolute(file) || file.includes("\0"))
    throw new Invalid(`${JSON.stringify(file.slice(0, 200))} is no absolute path`, { param: `${param}.path` });
  const place = path.normalize(file);
  return { place, source: { kind: "file", path: place } };
}

function urlItem({ knowledge }: Deps, url: string, param: string): NewItem {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Invalid(`${JSON.stringify(url.slice(0, 200))} is no address of a web page`, { param: `${param}.url` });
  if (!knowledge.importer.reads("url")) throw new Invalid("this server does not read web pages", { param: `${param}.url` });
  return { place: url, source: { kind: "url", url } };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
