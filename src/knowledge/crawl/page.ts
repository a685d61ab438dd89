/** What a crawler reads of a page: its links, and what it says about itself. */
import { setImmediate as pause } from "node:timers/promises";
import { Parser } from "htmlparser2";
import { decodeText } from "../parse/decode.ts";
import { pageAddress } from "./address.ts";

export interface PageFacts {
  /** Each once, in the order of the page. */
  links: URL[];
  /** What the page says it is called. */
  canonical: URL | undefined;
  noindex: boolean;
  nofollow: boolean;
}

const MOST_LINKS = 5_000;
/** The parser's time grows with the square of the depth; a page this deep is no page. */
const MOST_DEPTH = 2_000;
const PIECE = 1 << 16;

/** `robotsTag` is the X-Robots-Tag header. Others may work meanwhile: a long page is read in pieces. */
export async function readPage(
  bytes: Uint8Array,
  url: URL,
  { contentType = "", robotsTag = "" }: { contentType?: string | undefined; robotsTag?: string | undefined },
): Promise<PageFacts> {
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(contentType)?.[1] ?? declared(bytes);
  const html = decodeText(bytes, charset)?.text ?? "";
  const links = new Map<string, URL>();
  const words = new Set(wordsFor(robotsTag));
  let base = url;
  let canonical: URL | undefined;
  let depth = 0;
  let isTooDeep = false;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (++depth > MOST_DEPTH) isTooDeep = true;
      const { href, rel = "", content = "" } = attributes;
      if (name === "base" && href !== undefined && base === url) base = URL.canParse(href, url.href) ? new URL(href, url) : url;
      else if ((name === "a" || name === "area") && href !== undefined && !/\bnofollow\b/i.test(rel)) {
        const to = pageAddress(href, base);
        if (to && links.size < MOST_LINKS) links.set(to.href, to);
      } else if (name === "link" && href !== undefined && /(?:^|\s)canonical(?:\s|$)/i.test(rel))
        canonical ??= pageAddress(href, base);
      else if (name === "meta" && /^(?:robots|puna)$/i.test(attributes.name ?? "")) {
        for (const word of content.toLowerCase().split(/[\s,]+/)) words.add(word);
      }
    },
    onclosetag() {
      depth--;
    },
  });
  for (let at = 0; at < html.length && !isTooDeep; at += PIECE) {
    if (at > 0) await pause();
    parser.write(html.slice(at, at + PIECE));
  }
  if (!isTooDeep) parser.end();
  const nofollow = words.has("nofollow") || words.has("none");
  return { links: nofollow ? [] : [...links.values()], canonical, noindex: words.has("noindex") || words.has("none"), nofollow };
}

/** "noindex, nofollow", or "puna: noindex, other: none": what is said to all, and what is said to us. */
function wordsFor(robotsTag: string): string[] {
  let isOurs = true;
  return robotsTag
    .toLowerCase()
    .split(",")
    .flatMap((part) => {
      const [, agent, rest = part] = /^\s*([\w-]+)\s*:(.*)$/.exec(part) ?? [];
      // Such as "unavailable_after: 25 Jun 2030".
      if (agent !== undefined && !agent.includes("_") && !agent.startsWith("max-")) isOurs = agent === "puna";
      return isOurs ? rest.trim().split(/\s+/) : [];
    });
}

function declared(bytes: Uint8Array): string | undefined {
  return /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(Buffer.from(bytes.subarray(0, 2048)).toString("latin1"))?.[1];
}
