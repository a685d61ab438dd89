/** Walks through a site, page by page, within its robots.txt and the limits that were given. */
import { createHash } from "node:crypto";
import { Invalid, messageOf, PunaError } from "../../errors.ts";
import type { Answer } from "../../net/web.ts";
import { isInScope, isPageLike, nameOfPage, pageAddress, type Scope, scopeOf } from "./address.ts";
import type { Manners } from "./manners.ts";
import { readPage } from "./page.ts";
import { EVERYTHING_ALLOWED, NOTHING_ALLOWED, parseRobots, ROBOTS_BYTES, type Robots } from "./robots.ts";
import { isSitemap, readSitemap, SITEMAP_BYTES } from "./sitemap.ts";

export interface Site {
  url: string;
  /** Links away from the start; 0 is the start alone. */
  depth: number;
  /** Pages that are fetched at most. */
  pages: number;
  /** Paths that belong to it; by default the folder of the start. */
  prefix?: string | undefined;
  /** Also the pages of its sitemaps, or of this one. */
  sitemap?: boolean | string | undefined;
}

/** What an earlier look knows of a page, so that the server need not send it again. */
export interface KnownPage {
  etag?: string | undefined;
  lastModified?: string | undefined;
  /** In hex. */
  sha256: string;
  /** A page that was not sent again still leads on. */
  links: string[];
}

export type Visited =
  | {
      kind: "page";
      url: string;
      page: KnownPage;
      bytes: Uint8Array;
      name: string;
      contentType: string | undefined;
      modifiedAt: number | undefined;
    }
  /** As it was; `page` where the server now says it in other words. */
  | { kind: "unchanged"; url: string; page?: KnownPage }
  /** Cannot be read at the moment. */
  | { kind: "failed"; url: string; reason: string; code: string | undefined }
  /** Was there, and is not any more; or does not want to be found. */
  | { kind: "gone"; url: string; reason: string };

export interface CrawlOptions {
  manners: Manners;
  known: (url: string) => KnownPage | undefined;
  signal: AbortSignal;
}

const AGENT = "puna";
const PAGE_BYTES = 20 << 20;
const MOST_SITEMAPS = 50;
const MOST_QUERIES = 200;
const READABLE =
  /^(?:text\/(?:html|plain|markdown|x-markdown|csv)|application\/(?:xhtml\+xml|pdf|epub\+zip|msword|vnd\.(?:openxmlformats-officedocument|oasis\.opendocument)\.[\w.-]+))$/;
const XML = /^(?:text|application)\/xml$/;

interface Wanted {
  url: URL;
  depth: number;
}

/** Yields each page once. Returns whether all that belongs to the site was seen: neither the limit nor a failure hid a part of it. */
export async function* crawl(site: Site, options: CrawlOptions): AsyncGenerator<Visited, { complete: boolean }> {
  return yield* new Crawl(site, options).run();
}

class Crawl {
  readonly #site: Site;
  readonly #options: CrawlOptions;
  readonly #robots = new Map<string, Promise<Robots>>();
  readonly #seen = new Set<string>();
  readonly #queries = new Map<string, number>();
  #queue: Wanted[] = [];
  #scope: Scope;
  #fetched = 0;
  #complete = true;

  constructor(site: Site, options: CrawlOptions) {
    const start = pageAddress(site.url);
    if (!start) throw new Invalid(`${JSON.stringify(site.url)} is no address of a web page`, { code: "bad_url" });
    this.#site = site;
    this.#options = options;
    this.#scope = scopeOf(start, site.prefix);
    this.#want(start, 0);
  }

  async *run(): AsyncGenerator<Visited, { complete: boolean }> {
    if (this.#site.sitemap) yield* this.#readSitemaps();
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      if (this.#fetched >= this.#site.pages) return { complete: false };
      yield* this.#visit(next);
    }
    return { complete: this.#complete };
  }

  async *#visit({ url, depth }: Wanted): AsyncGenerator<Visited> {
    const isStart = this.#fetched === 0 && url.href === pageAddress(this.#site.url)?.href;
    const known = this.#options.known(url.href);
    let answer: Answer;
    try {
      const robots = await this.#robotsOf(url);
      if (!robots.allows(url.pathname + url.search)) {
        if (isStart) this.#complete = false;
        if (known || isStart)
          yield { kind: "failed", url: url.href, reason: `${url.host}/robots.txt does not allow it`, code: "robots" };
        return;
      }
      this.#fetched++;
      answer = await this.#fetch(url, { known, delay: robots.delay, isStart });
    } catch (error) {
      if (error instanceof Elsewhere) {
        if (known) yield { kind: "gone", url: url.href, reason: `it leads to ${error.to.href} now` };
        return;
      }
      yield this.#failure(url, error);
      return;
    }
    yield* this.#take({ url, depth, isStart, known }, answer);
  }

  async *#take(
    { url, depth, isStart, known }: Wanted & { isStart: boolean; known: KnownPage | undefined },
    { url: at, status, headers, body }: Answer,
  ): AsyncGenerator<Visited> {
    if (status === 304 && known) {
      for (const link of known.links) this.#wantLink(pageAddress(link), depth);
      yield { kind: "unchanged", url: url.href };
      return;
    }
    if (status !== 200) {
      const reason = `the server answered ${status}`;
      const isMissing = status === 404 || status === 410;
      // A site whose start is missing is being rebuilt, or has moved: what was read of it stays.
      if (!isMissing || isStart) yield this.#failure(url, new PunaError(502, reason, { code: "http_status" }));
      else if (known) yield { kind: "gone", url: url.href, reason };
      else yield { kind: "failed", url: url.href, reason, code: "http_status" };
      return;
    }
    // A redirect within the site: the page is where it led to.
    const final = pageAddress(at.href) ?? at;
    if (isStart && this.#site.prefix === undefined) this.#scope = scopeOf(final);
    else if (isStart) this.#scope = { ...this.#scope, origin: final.origin };
    if (final.href !== url.href) {
      if (known) yield { kind: "gone", url: url.href, reason: `it leads to ${final.href} now` };
      if (this.#seen.has(final.href)) return;
      this.#seen.add(final.href);
    }
    // Nothing that one reads: a picture, a program.
    if (!body) return;
    const contentType = headers["content-type"];
    const type = (contentType ?? "").replace(/;.*$/, "").trim().toLowerCase();
    if (XML.test(type) || (type === "text/plain" && isSitemap(body.subarray(0, 4_000).toString("latin1")))) {
      if (isStart) await this.#takeSitemap(body, final, depth);
      return;
    }
    const robotsTag = String(headers["x-robots-tag"] ?? "");
    const facts = /html/.test(type) ? await readPage(body, final, { contentType, robotsTag }) : undefined;
    for (const link of facts?.links ?? []) this.#wantLink(link, depth);
    if (facts?.noindex || /\bnoindex\b/.test(facts ? "" : robotsTag)) {
      yield { kind: "gone", url: final.href, reason: "it does not want to be found (noindex)" };
      return;
    }
    if (facts && this.#isCopy(final, facts.canonical, isStart)) {
      this.#wantLink(facts.canonical, depth - 1);
      return;
    }
    yield page(final, { body, contentType, headers, links: facts?.links ?? [] }, this.#options.known(final.href));
  }

  /** Says that another page is the original. Some sites name their start page for all, which no one can mean. */
  #isCopy(url: URL, canonical: URL | undefined, isStart: boolean): canonical is URL {
    if (!canonical || isStart || canonical.href === url.href || !isInScope(this.#scope, canonical)) return false;
    return canonical.pathname !== "/" && canonical.href !== pageAddress(this.#site.url)?.href;
  }

  async #fetch(
    url: URL,
    { known, delay, isStart }: { known: KnownPage | undefined; delay: number | undefined; isStart: boolean },
  ): Promise<Answer> {
    const headers = {
      accept: "text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.8,*/*;q=0.5",
      ...(known?.etag !== undefined && { "if-none-match": known.etag }),
      ...(known?.lastModified !== undefined && { "if-modified-since": known.lastModified }),
    };
    return await this.#options.manners.get(url, {
      headers,
      delay,
      limits: { bytes: PAGE_BYTES },
      signal: this.#options.signal,
      wants: ({ status, headers }) => {
        const type = (headers["content-type"] ?? "text/html").replace(/;.*$/, "").trim().toLowerCase();
        return status === 200 && (READABLE.test(type) || XML.test(type));
      },
      onRedirect: async (to) => {
        const address = pageAddress(to.href);
        // The start may lead to where the site really is, such as to https.
        if (isStart && address) return;
        if (!address || !isInScope(this.#scope, address)) throw new Elsewhere(to);
        if (!(await this.#robotsOf(address)).allows(address.pathname + address.search)) throw new Elsewhere(to);
      },
    });
  }

  #failure(url: URL, error: unknown): Visited {
    this.#options.signal.throwIfAborted();
    // What it would have led to is not known.
    this.#complete = false;
    return { kind: "failed", url: url.href, reason: messageOf(error), code: error instanceof PunaError ? error.code : undefined };
  }

  #robotsOf({ origin }: URL): Promise<Robots> {
    const known = this.#robots.get(origin);
    if (known) return known;
    const asked = this.#askRobots(new URL("/robots.txt", origin));
    this.#robots.set(origin, asked);
    return asked;
  }

  /** RFC 9309: what is not there allows everything; what does not answer allows nothing. */
  async #askRobots(url: URL): Promise<Robots> {
    // One page that somebody names is what a reader would open.
    if (this.#site.depth === 0 && !this.#site.sitemap) return EVERYTHING_ALLOWED;
    try {
      const { status, body } = await this.#options.manners.get(url, {
        limits: { bytes: ROBOTS_BYTES, redirects: 5 },
        signal: this.#options.signal,
      });
      if (status === 200 && body) return parseRobots(body.toString("utf8"), AGENT);
      if (status >= 400 && status < 500 && status !== 429) return EVERYTHING_ALLOWED;
      this.#complete = false;
      return NOTHING_ALLOWED;
    } catch (error) {
      if (error instanceof PunaError && error.code === "too_large") return NOTHING_ALLOWED;
      throw error;
    }
  }

  #wantLink(url: URL | undefined, from: number): void {
    if (url && from < this.#site.depth && isInScope(this.#scope, url) && isPageLike(url)) this.#want(url, from + 1);
  }

  #want(url: URL, depth: number): void {
    if (this.#seen.has(url.href)) return;
    const place = url.origin + url.pathname;
    const queries = this.#queries.get(place) ?? 0;
    // Calendars and filters make pages without end.
    if (url.search !== "" && queries >= MOST_QUERIES) return;
    this.#queries.set(place, queries + 1);
    this.#seen.add(url.href);
    this.#queue.push({ url, depth });
  }

  async *#readSitemaps(): AsyncGenerator<Visited> {
    const start = new URL(this.#site.url);
    const robots = await this.#robotsOf(start).catch(() => NOTHING_ALLOWED);
    const { sitemap } = this.#site;
    const named = typeof sitemap === "string" ? [sitemap] : robots.sitemaps.length > 0 ? robots.sitemaps : ["/sitemap.xml"];
    const waiting = named.flatMap((text) => pageAddress(text, start) ?? []);
    const seen = new Set<string>();
    for (let url = waiting.shift(); url && seen.size < MOST_SITEMAPS; url = waiting.shift()) {
      if (seen.has(url.href) || url.origin !== this.#scope.origin) continue;
      seen.add(url.href);
      try {
        const { status, body } = await this.#options.manners.get(url, {
          delay: robots.delay,
          limits: { bytes: SITEMAP_BYTES },
          signal: this.#options.signal,
        });
        if (!body)
          throw new PunaError(502, `the sitemap ${url.href} is not there: the server answered ${status}`, {
            code: "http_status",
          });
        const found = await readSitemap(body, url.href);
        waiting.push(...found.sitemaps.flatMap((text) => pageAddress(text, url) ?? []));
        this.#wantPages(found.pages, url);
      } catch (error) {
        yield this.#failure(url, error);
      }
    }
  }

  async #takeSitemap(body: Uint8Array, url: URL, depth: number): Promise<void> {
    const found = await readSitemap(body, url.href);
    this.#wantPages(found.pages, url);
    for (const text of found.sitemaps) {
      const address = pageAddress(text, url);
      if (!address || address.origin !== url.origin || depth >= 1) continue;
      const answer = await this.#options.manners.get(address, { limits: { bytes: SITEMAP_BYTES }, signal: this.#options.signal });
      if (answer.body) this.#wantPages((await readSitemap(answer.body, address.href)).pages, address);
    }
  }

  #wantPages(pages: readonly string[], base: URL): void {
    for (const text of pages) {
      const page = pageAddress(text, base);
      if (page && isInScope(this.#scope, page) && isPageLike(page)) this.#want(page, 1);
    }
  }
}

/** A redirect that leaves the site, or goes where robots.txt does not want it. */
class Elsewhere extends PunaError {
  readonly to: URL;
  constructor(to: URL) {
    super(502, `it leads to ${to.href}, which is not part of the site`, { code: "elsewhere" });
    this.to = to;
  }
}

function page(
  url: URL,
  {
    body,
    contentType,
    headers,
    links,
  }: { body: Buffer; contentType: string | undefined; headers: Answer["headers"]; links: URL[] },
  known: KnownPage | undefined,
): Visited {
  const { etag, "last-modified": lastModified } = headers;
  const sha256 = createHash("sha256").update(body).digest("hex");
  const page: KnownPage = { etag, lastModified, sha256, links: links.map(({ href }) => href) };
  if (known?.sha256 === sha256) {
    const isSame = known.etag === etag && known.lastModified === lastModified;
    return { kind: "unchanged", url: url.href, ...(!isSame && { page }) };
  }
  const date = Date.parse(lastModified ?? "");
  return {
    kind: "page",
    url: url.href,
    page,
    bytes: body,
    name: nameOfPage(url),
    contentType,
    modifiedAt: Number.isNaN(date) ? undefined : date,
  };
}
