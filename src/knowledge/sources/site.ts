/** A look at a page or a site: what the server sends anew is kept for the import. */
import { crawl } from "../crawl/crawl.ts";
import type { Manners } from "../crawl/manners.ts";
import type { KnownPage } from "../crawl/types.ts";
import type { Uploads } from "../import/uploads.ts";
import type { Source } from "../rows/sources.ts";
import type { Before, Look } from "./sighting.ts";

const SITE_DEPTH = 3;
const SITE_PAGES = 200;

export async function* lookAtSite(
  { kind, location, options }: Source,
  before: Before,
  { manners, uploads }: { manners: Manners; uploads: Uploads },
): Look {
  const { depth = SITE_DEPTH, pages = SITE_PAGES, prefix, sitemap, selector } = options;
  const site = kind === "url" ? { url: location, depth: 0, pages: 1 } : { url: location, depth, pages, prefix, sitemap };
  const known = (url: string) => (before.again.has(url) ? undefined : (before.finds.get(url) as KnownPage | undefined));
  const visits = crawl(site, { manners, known, signal: before.signal });
  for (;;) {
    const { done, value } = await visits.next();
    if (done) return { isGone: () => value.complete };
    const { url } = value;
    if (value.kind === "page") {
      const { name, contentType, modifiedAt } = value;
      const kept = await uploads.keep(once(value.bytes), name);
      yield {
        kind: "import",
        change: before.finds.has(url) ? "changed" : "added",
        find: { place: url, stamp: { ...value.page } },
        item: { kind: "upload", ...kept, name, contentType, modifiedAt, selector },
      };
    } else if (value.kind === "unchanged") {
      yield { kind: "unchanged", place: url, ...(value.page && { find: { place: url, stamp: { ...value.page } } }) };
    } else if (value.kind === "failed") yield { kind: "failed", place: url, reason: value.reason, code: value.code };
    else yield { kind: "gone", place: url };
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
