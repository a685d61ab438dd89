/** Addresses of pages: one spelling each, and which of them belong to a site. */

const LONGEST = 2_000;
/** Traps repeat themselves: /a/b/a/b/a/b. */
const MOST_REPEATS = 3;
const TRACKING = /^(?:utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|yclid|igshid)$/i;
/** Read by no one who wants text. */
const UNREAD =
  /\.(?:png|jpe?g|gif|svgz?|webp|avif|ico|bmp|tiff?|css|m?js|map|json|xml|rss|atom|woff2?|ttf|otf|eot|mp[34]|m4[av]|webm|og[gv]|wav|flac|avi|mov|mkv|zip|t?gz|bz2|xz|7z|rar|tar|iso|dmg|exe|msi|deb|rpm|apk|jar|wasm|whl|gguf|bin)$/i;

export interface Scope {
  origin: string;
  /** Paths that begin so. */
  prefix: string;
}

/** Without fragment, tracking parameters and default port. Undefined for what is no address of a page. */
export function pageAddress(href: string, base?: URL): URL | undefined {
  const text = href.trim();
  if (text.length > LONGEST || !URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  url.hash = "";
  for (const name of [...url.searchParams.keys()]) if (TRACKING.test(name)) url.searchParams.delete(name);
  if (url.search === "") url.search = "";
  return url.href.length > LONGEST ? undefined : url;
}

/** The folder of a page: what lies below it belongs to the site. */
export function scopeOf(start: URL, prefix?: string): Scope {
  const folder = start.pathname.replace(/[^/]*$/, "");
  return { origin: start.origin, prefix: prefix === undefined ? folder : `/${prefix.replace(/^\/+/, "")}` };
}

export function isInScope({ origin, prefix }: Scope, url: URL): boolean {
  if (url.origin !== origin) return false;
  // "/docs/" is the page "/docs" as well.
  return url.pathname.startsWith(prefix) || `${url.pathname}/` === prefix;
}

/** Whether a link is worth a request. */
export function isPageLike({ pathname }: URL): boolean {
  if (UNREAD.test(pathname)) return false;
  const counts = new Map<string, number>();
  for (const part of pathname.split("/")) {
    if (part === "") continue;
    const count = (counts.get(part) ?? 0) + 1;
    if (count > MOST_REPEATS) return false;
    counts.set(part, count);
  }
  return true;
}

/** As a reader would write it; the format is told by its ending where the bytes leave it open. */
export function nameOfPage({ host, pathname, search }: URL): string {
  const text = host + (pathname === "/" ? "/" : pathname) + search;
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}
