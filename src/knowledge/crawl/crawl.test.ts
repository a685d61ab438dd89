import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { article, type LocalSite, localSite, localWeb, type Page } from "../../../test/support/local-site.ts";
import { crawl } from "./crawl.ts";
import { Manners, type MannersOptions } from "./manners.ts";
import type { KnownPage, Site, Visited } from "./types.ts";

let site: LocalSite;
beforeEach(async () => {
  site = await localSite();
});
afterEach(() => site.close());

/** All that a crawl saw, as lines such as "page /a". */
async function walk(
  pages: Record<string, Page>,
  {
    known = {},
    manners,
    ...wanted
  }: Partial<Site> & { known?: Record<string, KnownPage>; manners?: Partial<MannersOptions> } = {},
) {
  Object.assign(site.pages, pages);
  const visits = crawl(
    { depth: 3, pages: 100, ...wanted, url: new URL(wanted.url ?? "/", site.url).href },
    {
      manners: new Manners(localWeb([site]), { restMs: 0, retryMs: 1, ...manners }),
      known: (url) => known[url.replace(site.url, "")],
      signal: new AbortController().signal,
    },
  );
  const seen: Visited[] = [];
  let step = await visits.next();
  for (; !step.done; step = await visits.next()) seen.push(step.value);
  return { seen, lines: seen.map(({ kind, url }) => `${kind} ${url.replace(site.url, "")}`), complete: step.value.complete };
}
const knownOf = (seen: readonly Visited[]) =>
  Object.fromEntries(seen.flatMap((one) => (one.kind === "page" ? [[one.url.replace(site.url, ""), one.page]] : [])));

test("pages level by level, each once, no further than wanted", async () => {
  const pages = {
    "/": article("Home", ["/a", "/b", "/a#again", "https://elsewhere.example/"]),
    "/a": article("A", ["/", "/c"]),
    "/b": article("B", ["/a", "/d"]),
    "/c": article("C", ["/e"]),
    "/d": article("D"),
    "/e": article("E"),
  };
  const { lines, complete } = await walk(pages, { depth: 2 });
  expect(lines).toEqual(["page /", "page /a", "page /b", "page /c", "page /d"]);
  expect(complete).toBe(true);
  const few = await walk(pages, { pages: 2 });
  expect(few.lines).toEqual(["page /", "page /a"]);
  expect(few.complete).toBe(false);
  expect((await walk(pages, { depth: 0 })).lines).toEqual(["page /"]);
});

test("the folder of the start, or another prefix", async () => {
  const pages = {
    "/docs/": article("Docs", ["a", "/blog/x", "/docs/b"]),
    "/docs/a": article("A"),
    "/docs/b": article("B"),
    "/blog/x": article("X"),
  };
  expect((await walk(pages, { url: "/docs/" })).lines).toEqual(["page /docs/", "page /docs/a", "page /docs/b"]);
  expect((await walk(pages, { url: "/docs/", prefix: "/" })).lines).toHaveLength(4);
});

describe("robots.txt", () => {
  test("is asked first and kept to", async () => {
    const { lines } = await walk({
      "/robots.txt": { headers: { "content-type": "text/plain" }, body: "User-agent: Puna\nDisallow: /no\nAllow: /no/but" },
      "/": article("Home", ["/no", "/no/but", "/yes"]),
      "/no": article("No"),
      "/no/but": article("But"),
      "/yes": article("Yes"),
    });
    expect(lines).toEqual(["page /", "page /no/but", "page /yes"]);
    expect(site.asked()).toEqual(["/robots.txt", "/", "/no/but", "/yes"]);
  });

  test("that does not answer allows nothing; one page that somebody names is read all the same", async () => {
    const pages = { "/robots.txt": { status: 503 }, "/": article("Home", ["/a"]), "/a": article("A") };
    const { lines, complete, seen } = await walk(pages);
    expect([lines, complete]).toEqual([["failed /"], false]);
    expect(seen[0]).toMatchObject({ reason: expect.stringContaining("robots.txt does not allow it") });
    expect((await walk(pages, { depth: 0, pages: 1 })).lines).toEqual(["page /"]);
  });

  test("a redirect does not lead around it", async () => {
    const { lines } = await walk({
      "/robots.txt": "User-agent: *\nDisallow: /no",
      "/": article("Home", ["/way"]),
      "/way": { status: 302, headers: { location: "/no" } },
      "/no": article("No"),
    });
    expect(lines).toEqual(["page /"]);
    expect(site.asked()).not.toContain("/no");
  });

  test("its delay is kept, one request after the other", async () => {
    await walk(
      {
        "/robots.txt": "User-agent: *\nCrawl-delay: 0.1",
        "/": article("Home", ["/a", "/b"]),
        "/a": article("A"),
        "/b": article("B"),
      },
      { manners: { restMs: 1 } },
    );
    const times = site.requests.slice(1).map(({ at }) => at);
    // Timers may fire a little early.
    for (let n = 1; n < times.length; n++) expect((times[n] ?? 0) - (times[n - 1] ?? 0)).toBeGreaterThan(80);
  });
});

test("redirects: within the site the page is where it leads; a loop, and what leads away, is not the site", async () => {
  const { lines } = await walk({
    "/": { status: 301, headers: { location: "/home" } },
    "/home": article("Home", ["/old", "/loop", "/away", "/new"]),
    "/old": { status: 301, headers: { location: "/new" } },
    "/new": article("New"),
    "/loop": { status: 302, headers: { location: "/loop2" } },
    "/loop2": { status: 302, headers: { location: "/loop" } },
    "/away": { status: 302, headers: { location: "http://169.254.169.254/" } },
  });
  expect(lines).toEqual(["page /home", "failed /loop", "page /new"]);
});

test("copies: canonical addresses, noindex, nofollow", async () => {
  const { lines } = await walk({
    "/": article("Home", ["/print", "/draft", "/private", "/bad"]),
    "/print": article("Story", [], '<link rel="canonical" href="/story">'),
    "/story": article("Story", [], '<link rel="canonical" href="/story">'),
    // A site that calls every page its home page loses none.
    "/bad": article("Bad", [], '<link rel="canonical" href="/">'),
    "/draft": article("Draft", ["/from-draft"], '<meta name="robots" content="noindex">'),
    "/from-draft": article("From draft"),
    "/private": { headers: { "x-robots-tag": "nofollow" }, body: article("Private", ["/unlinked"]) },
    "/unlinked": article("Unlinked"),
  });
  expect(lines).toEqual(["page /", "gone /draft", "page /private", "page /bad", "page /story", "page /from-draft"]);
});

test("answers that are no pages", async () => {
  const { lines, complete, seen } = await walk({
    "/": article("Home", ["/404", "/500", "/picture", "/doc", "/feed", "/style.css"]),
    "/500": { status: 500, body: "oops" },
    "/picture": { headers: { "content-type": "image/png" }, body: "PNG" },
    "/doc": { headers: { "content-type": "application/pdf" }, body: "%PDF-1.4 and so on" },
    "/feed": { headers: { "content-type": "application/rss+xml" }, body: "<rss/>" },
  });
  expect(lines).toEqual(["page /", "failed /404", "failed /500", "page /doc"]);
  expect(seen[2]).toMatchObject({ reason: "the server answered 500", code: "http_status" });
  expect(complete).toBe(false);
  expect(site.asked()).not.toContain("/style.css");
});

test("429 and 503 are waited for, as long as the server says", async () => {
  let tries = 0;
  const { lines } = await walk({
    "/": article("Home", ["/busy", "/never"]),
    "/busy": (_, response) => {
      if (++tries < 3) response.writeHead(429, { "retry-after": "0" }).end();
      else response.writeHead(200, { "content-type": "text/html" }).end(article("Busy"));
    },
    "/never": { status: 503, headers: { "retry-after": "0" } },
  });
  expect(lines).toEqual(["page /", "page /busy", "failed /never"]);
  expect(site.asked().filter((path) => path === "/never")).toHaveLength(3);
});

test("pages without end: calendars, and paths that repeat themselves", async () => {
  const endless: Page = (request, response) => {
    const day = Number(new URL(request.url ?? "", site.url).searchParams.get("day") ?? 0);
    response.writeHead(200, { "content-type": "text/html" }).end(article(`Day ${day}`, [`/calendar?day=${day + 1}`]));
  };
  for (let day = 0; day < 300; day++) site.pages[`/calendar?day=${day}`] = endless;
  const { lines } = await walk({ "/": article("Home", ["/calendar?day=0"]) }, { depth: 1000, pages: 1000 });
  expect(lines).toHaveLength(201);
});

describe("sitemaps", () => {
  const map = (urls: string[]) => `<urlset>${urls.map((path) => `<url><loc>${site.url}${path}</loc></url>`).join("")}</urlset>`;
  const xml = { "content-type": "application/xml" };

  test("named by robots.txt, with an index and a packed one", async () => {
    const index = `<sitemapindex><sitemap><loc>${site.url}/one.xml</loc></sitemap><sitemap><loc>${site.url}/two.xml.gz</loc></sitemap>
      <sitemap><loc>http://169.254.169.254/three.xml</loc></sitemap></sitemapindex>`;
    const { lines, complete } = await walk(
      {
        "/robots.txt": `Sitemap: ${site.url}/index.xml\nUser-agent: *\nDisallow: /hidden`,
        "/index.xml": { headers: xml, body: index },
        "/one.xml": { headers: xml, body: map(["/a", "/hidden", "/b.png"]) },
        "/two.xml.gz": { headers: { "content-type": "application/gzip" }, body: gzipSync(map(["/b"])) },
        "/": article("Home"),
        "/a": article("A", ["/deeper"]),
        "/b": article("B"),
        "/deeper": article("Deeper"),
      },
      { sitemap: true, depth: 1 },
    );
    expect(lines).toEqual(["page /", "page /a", "page /b"]);
    expect(complete).toBe(true);
  });

  test("as the start", async () => {
    const pages = { "/map.xml": { headers: xml, body: map(["/a", "/b"]) }, "/a": article("A"), "/b": article("B") };
    expect((await walk(pages, { url: "/map.xml" })).lines).toEqual(["page /a", "page /b"]);
  });

  test("that is missing or broken is said, and nothing is taken to be gone", async () => {
    const { lines, complete } = await walk({ "/": article("Home") }, { sitemap: true });
    expect([lines, complete]).toEqual([["failed /sitemap.xml", "page /"], false]);
  });
});

describe("the next look", () => {
  const pages = {
    "/": { headers: { etag: '"1"' }, body: article("Home", ["/a", "/b"]) },
    "/a": article("A", ["/c"]),
    "/b": article("B"),
    "/c": article("C"),
  };

  test("asks only whether something has changed, and goes on from pages that have not", async () => {
    const known = knownOf((await walk(pages)).seen);
    const root: Page = (request, response) => {
      if (request.headers["if-none-match"] === '"1"') response.writeHead(304).end();
      else response.writeHead(200, { "content-type": "text/html", etag: '"1"' }).end(article("Home", ["/a", "/b"]));
    };
    const { lines } = await walk({ "/": root, "/b": article("B, changed") }, { known });
    expect(lines).toEqual(["unchanged /", "unchanged /a", "page /b", "unchanged /c"]);
  });

  test("sees what is gone: missing, moved, or not to be found any more", async () => {
    const known = knownOf((await walk(pages)).seen);
    const { lines, complete } = await walk(
      {
        "/a": { status: 410 },
        "/b": { status: 301, headers: { location: "/new" } },
        "/new": article("New"),
        "/": article("Home", ["/a", "/b", "/c"]),
        "/c": article("C", [], '<meta name="robots" content="noindex">'),
      },
      { known },
    );
    expect(lines).toEqual(["page /", "gone /a", "gone /b", "page /new", "gone /c"]);
    expect(complete).toBe(true);
  });

  test("a site that is being rebuilt loses nothing", async () => {
    const known = knownOf((await walk(pages)).seen);
    const { lines, complete } = await walk({ "/": { status: 404 } }, { known });
    expect([lines, complete]).toEqual([["failed /"], false]);
  });
});
