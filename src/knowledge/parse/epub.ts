/** Books (EPUB 2 and 3): the chapters of the reading order, each through the HTML reader. They have no pages to speak of. */
import { posix } from "node:path";
import { Unreadable } from "../types.ts";
import { Draft, type Parsed } from "./draft.ts";
import { addHtml } from "./html-blocks.ts";
import type { Source } from "./limits.ts";
import { elements, everywhere, first, readXml, textOf } from "./xml.ts";
import type { Zip } from "./zip.ts";

export function readEpub(zip: Zip, source: Source): Parsed {
  const container = zip.text("META-INF/container.xml");
  const rootfile = container && everywhere(readXml(container, source), "rootfile").next().value;
  const path = rootfile ? rootfile.attributes["full-path"] : zip.names.find((name) => name.endsWith(".opf"));
  const text = path === undefined ? undefined : zip.text(path);
  if (path === undefined || text === undefined) {
    throw new Unreadable("damaged", `${source.name} is damaged: the list of its chapters is missing`);
  }
  const root = readXml(text, source);
  const manifest = new Map<string, { href: string; isContents: boolean }>();
  for (const { attributes } of elements(first(root, "manifest"), "item")) {
    const href = posix.join(posix.dirname(path), decode(attributes.href ?? ""));
    manifest.set(attributes.id ?? "", { href, isContents: (attributes.properties ?? "").split(" ").includes("nav") });
  }
  const locked = lockedFiles(zip, source);
  const draft = new Draft(source);
  draft.title = textOf(first(root, "metadata", "dc:title"));
  for (const { attributes } of elements(first(root, "spine"), "itemref")) {
    const chapter = manifest.get(attributes.idref ?? "");
    if (chapter === undefined || chapter.isContents) continue;
    if (locked.has(chapter.href))
      throw new Unreadable("encrypted", `${source.name} is locked by its seller (DRM): Puna cannot read it`);
    const html = zip.text(chapter.href);
    if (html === undefined) draft.note(`The chapter ${chapter.href} is missing in the file.`);
    else addHtml(draft, selfClosed(html));
  }
  return draft.done();
}

/** Files that are encrypted. Fonts often are, by a method that protects nothing else. */
function lockedFiles(zip: Zip, source: Source): Set<string> {
  const text = zip.text("META-INF/encryption.xml");
  if (text === undefined) return new Set();
  return new Set(
    [
      ...everywhere(readXml(text, source), "enc:CipherReference", true),
      ...everywhere(readXml(text, source), "CipherReference", true),
    ].map(({ attributes }) => decode(attributes.URI ?? "")),
  );
}

/** XHTML may write `<title/>`, which to an HTML reader opens an element that never ends. */
function selfClosed(xhtml: string): string {
  return xhtml.replace(/<(title|script|style|a|p|div|span|td|th|li|i|b|em)(\s[^<>]*)?\/>/gi, "<$1$2></$1>");
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a bare per cent sign
  }
}
