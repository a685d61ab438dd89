/** OpenDocument texts, sheets and presentations (OASIS ODF 1.3): one reader, since their parts are the same elements. */
import { Unreadable } from "../types.ts";
import { Draft, type Parsed } from "./draft.ts";
import type { Source } from "./limits.ts";
import { type Element, elements, everywhere, first, readXml, textOf } from "./xml.ts";
import type { Zip } from "./zip.ts";

/** Deleted text, contents tables, and declarations. */
const UNSEEN = new Set(
  "text:tracked-changes text:table-of-content text:sequence-decls office:forms office:annotation text:alphabetical-index".split(
    " ",
  ),
);
const MOST_REPEATS = 256;

export function readOdf(zip: Zip, source: Source): Parsed {
  const manifest = zip.text("META-INF/manifest.xml");
  if (manifest?.includes("encryption-data")) {
    throw new Unreadable("encrypted", `${source.name} is protected by a password: save it without one`);
  }
  const content = zip.text("content.xml");
  if (content === undefined) throw new Unreadable("damaged", `${source.name} is damaged: content.xml is missing`);
  const body = elements(first(readXml(content, source), "office:body"))[0];
  const draft = new Draft(source);
  const meta = zip.text("meta.xml");
  if (meta !== undefined) draft.title = textOf(first(readXml(meta, source), "office:meta", "dc:title"));
  if (body?.name === "office:spreadsheet") sheets(draft, body, source);
  else if (body?.name === "office:presentation") slides(draft, body, source);
  else blocks(draft, body);
  return draft.done();
}

function sheets(draft: Draft, body: Element, source: Source): void {
  const tables = elements(body, "table:table");
  draft.pages = tables.length;
  if (tables.length > source.limits.pages)
    draft.note(`Only the first ${source.limits.pages} of ${tables.length} sheets were read.`);
  for (const [index, table] of tables.slice(0, source.limits.pages).entries()) {
    draft.page = index + 1;
    const rows = rowsOf(table);
    if (rows.length === 0) continue;
    draft.heading(1, table.attributes["table:name"] ?? `Sheet ${index + 1}`);
    draft.table(rows);
  }
}

function slides(draft: Draft, body: Element, source: Source): void {
  const pages = elements(body, "draw:page");
  draft.pages = pages.length;
  if (pages.length > source.limits.pages)
    draft.note(`Only the first ${source.limits.pages} of ${pages.length} slides were read.`);
  for (const [index, page] of pages.slice(0, source.limits.pages).entries()) {
    draft.page = index + 1;
    for (const frame of elements(page)) {
      if (frame.attributes["presentation:class"] === "title") {
        draft.heading(1, [...everywhere(frame, "text:p")].map(inline).join(" "));
      } else if (frame.name !== "presentation:notes") blocks(draft, frame);
    }
    for (const frame of elements(first(page, "presentation:notes"))) {
      if (frame.attributes["presentation:class"] === "notes") blocks(draft, frame);
    }
  }
}

function blocks(draft: Draft, parent: Element | undefined): void {
  for (const child of elements(parent)) {
    if (UNSEEN.has(child.name)) continue;
    if (child.name === "text:h") {
      draft.heading(Number(child.attributes["text:outline-level"] ?? 1) || 1, inline(child));
    } else if (child.name === "text:p") paragraph(draft, child);
    else if (child.name === "text:list") draft.add("list", items(child, 0).join("\n"));
    else if (child.name === "table:table") draft.table(rowsOf(child));
    else blocks(draft, child);
  }
}

function paragraph(draft: Draft, element: Element): void {
  const text = inline(element);
  if (draft.title === "" && element.attributes["text:style-name"] === "Title") draft.title = text;
  draft.add("paragraph", text);
  for (const note of everywhere(element, "text:note")) {
    draft.add("paragraph", `[${textOf(first(note, "text:note-citation")).trim()}] ${inline(first(note, "text:note-body"))}`);
  }
  for (const box of everywhere(element, "draw:text-box")) blocks(draft, box);
}

function items(list: Element, level: number): string[] {
  return elements(list).flatMap((item) =>
    elements(item).flatMap((part) => {
      if (part.name === "text:list") return items(part, level + 1);
      const text = inline(part).trim();
      return text === "" ? [] : [`${"  ".repeat(Math.min(level, 8))}- ${text.replaceAll("\n", " ")}`];
    }),
  );
}

/** Repeated cells are written once with a count; the count at the end of a row or sheet is only the size of the grid. */
function rowsOf(table: Element): string[][] {
  const rows: string[][] = [];
  const walk = (parent: Element) => {
    for (const child of elements(parent)) {
      if (child.name === "table:table-row") {
        const row = elements(child).flatMap((cell) =>
          Array<string>(repeats(cell, "table:number-columns-repeated")).fill(cellText(cell)),
        );
        const filled = row.slice(0, row.findLastIndex((cell) => cell !== "") + 1);
        if (filled.length > 0)
          for (let count = repeats(child, "table:number-rows-repeated"); count > 0; count--) rows.push(filled);
      } else if (/^table:table-(row-group|rows|header-rows)$/.test(child.name)) walk(child);
    }
  };
  walk(table);
  return rows;
}

function repeats(element: Element, attribute: string): number {
  return Math.min(Math.max(Number(element.attributes[attribute] ?? 1) || 1, 1), MOST_REPEATS);
}

function cellText(cell: Element): string {
  if (cell.name !== "table:table-cell" && cell.name !== "table:covered-table-cell") return "";
  return [...everywhere(cell, "text:p")].map(inline).join(" ").trim();
}

function inline(element: Element | undefined): string {
  let text = "";
  for (const child of element?.children ?? []) {
    if (typeof child === "string") text += child.replace(/\s+/g, " ");
    else if (child.name === "text:s") text += " ".repeat(Math.min(Number(child.attributes["text:c"] ?? 1) || 1, MOST_REPEATS));
    else if (child.name === "text:tab") text += "\t";
    else if (child.name === "text:line-break") text += "\n";
    else if (child.name === "text:note") text += ` [${textOf(first(child, "text:note-citation")).trim()}]`;
    else if (child.name !== "draw:frame" && !UNSEEN.has(child.name)) text += inline(child);
  }
  return text;
}
