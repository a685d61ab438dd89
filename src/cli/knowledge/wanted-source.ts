/** What the words and flags of `puna kb watch` name: a folder, a page, a site or a repository. */
import path from "node:path";
import { Invalid } from "../../errors.ts";
import type { NewSource } from "./source-wire.ts";

export interface SourceFlags {
  every?: string;
  site?: boolean;
  depth?: string;
  pages?: string;
  prefix?: string;
  sitemap?: boolean | string;
  selector?: string;
  git?: boolean;
  branch?: string;
  folder?: string;
}

/** Throws Invalid for flags that do not go together. */
export function wantedSource(word: string, flags: SourceFlags): NewSource {
  const { every, depth, pages, prefix, sitemap, selector, branch, folder } = flags;
  const isWeb = /^https?:\/\//i.test(word);
  const ofGit = flags.git === true || branch !== undefined || folder !== undefined;
  const ofSite = [flags.site, depth, pages, prefix, sitemap].some((flag) => flag !== undefined);
  const ofPages = ofSite || selector !== undefined;
  const schedule = every === undefined ? {} : { every };
  if (ofGit || /^(?:ssh|git|file):\/\/|^[\w.-]+@[\w.-]+:/.test(word) || (isWeb && !ofPages && /\.git\/?$/.test(word))) {
    if (ofPages) throw new Invalid("a repository has no pages: leave out the flags of sites");
    const isPlace = isWeb || /^(?:[a-z]+:\/\/|[\w.-]+@)/.test(word);
    return { kind: "git", location: isPlace ? word : path.resolve(word), ...given({ branch, folder }), ...schedule };
  }
  if (isWeb) {
    const numbers = given({ depth: numberOf(depth, "depth"), pages: numberOf(pages, "pages") });
    const site = { kind: "site" as const, ...numbers, ...given({ prefix, sitemap }) };
    return { ...(ofSite ? site : { kind: "url" }), location: word, ...given({ selector }), ...schedule };
  }
  if (ofPages) throw new Invalid(`${JSON.stringify(word)} is no web address: the flags of sites are for https://…`);
  return { kind: "folder", location: path.resolve(word), watch: true, ...schedule };
}

function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function numberOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text)) throw new Invalid(`invalid value for --${flag}: ${JSON.stringify(text)} (must be a whole number)`);
  return Number(text);
}
