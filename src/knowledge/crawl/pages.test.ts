import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { isInScope, isPageLike, nameOfPage, pageAddress, scopeOf } from "./address.ts";
import { readPage } from "./page.ts";
import { readSitemap } from "./sitemap.ts";

const at = new URL("https://a.example/docs/start.html");
const read = (html: string, more: Parameters<typeof readPage>[2] = {}) => readPage(Buffer.from(html), at, more);
const links = async (html: string) => (await read(html)).links.map(({ href }) => href);

test("one spelling for an address", () => {
  const spelled = ["HTTPS://A.example:443/x#part", "/x", "../x?utm_source=mail", "https://a.example/x?"].map(
    (href) => pageAddress(href, at)?.href,
  );
  expect(new Set(spelled)).toEqual(new Set(["https://a.example/x"]));
  for (const href of ["mailto:a@b.example", "javascript:void 0", "https://u:p@a.example/", `/${"x".repeat(3000)}`, "http://["])
    expect(pageAddress(href, at)).toBeUndefined();
});

test("what belongs to a site, and what is worth a request", () => {
  const scope = scopeOf(at);
  expect(scope).toEqual({ origin: "https://a.example", prefix: "/docs/" });
  const isIn = (href: string) => isInScope(scope, new URL(href, at));
  expect(["/docs/b", "/docs", "deep/er", "/docsx", "/", "http://a.example/docs/", "https://b.example/docs/"].map(isIn)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(scopeOf(at, "blog").prefix).toBe("/blog");
  const isWorth = (path: string) => isPageLike(new URL(path, at));
  expect(["/a", "/a.pdf", "/a.PNG", "/a/b/a/b/a/b", "/a/b/a/b/a/b/a/b"].map(isWorth)).toEqual([true, true, false, true, false]);
  expect(nameOfPage(new URL("https://a.example/%E7%9F%A5?x=1"))).toBe("a.example/知?x=1");
});

test("links: base, areas, nofollow, each once", async () => {
  const html = `<base href="/other/"><base href="/third/"><a href="one">1</a><a href="./one#x">again</a><map><area href=two></map>
    <a rel="nofollow noopener" href="no">n</a><a>none</a><a href="mailto:x@y.example">m</a><link href="style.css" rel="stylesheet">`;
  expect(await links(html)).toEqual(["https://a.example/other/one", "https://a.example/other/two"]);
});

test("what a page says of itself, in its head or in a header", async () => {
  const html = '<link rel="canonical" href="/docs/"><meta name="Robots" content="NOINDEX, nofollow"><a href="x">x</a>';
  expect(await read(html)).toMatchObject({
    canonical: new URL("https://a.example/docs/"),
    noindex: true,
    nofollow: true,
    links: [],
  });
  expect(await read('<meta name="robots" content="none">')).toMatchObject({ noindex: true, nofollow: true });
  expect(await read('<meta name="puna" content="noindex">')).toMatchObject({ noindex: true, nofollow: false });
  expect(await read('<meta name="otherbot" content="noindex">')).toMatchObject({ noindex: false });
  const said = async (robotsTag: string) => (await read("", { robotsTag })).noindex;
  expect(await said("noindex")).toBe(true);
  expect(await said("otherbot: noindex")).toBe(false);
  expect(await said("otherbot: nofollow, puna: noindex")).toBe(true);
  expect(await said("unavailable_after: 25 Jun 2030 15:00:00 PST, noindex")).toBe(true);
});

test("links in the charset that is declared", async () => {
  const html = Buffer.concat([
    Buffer.from('<meta charset="gb18030"><a href="'),
    Buffer.from([0xd6, 0xd0, 0xce, 0xc4]),
    Buffer.from('">'),
  ]);
  expect((await readPage(html, at, {})).links[0]?.pathname).toBe("/docs/%E4%B8%AD%E6%96%87");
});

test("a page of nothing but depth", async () => {
  const { links } = await read(`<a href="first">${"<div>".repeat(200_000)}<a href="last">`);
  expect(links.map(({ pathname }) => pathname)).toEqual(["/docs/first"]);
});

test("sitemaps: pages, indexes, prefixes, lines, packed", async () => {
  const map = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc> https://a.example/1?a=1&amp;b=2 </loc>
    <image:image><image:loc>https://a.example/p.png</image:loc></image:image></url><url><loc><![CDATA[https://a.example/2]]></loc></url></urlset>`;
  const pages = { pages: ["https://a.example/1?a=1&b=2", "https://a.example/2"], sitemaps: [] };
  expect(await readSitemap(Buffer.from(map), "map")).toEqual(pages);
  expect(await readSitemap(gzipSync(map), "map")).toEqual(pages);
  const index = "<s:sitemapindex xmlns:s='x'><s:sitemap><s:loc>https://a.example/b.xml.gz</s:loc></s:sitemap></s:sitemapindex>";
  expect(await readSitemap(Buffer.from(index), "map")).toEqual({ pages: [], sitemaps: ["https://a.example/b.xml.gz"] });
  expect(await readSitemap(Buffer.from("https://a.example/1\r\n\nnot one\n"), "map")).toEqual({
    pages: ["https://a.example/1"],
    sitemaps: [],
  });
  await expect(readSitemap(gzipSync(Buffer.alloc(60 << 20)), "map")).rejects.toThrow(
    "the sitemap map unpacks to more than 50 MB",
  );
  await expect(readSitemap(Buffer.from([0x1f, 0x8b, 1, 2]), "map")).rejects.toThrow("the sitemap map cannot be unpacked");
});
