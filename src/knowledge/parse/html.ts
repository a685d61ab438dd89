/** Web pages: the article alone where there is one, else everything that a reader sees. */
import { Readability } from "@mozilla/readability";
import { Parser } from "htmlparser2";
import { parseHTML } from "linkedom";
import { Unreadable } from "../types.ts";
import { Draft, type Parsed } from "./draft.ts";
import { addHtml } from "./html-blocks.ts";
import type { Source } from "./limits.ts";

/** Larger or deeper pages are read whole: finding the article would build a tree several times their size. */
const MOST_CHARACTERS = 4_000_000;
const MOST_DEPTH = 500;
/** An article below this share of the visible text is more likely a mistake than an article. */
const LEAST_SHARE = 0.3;

export function readHtml(html: string, source: Source): Parsed {
  if (source.selector !== undefined) return readPart(html, source, source.selector);
  const whole = new Draft(source);
  addHtml(whole, html, { contentOnly: true });
  if (whole.isEmpty) addHtml(whole, html);
  const { title, depth } = survey(html);
  whole.title = title;
  const all = whole.done();
  if (html.length > MOST_CHARACTERS || depth > MOST_DEPTH) return all;
  const article = findArticle(html);
  if (article === undefined) return all;
  const draft = new Draft(source);
  draft.title = title || article.title;
  addHtml(draft, article.content);
  const found = draft.done();
  if (found.text.length < all.text.length * LEAST_SHARE) return all;
  // The article's own heading is often left out of it.
  const [opening] = found.blocks;
  const repeats = opening?.kind === "heading" && found.text.slice(opening.start, opening.end) === article.title;
  if (article.title === "" || repeats) return found;
  const titled = new Draft(source);
  titled.title = draft.title;
  titled.heading(1, article.title);
  titled.append(found);
  return titled.done();
}

/** What a CSS selector finds, and nothing else. */
function readPart(html: string, source: Source, selector: string): Parsed {
  const { title, depth } = survey(html);
  if (html.length > MOST_CHARACTERS || depth > MOST_DEPTH) {
    throw new Unreadable("too-large", `${source.name} is too large for a selector: take it without one`);
  }
  const { document } = parseHTML(html);
  const parts = [...document.querySelectorAll(selector)];
  const draft = new Draft(source);
  draft.title = title;
  // A part of a part is there already.
  for (const part of parts) if (!parts.some((other) => other !== part && other.contains(part))) addHtml(draft, part.outerHTML);
  if (draft.isEmpty) throw new Unreadable("no-text", `${source.name} has nothing that ${JSON.stringify(selector)} finds`);
  return draft.done();
}

function findArticle(html: string): { title: string; content: string } | undefined {
  try {
    const { document } = parseHTML(html);
    const article = new Readability(document, { keepClasses: false }).parse();
    return article?.content ? { title: article.title ?? "", content: article.content } : undefined;
  } catch {
    return undefined; // no tree can be made of it; the stream reader takes it as it is
  }
}

function survey(html: string): { title: string; depth: number } {
  let depth = 0;
  let deepest = 0;
  let title = "";
  let within = false;
  const parser = new Parser({
    onopentag(name) {
      deepest = Math.max(deepest, ++depth);
      within = name === "title" && title === "";
    },
    ontext(data) {
      if (within) title += data;
    },
    onclosetag() {
      depth--;
      within = false;
    },
  });
  parser.end(html);
  return { title, depth: deepest };
}
