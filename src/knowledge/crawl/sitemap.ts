/** Sitemaps: lists of pages, or lists of such lists; XML or plain lines, perhaps packed. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Parser } from "htmlparser2";
import { PunaError } from "../../errors.ts";

export interface Sitemap {
  pages: string[];
  sitemaps: string[];
}

/** The protocol's own limits. */
export const SITEMAP_BYTES = 50 << 20;
const MOST_ENTRIES = 50_000;

const unpack = promisify(gunzip);

/** Throws PunaError 502 for one that cannot be unpacked, or unpacks to too much. */
export async function readSitemap(bytes: Uint8Array, name: string): Promise<Sitemap> {
  const text = new TextDecoder().decode(isPacked(bytes) ? await unpacked(bytes, name) : bytes);
  return isSitemap(text) ? readXml(text) : { pages: lines(text), sitemaps: [] };
}

/** Whether a text is a sitemap in XML. */
export function isSitemap(text: string): boolean {
  return /<(?:\w+:)?(?:urlset|sitemapindex)\b/i.test(text.slice(0, 4_000));
}

function isPacked(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function unpacked(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  try {
    return await unpack(bytes, { maxOutputLength: SITEMAP_BYTES });
  } catch (error) {
    const problem = error instanceof RangeError ? `unpacks to more than ${SITEMAP_BYTES >> 20} MB` : "cannot be unpacked";
    throw new PunaError(502, `the sitemap ${name} ${problem}`, { code: "bad_sitemap", cause: error });
  }
}

function readXml(text: string): Sitemap {
  const found: Sitemap = { pages: [], sitemaps: [] };
  const open: string[] = [];
  let location = "";
  const parser = new Parser(
    {
      onopentagname(name) {
        const local = name.replace(/^.*:/, "").toLowerCase();
        open.push(local);
        if (local === "loc") location = "";
      },
      ontext(data) {
        if (open.at(-1) === "loc") location += data;
      },
      onclosetag() {
        const closed = open.pop();
        const parent = open.at(-1);
        if (closed !== "loc" || location.trim() === "") return;
        if (parent === "url" && found.pages.length < MOST_ENTRIES) found.pages.push(location.trim());
        if (parent === "sitemap" && found.sitemaps.length < MOST_ENTRIES) found.sitemaps.push(location.trim());
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(text);
  return found;
}

function lines(text: string): string[] {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter((line) => /^https?:\/\//.test(line))
    .slice(0, MOST_ENTRIES);
}
