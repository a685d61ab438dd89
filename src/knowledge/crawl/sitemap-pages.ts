/** The pages of a site's sitemaps, and of the sitemaps in those. */
import { PunaError } from "../../errors.ts";
import { pageAddress } from "./address.ts";
import type { Manners } from "./manners.ts";
import { readSitemap, SITEMAP_BYTES } from "./sitemap.ts";

export interface SitemapPages {
  sitemap: URL;
  pages: string[];
  /** Why it cannot be read. */
  error?: unknown;
}

const MOST_SITEMAPS = 50;

/** Only those of one origin. `read` is what is known already of the first. */
export async function* sitemapPages(
  first: readonly URL[],
  { manners, delay, signal, read }: { manners: Manners; delay?: number | undefined; signal: AbortSignal; read?: Uint8Array },
): AsyncGenerator<SitemapPages> {
  const [start] = first;
  const waiting = [...first];
  const seen = new Set<string>();
  for (let sitemap = waiting.shift(); sitemap && seen.size < MOST_SITEMAPS; sitemap = waiting.shift()) {
    if (seen.has(sitemap.href) || sitemap.origin !== start?.origin) continue;
    const known = seen.size === 0 ? read : undefined;
    seen.add(sitemap.href);
    try {
      const bytes = known ?? (await fetchSitemap(sitemap, { manners, delay, signal }));
      const { pages, sitemaps } = await readSitemap(bytes, sitemap.href);
      for (const text of sitemaps) waiting.push(...[pageAddress(text, sitemap) ?? []].flat());
      yield { sitemap, pages };
    } catch (error) {
      yield { sitemap, pages: [], error };
    }
  }
}

async function fetchSitemap(
  url: URL,
  { manners, ...how }: { manners: Manners; delay: number | undefined; signal: AbortSignal },
): Promise<Uint8Array> {
  const { status, body } = await manners.get(url, { ...how, limits: { bytes: SITEMAP_BYTES } });
  if (body) return body;
  throw new PunaError(502, `the sitemap ${url.href} is not there: the server answered ${status}`, { code: "http_status" });
}
