/** What is still to be visited: each page once, those nearer to the start first. */
import { Invalid } from "../../errors.ts";
import { isInScope, isPageLike, pageAddress, type Scope, scopeOf } from "./address.ts";
import type { Site } from "./types.ts";

export interface Wanted {
  url: URL;
  /** Links away from the start. */
  depth: number;
}

/** Calendars and filters make pages without end. */
const MOST_QUERIES = 200;

export class Frontier {
  readonly start: URL;
  readonly #site: Site;
  readonly #seen = new Set<string>();
  readonly #queries = new Map<string, number>();
  readonly #queue: Wanted[] = [];
  #scope: Scope;

  /** Throws Invalid when the start is no address of a page. */
  constructor(site: Site) {
    const start = pageAddress(site.url);
    if (!start) throw new Invalid(`${JSON.stringify(site.url)} is no address of a web page`, { code: "bad_url" });
    this.start = start;
    this.#site = site;
    this.#scope = scopeOf(start, site.prefix);
    this.#want(start, 0);
  }

  next(): Wanted | undefined {
    return this.#queue.shift();
  }

  has(url: URL): boolean {
    return isInScope(this.#scope, url);
  }

  /** The start led elsewhere, such as to https: the site is there. */
  moveTo(url: URL): void {
    this.#scope = this.#site.prefix === undefined ? scopeOf(url) : { ...this.#scope, origin: url.origin };
  }

  /** False when it was wanted already. */
  mark(url: URL): boolean {
    if (this.#seen.has(url.href)) return false;
    this.#seen.add(url.href);
    return true;
  }

  /** `from` is the depth of the page with the link. */
  wantLink(url: URL | undefined, from: number): void {
    if (url && from < this.#site.depth && this.has(url) && isPageLike(url)) this.#want(url, from + 1);
  }

  /** Pages of a sitemap. */
  wantPages(pages: readonly string[], base: URL): void {
    for (const text of pages) {
      const page = pageAddress(text, base);
      if (page && this.has(page) && isPageLike(page)) this.#want(page, 1);
    }
  }

  #want(url: URL, depth: number): void {
    const place = url.origin + url.pathname;
    const queries = this.#queries.get(place) ?? 0;
    if ((url.search !== "" && queries >= MOST_QUERIES) || !this.mark(url)) return;
    this.#queries.set(place, queries + 1);
    this.#queue.push({ url, depth });
  }
}
