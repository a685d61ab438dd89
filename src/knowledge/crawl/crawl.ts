/** Walks through a site, page by page, within its robots.txt and the limits that were given. */
import { createHash } from "node:crypto";
import { messageOf, PunaError } from "../../errors.ts";
import type { Answer, Head } from "../../net/web.ts";
import { nameOfPage, pageAddress } from "./address.ts";
import { Frontier, type Wanted } from "./frontier.ts";
import type { Manners } from "./manners.ts";
import { readPage } from "./page.ts";
import { EVERYTHING_ALLOWED, type Robots } from "./robots.ts";
import { SiteRobots } from "./site-robots.ts";
import { isSitemap } from "./sitemap.ts";
import { sitemapPages } from "./sitemap-pages.ts";
import type { KnownPage, Site, Visited } from "./types.ts";

export interface CrawlOptions {
  manners: Manners;
  known: (url: string) => KnownPage | undefined;
  signal: AbortSignal;
}

interface Visit extends Wanted {
  isStart: boolean;
  known: KnownPage | undefined;
}

const PAGE_BYTES = 20 << 20;
const READABLE =
  /^(?:text\/(?:html|plain|markdown|x-markdown|csv)|application\/(?:xhtml\+xml|pdf|epub\+zip|msword|vnd\.(?:openxmlformats-officedocument|oasis\.opendocument)\.[\w.-]+))$/;
const XML = /^(?:text|application)\/xml$/;
const ACCEPT = "text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.8,*/*;q=0.5";

/** Yields each page once. Returns whether all that belongs to the site was seen: neither the limit nor a failure hid a part of it. */
export async function* crawl(site: Site, options: CrawlOptions): AsyncGenerator<Visited, { complete: boolean }> {
  return yield* new Crawl(site, options).run();
}

class Crawl {
  readonly #site: Site;
  readonly #options: CrawlOptions;
  readonly #frontier: Frontier;
  readonly #robots: SiteRobots;
  #fetched = 0;
  #complete = true;

  constructor(site: Site, options: CrawlOptions) {
    this.#site = site;
    this.#options = options;
    this.#frontier = new Frontier(site);
    this.#robots = new SiteRobots(options.manners, options.signal);
  }

  async *run(): AsyncGenerator<Visited, { complete: boolean }> {
    if (this.#site.sitemap) yield* this.#readSitemaps();
    for (let next = this.#frontier.next(); next; next = this.#frontier.next()) {
      if (this.#fetched >= this.#site.pages) return { complete: false };
      yield* this.#visit({
        ...next,
        isStart: next.url.href === this.#frontier.start.href,
        known: this.#options.known(next.url.href),
      });
    }
    return { complete: this.#complete };
  }

  async *#visit(visit: Visit): AsyncGenerator<Visited> {
    const { url, isStart, known } = visit;
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
      answer = await this.#fetch(visit, robots.delay);
    } catch (error) {
      if (!(error instanceof Elsewhere)) yield this.#failure(url, error);
      else if (known) yield { kind: "gone", url: url.href, reason: `it leads to ${error.to.href} now` };
      return;
    }
    if (answer.status === 304 && known) {
      for (const link of known.links) this.#frontier.wantLink(pageAddress(link), visit.depth);
      yield { kind: "unchanged", url: url.href };
    } else if (answer.status === 200) yield* this.#take(visit, answer);
    else yield this.#refused(visit, answer.status);
  }

  /** A page, a sitemap, or nothing that one reads. */
  async *#take(visit: Visit, { url: at, headers, body }: Answer): AsyncGenerator<Visited> {
    const { url, depth, isStart, known } = visit;
    const final = pageAddress(at.href) ?? at;
    if (isStart) this.#frontier.moveTo(final);
    // A redirect within the site: the page is where it led to.
    if (final.href !== url.href) {
      if (known) yield { kind: "gone", url: url.href, reason: `it leads to ${final.href} now` };
      if (!this.#frontier.mark(final)) return;
    }
    if (!body) return;
    const type = typeOf({ headers });
    if (XML.test(type) || (type === "text/plain" && isSitemap(body.subarray(0, 4_000).toString("latin1")))) {
      if (isStart) yield* this.#takeSitemaps([final], { read: body });
      return;
    }
    const robotsTag = String(headers["x-robots-tag"] ?? "");
    const contentType = headers["content-type"];
    const facts = /html/.test(type) ? await readPage(body, final, { contentType, robotsTag }) : undefined;
    for (const link of facts?.links ?? []) this.#frontier.wantLink(link, depth);
    if (facts?.noindex || (!facts && /\bnoindex\b/.test(robotsTag))) {
      yield { kind: "gone", url: final.href, reason: "it does not want to be found (noindex)" };
    } else if (facts && this.#isCopy(final, facts.canonical, isStart)) {
      this.#frontier.wantLink(facts.canonical, depth - 1);
    } else yield pageOf(final, { body, headers, links: facts?.links ?? [] }, this.#options.known(final.href));
  }

  /** Says that another page is the original. Some sites name their start page for all, which no one can mean. */
  #isCopy(url: URL, canonical: URL | undefined, isStart: boolean): canonical is URL {
    if (!canonical || isStart || canonical.href === url.href || !this.#frontier.has(canonical)) return false;
    return canonical.pathname !== "/" && canonical.href !== this.#frontier.start.href;
  }

  async #fetch({ url, known, isStart }: Visit, delay: number | undefined): Promise<Answer> {
    const headers = {
      accept: ACCEPT,
      ...(known?.etag !== undefined && { "if-none-match": known.etag }),
      ...(known?.lastModified !== undefined && { "if-modified-since": known.lastModified }),
    };
    return await this.#options.manners.get(url, {
      headers,
      delay,
      limits: { bytes: PAGE_BYTES },
      signal: this.#options.signal,
      wants: (head) => head.status === 200 && (READABLE.test(typeOf(head)) || XML.test(typeOf(head))),
      onRedirect: async (to) => {
        const address = pageAddress(to.href);
        // The start may lead to where the site really is, such as to https.
        if (isStart && address) return;
        if (!address || !this.#frontier.has(address) || !(await this.#robots.allow(address))) throw new Elsewhere(to);
      },
    });
  }

  #refused({ url, isStart, known }: Visit, status: number): Visited {
    const reason = `the server answered ${status}`;
    const isMissing = status === 404 || status === 410;
    // A site whose start is missing is being rebuilt, or has moved: what was read of it stays.
    if (!isMissing || isStart) return this.#failure(url, new PunaError(502, reason, { code: "http_status" }));
    return known ? { kind: "gone", url: url.href, reason } : { kind: "failed", url: url.href, reason, code: "http_status" };
  }

  /** What it would have led to is not known. */
  #failure(url: URL, error: unknown): Visited {
    this.#options.signal.throwIfAborted();
    this.#complete = false;
    return {
      kind: "failed",
      url: url.href,
      reason: messageOf(error),
      code: error instanceof PunaError ? error.code : undefined,
    };
  }

  /** One page that somebody names is what a reader would open. */
  async #robotsOf(url: URL): Promise<Robots> {
    return this.#site.depth === 0 && !this.#site.sitemap ? EVERYTHING_ALLOWED : await this.#robots.of(url);
  }

  /** Those that were named, else those of robots.txt, else the usual one. */
  async *#readSitemaps(): AsyncGenerator<Visited> {
    const { start } = this.#frontier;
    const { sitemap } = this.#site;
    let robots: Robots | undefined;
    try {
      robots = await this.#robots.of(start);
    } catch {
      // The start will say it.
      return;
    }
    const usual = robots.sitemaps.length > 0 ? robots.sitemaps : ["/sitemap.xml"];
    const named = typeof sitemap === "string" ? [sitemap] : usual;
    const first = named.map((text) => pageAddress(text, start)).filter((url) => url?.origin === start.origin);
    yield* this.#takeSitemaps(first as URL[], { delay: robots.delay });
  }

  async *#takeSitemaps(first: readonly URL[], how: { delay?: number | undefined; read?: Uint8Array }): AsyncGenerator<Visited> {
    const { manners, signal } = this.#options;
    for await (const { sitemap, pages, error } of sitemapPages(first, { manners, signal, ...how })) {
      if (error === undefined) this.#frontier.wantPages(pages, sitemap);
      else yield this.#failure(sitemap, error);
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

function typeOf({ headers }: Pick<Head, "headers">): string {
  return (headers["content-type"] ?? "text/html").replace(/;.*$/, "").trim().toLowerCase();
}

function pageOf(
  url: URL,
  { body, headers, links }: { body: Buffer; headers: Head["headers"]; links: readonly URL[] },
  known: KnownPage | undefined,
): Visited {
  const { etag, "last-modified": lastModified, "content-type": contentType } = headers;
  const sha256 = createHash("sha256").update(body).digest("hex");
  const page: KnownPage = { etag, lastModified, sha256, links: links.map(({ href }) => href) };
  if (known?.sha256 === sha256) {
    const isSame = known.etag === etag && known.lastModified === lastModified;
    return { kind: "unchanged", url: url.href, ...(!isSame && { page }) };
  }
  const date = Date.parse(lastModified ?? "");
  const modifiedAt = Number.isNaN(date) ? undefined : date;
  return { kind: "page", url: url.href, page, bytes: body, name: nameOfPage(url), contentType, modifiedAt };
}
