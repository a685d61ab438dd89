/** RSS 0.9x to 2.0 and Atom 1.0: each entry a heading with its date, then its text. */
import { Unreadable } from "../types.ts";
import { Draft, type Parsed } from "./draft.ts";
import { addHtml } from "./html-blocks.ts";
import type { Source } from "./limits.ts";
import { type Element, elements, first, readXml, textOf } from "./xml.ts";

export function readFeed(text: string, source: Source): Parsed {
  const root = readXml(text, source);
  const channel = first(root, "channel") ?? root;
  // RSS 1.0 puts the entries beside the channel.
  const entries = [
    ...elements(channel, "item"),
    ...(channel === root ? [] : elements(root, "item")),
    ...elements(channel, "entry"),
  ];
  const draft = new Draft(source);
  draft.title = plain(child(channel, "title"));
  draft.heading(1, draft.title);
  addText(draft, child(channel, "description", "subtitle"));
  for (const entry of entries) {
    draft.heading(2, plain(child(entry, "title")));
    const date = plain(child(entry, "pubDate", "published", "updated", "dc:date"));
    const author = plain(first(entry, "author", "name") ?? child(entry, "dc:creator", "author"));
    draft.add("paragraph", [date, author].filter((part) => part !== "").join(" | "));
    addText(draft, child(entry, "content:encoded", "content", "description", "summary"));
  }
  if (draft.isEmpty) throw new Unreadable("no-text", `${source.name} is a feed without entries`);
  return draft.done();
}

/** The first of these children that holds anything. */
function child(parent: Element, ...names: string[]): Element | undefined {
  return names.map((name) => first(parent, name)).find((found) => found !== undefined && textOf(found).trim() !== "");
}

function addText(draft: Draft, element: Element | undefined): void {
  if (element === undefined) return;
  const text = textOf(element);
  if (element.attributes.type === "text" || !/<\w|&\w+;/.test(text)) draft.add("paragraph", text);
  else addHtml(draft, text, { levelOffset: 2 });
}

/** Titles may hold markup of their own. */
function plain(element: Element | undefined): string {
  return textOf(element)
    .replace(/<\/?[a-z][^<>]*>/gi, "")
    .replace(/\s+/g, " ")
    .trim();
}
