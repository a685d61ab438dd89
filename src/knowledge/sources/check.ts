/** Whether a source can be looked at, before it is written down. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { Invalid } from "../../errors.ts";
import { checkUrl } from "../../net/web.ts";
import type { NewSource, SourceOptions } from "../rows/sources.ts";
import { checkBranch, checkRepository } from "./git-address.ts";

const LEAST_EVERY_MS = 60_000;
const MOST_DEPTH = 10;
const MOST_PAGES = 10_000;

/** The source as it is written down. Throws Invalid, or PunaError 403 for what its maker may not use. */
export async function checkNew(wanted: NewSource, { isKnown = false } = {}): Promise<NewSource> {
  const { everyMs, kind } = wanted;
  if (everyMs !== undefined && !(everyMs >= LEAST_EVERY_MS)) {
    throw new Invalid("a source can be looked at every minute at most: give a time such as 30m, 6h or 1d", { param: "every" });
  }
  if (isKnown) return wanted;
  const options = await checkOptions(kind, wanted.options);
  return { ...wanted, options, location: await checkLocation(wanted) };
}

async function checkLocation({ kind, location, options }: NewSource): Promise<string> {
  if (kind === "folder") {
    if (!path.isAbsolute(location))
      throw new Invalid(`the path of the folder ${JSON.stringify(location)} is not absolute`, { param: "path" });
    const folder = path.resolve(location);
    const isFolder = await stat(folder).then(
      (found) => found.isDirectory(),
      () => undefined,
    );
    if (!isFolder)
      throw new Invalid(`${folder} ${isFolder === undefined ? "is not there" : "is no folder"}`, {
        param: "path",
        code: "folder_not_found",
      });
    return folder;
  }
  if (kind === "git") {
    checkRepository(location, options.trusted === true);
    if (options.branch !== undefined) checkBranch(options.branch);
    return location;
  }
  if (!URL.canParse(location))
    throw new Invalid(`${JSON.stringify(location)} is no address of a web page`, { code: "bad_url", param: "url" });
  const url = new URL(location);
  checkUrl(url);
  url.hash = "";
  return url.href;
}

/** Only what the kind of source knows. */
async function checkOptions(kind: NewSource["kind"], options: SourceOptions): Promise<SourceOptions> {
  const { depth, pages, prefix, sitemap, selector, branch, folder, watch, trusted } = options;
  inRange("depth", depth, 0, MOST_DEPTH);
  inRange("pages", pages, 1, MOST_PAGES);
  if (selector !== undefined) await checkSelector(selector);
  const ofKind: Record<NewSource["kind"], SourceOptions> = {
    folder: { watch },
    url: { selector },
    site: { depth, pages, prefix, sitemap, selector },
    git: { branch, folder, trusted },
  };
  return Object.fromEntries(Object.entries(ofKind[kind]).filter(([, value]) => value !== undefined && value !== ""));
}

function inRange(name: string, value: number | undefined, least: number, most: number): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most)) {
    throw new Invalid(`a ${name} of ${value} cannot be: give a number from ${least} to ${most.toLocaleString("en")}`, {
      param: name,
    });
  }
}

async function checkSelector(selector: string): Promise<void> {
  // Not before it is needed: it takes memory that an idle server need not have.
  const { parseHTML } = await import("linkedom");
  try {
    parseHTML("<p></p>").document.querySelector(selector);
  } catch (error) {
    throw new Invalid(`${JSON.stringify(selector)} is no CSS selector`, { param: "selector", cause: error });
  }
}
