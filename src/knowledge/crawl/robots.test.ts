import { expect, test } from "vitest";
import { parseRobots } from "./robots.ts";

const allowed = (text: string, path: string) => parseRobots(text, "puna").allows(path);

test("the group that names us, else the one for all", () => {
  const text = "User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-agent: PUNA/2.0\nDisallow: /private\n";
  expect(allowed(text, "/page")).toBe(true);
  expect(allowed(text, "/private/x")).toBe(false);
  expect(parseRobots(text, "somebody").allows("/page")).toBe(false);
  // The token as a whole.
  expect(allowed("User-agent: punaise\nDisallow: /", "/")).toBe(true);
});

test("groups of one agent count together", () => {
  const text = "User-agent: puna\nDisallow: /a\n\nUser-agent: x\nDisallow: /c\n\nUser-agent: Puna\nDisallow: /b\n";
  expect(["/a", "/b", "/c"].map((path) => allowed(text, path))).toEqual([false, false, true]);
});

test("the longest rule wins, and of two alike the one that allows", () => {
  const text = "User-agent: *\nDisallow: /docs\nAllow: /docs/open\nDisallow: /same\nAllow: /same\nDisallow:\n";
  expect(["/docs", "/docs/x", "/docs/open/x", "/same", "/else"].map((path) => allowed(text, path))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

test.each([
  ["/*.pdf$", "/a/b.pdf", false],
  ["/*.pdf$", "/a/b.pdf?x=1", true],
  ["/*.pdf", "/a/b.pdf?x=1", false],
  ["/a*b*c", "/axxbyyc/z", false],
  ["/a*b*c", "/axxcyyb", true],
  ["/x$", "/x", false],
  ["/x$", "/xy", true],
  ["/a*a$", "/a", true],
  ["/a*$", "/abc", false],
  ["*/hidden", "/a/hidden", false],
  ["/?q=*&p", "/?q=1&p=2", false],
  ["/caf%C3%A9", "/café", false],
  ["/café", "/caf%c3%a9", false],
  ["/%7Euser", "/~user", false],
  ["/a%2Fb", "/a/b", true],
])("Disallow: %s, %s: %s", (rule, path, verdict) => {
  expect(allowed(`User-agent: *\nDisallow: ${rule}`, path)).toBe(verdict);
});

test("delay, sitemaps, comments, line ends, rules before any group, and nonsense", () => {
  const text =
    "\uFEFFDisallow: /lost\r\nSitemap: https://a.example/map.xml\r\nnonsense\rUser-agent: * # all\r\nCrawl-delay: 2.5\r\nDisallow: /x # no\r\n";
  const robots = parseRobots(text, "puna");
  expect(robots).toMatchObject({ delay: 2.5, sitemaps: ["https://a.example/map.xml"] });
  expect([robots.allows("/lost"), robots.allows("/x")]).toEqual([true, false]);
});

test("a pattern made of stars takes no time", () => {
  const rule = `/${"*a".repeat(2000)}$`;
  const before = process.cpuUsage();
  expect(allowed(`User-agent: *\nDisallow: ${rule}`, `/${"a".repeat(1999)}b`)).toBe(true);
  // Tried out, it would take longer than the universe has been.
  expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
});
