/** PDF through pdf.js (unpdf): text of each page in its own order, with the character maps of East Asian fonts. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { getDocumentProxy } from "unpdf";
import { messageOf } from "../../errors.ts";
import { Unreadable } from "../types.ts";
import { Draft, type Parsed } from "./draft.ts";
import type { Source } from "./limits.ts";
import { type Line, linesOf } from "./pdf-lines.ts";
import { addLines, type Outline } from "./pdf-paragraphs.ts";

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

export async function readPdf(bytes: Uint8Array, source: Source): Promise<Parsed> {
  const pdf = await open(bytes, source);
  try {
    const draft = new Draft(source);
    draft.title = await titleOf(pdf);
    draft.pages = pdf.numPages;
    const { pages: most } = source.limits;
    if (pdf.numPages > most) draft.note(`Only the first ${most} of ${pdf.numPages} pages were read.`);
    const pages: Line[][] = [];
    for (let number = 1; number <= Math.min(pdf.numPages, most); number++) pages.push(await pageLines(pdf, number, draft));
    const empty = pages.flatMap((lines, index) => (lines.length === 0 ? [index + 1] : []));
    if (empty.length === pages.length) throw scan(pages.length, source);
    if (empty.length > 0) draft.note(`No text layer (pictures, scans or blank): page ${ranges(empty)}.`);
    addLines(draft, pages, await outlineOf(pdf));
    return draft.done();
  } finally {
    await pdf.destroy();
  }
}

async function open(bytes: Uint8Array, source: Source): Promise<Pdf> {
  try {
    return await getDocumentProxy(bytes, {
      cMapUrl: resources("cmaps"),
      cMapPacked: true,
      standardFontDataUrl: resources("standard_fonts"),
      isEvalSupported: false,
      useSystemFonts: false,
      disableFontFace: true,
      verbosity: 0,
    });
  } catch (error) {
    if (error instanceof Error && error.name === "PasswordException") {
      throw new Unreadable("encrypted", `${source.name} is protected by a password: save it without one`, { cause: error });
    }
    throw new Unreadable("damaged", `${source.name} is damaged or not a whole PDF: ${messageOf(error)}`, { cause: error });
  }
}

/** A page that cannot be read costs that page only. */
async function pageLines(pdf: Pdf, number: number, draft: Draft): Promise<Line[]> {
  try {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const lines = linesOf(items.filter((item) => "str" in item));
    page.cleanup();
    return lines;
  } catch (error) {
    draft.note(`Page ${number} cannot be read: ${messageOf(error)}`);
    return [];
  }
}

function scan(pages: number, source: Source): Unreadable {
  const which = pages === 1 ? "its page is a picture" : `its ${pages} pages are pictures`;
  return new Unreadable(
    "scan",
    `${source.name} has no text layer: ${which}, as a scanner makes them. Puna does not read pictures; run a text recognition (OCR) over it first`,
  );
}

async function titleOf(pdf: Pdf): Promise<string> {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
  const title = "Title" in info && typeof info.Title === "string" ? info.Title : "";
  // What word processors write when nobody gave a title.
  return /^(untitled|\(anonymous\)|\(unspecified\)|microsoft word - |.*\.(docx?|pptx?|xlsx?|indd|tex|dvi)$)/i.test(title)
    ? ""
    : title;
}

/** The bookmarks: the words of each with its depth. */
async function outlineOf(pdf: Pdf): Promise<Outline> {
  const outline: Outline = new Map();
  const top = await pdf.getOutline().catch(() => null);
  const walk = (items: NonNullable<typeof top>, level: number) => {
    for (const { title, items: inner } of items) {
      outline.set(title.replace(/\s+/g, "").toLowerCase(), level);
      if (level < 6) walk(inner, level + 1);
    }
  };
  walk(top ?? [], 1);
  return outline;
}

/** Beside the compiled code; from the sources (in tests) the build's own is taken. */
function resources(folder: string): string {
  const beside = fileURLToPath(new URL(`./pdf/${folder}/`, import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../../../dist/knowledge/parse/pdf/${folder}/`, import.meta.url));
}

/** 1, 2, 3, 7 is "1-3, 7". */
function ranges(numbers: number[]): string {
  const parts: [number, number][] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
