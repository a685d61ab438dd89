/**
 * HTML to blocks, as a stream and without a tree: pages, chapters of EPUB, feeds and mails all go through here.
 * What no reader sees (scripts, styles, hidden parts) is left out.
 */
import { Parser } from "htmlparser2";
import { Unreadable } from "../types.ts";
import { oneLine } from "./clean.ts";
import type { Draft } from "./draft.ts";

const UNSEEN = new Set("script style noscript template svg head iframe object canvas select button annotation".split(" "));
const FURNITURE = new Set("nav footer aside form dialog".split(" "));
const BLOCKS = new Set(
  "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form header hr html legend main nav p section summary title".split(
    " ",
  ),
);

/** The parser's time grows with the square of the depth. Pages reach some hundred, also those that close nothing. */
const MOST_DEPTH = 10_000;

interface Table {
  rows: string[][];
  /** Cells marked as headings, and of these the ones in the first row. */
  heads: number;
  headsAbove: number;
  /** Holds another table, or headings: it is there for the layout, and its cells are ordinary text. */
  layout: boolean;
}

export interface HtmlOptions {
  /** Leaves out navigation, footers and forms. */
  contentOnly?: boolean;
  /** Added to the level of every heading. */
  levelOffset?: number;
}

export function addHtml(draft: Draft, html: string, { contentOnly = false, levelOffset = 0 }: HtmlOptions = {}): void {
  let text = "";
  let heading = 0;
  let pre = 0;
  let unseen = 0;
  const open: { name: string; unseen: boolean }[] = [];
  const tables: Table[] = [];
  const lists: { ordered: boolean; next: number }[] = [];
  let items: string[] = [];
  let marker: string | undefined;

  const cellTable = () => (tables.length > 0 && !tables.at(-1)?.layout ? tables.at(-1) : undefined);

  /** The text so far is whole: it becomes a block, or a line of the list that is open. */
  const flush = () => {
    const done = pre > 0 ? text : text.split("\n").map(oneLine).join("\n").trim();
    text = "";
    if (done.trim() === "") return;
    if (lists.length > 0 && heading === 0 && pre === 0) {
      const indent = "  ".repeat(Math.max(lists.length - 1, 0));
      items.push(indent + (marker ?? "  ") + done.replaceAll("\n", " "));
      marker = undefined;
      return;
    }
    flushList();
    if (heading > 0) draft.heading(heading + levelOffset, done);
    else draft.add(pre > 0 ? "code" : "paragraph", done);
  };
  const flushList = () => {
    if (items.length > 0) draft.add("list", items.join("\n"));
    items = [];
  };
  const endCell = () => {
    const table = cellTable();
    if (!table) return flush();
    const row = table.rows.at(-1);
    if (row && row.length > 0) row[row.length - 1] = oneLine(`${row.at(-1)} ${text}`);
    else if (oneLine(text) !== "") table.rows.push([oneLine(text)]);
    text = "";
  };
  /** Its cells so far were text after all. */
  const toLayout = (table: Table) => {
    endCell();
    table.layout = true;
    for (const cell of table.rows.flat()) if (cell !== "") draft.add("paragraph", cell);
    table.rows = [];
  };

  const addTable = (table: Table | undefined) => {
    if (!table || table.layout) return;
    // Headings at the left only: each row speaks for itself.
    draft.table(table.rows, { headless: table.heads > 0 && table.headsAbove < (table.rows[0]?.length ?? 0) });
  };

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const hides =
          UNSEEN.has(name) ||
          (contentOnly && FURNITURE.has(name)) ||
          "hidden" in attributes ||
          attributes["aria-hidden"] === "true";
        open.push({ name, unseen: hides });
        if (open.length > MOST_DEPTH) throw new Unreadable("bomb", `${draft.name} nests elements more than ${MOST_DEPTH} deep`);
        if (hides) unseen++;
        if (unseen > 0) return;
        const level = /^h[1-6]$/.test(name) ? Number(name[1]) : 0;
        if (level > 0) {
          const table = cellTable();
          if (table) toLayout(table);
          flush();
          flushList();
          heading = level;
        } else if (name === "br") text += "\n";
        else if (name === "ul" || name === "ol") {
          if (cellTable()) text += " ";
          else {
            flush();
            lists.push({ ordered: name === "ol", next: Number.parseInt(attributes.start ?? "1", 10) || 1 });
          }
        } else if (name === "li") {
          if (cellTable()) text += " ";
          else {
            flush();
            const list = lists.at(-1);
            marker = list?.ordered ? `${list.next++}. ` : "- ";
          }
        } else if (name === "pre") {
          if (!cellTable()) flush();
          pre++;
        } else if (name === "table") {
          const outer = cellTable();
          if (outer) toLayout(outer);
          flush();
          flushList();
          tables.push({ rows: [], heads: 0, headsAbove: 0, layout: false });
        } else if (name === "tr") {
          endCell();
          cellTable()?.rows.push([]);
        } else if (name === "td" || name === "th") {
          if (cellTable()) {
            endCell();
            const table = cellTable();
            if (table && table.rows.length === 0) table.rows.push([]);
            table?.rows.at(-1)?.push("");
            if (table && name === "th") {
              table.heads++;
              if (table.rows.length === 1) table.headsAbove++;
            }
          } else flush();
        } else if (BLOCKS.has(name)) {
          if (cellTable()) text += " ";
          else flush();
        }
      },
      ontext(data) {
        if (unseen === 0) text += pre > 0 ? data : data.replace(/\s+/g, " ");
      },
      onclosetag(name) {
        const closed = open.pop();
        if (closed?.unseen) {
          unseen--;
          return;
        }
        if (unseen > 0) return;
        if (/^h[1-6]$/.test(name)) {
          flush();
          heading = 0;
        } else if (name === "ul" || name === "ol") {
          if (cellTable()) return;
          flush();
          lists.pop();
          if (lists.length === 0) flushList();
        } else if (name === "pre") {
          if (!cellTable()) flush();
          pre = Math.max(pre - 1, 0);
        } else if (name === "td" || name === "th") endCell();
        else if (name === "table") {
          endCell();
          const table = tables.pop();
          addTable(table);
        } else if (name === "li" || BLOCKS.has(name)) {
          if (cellTable()) text += " ";
          else flush();
        }
      },
    },
    { decodeEntities: true },
  );
  parser.end(html);
  while (tables.length > 0) {
    endCell();
    const table = tables.pop();
    addTable(table);
  }
  flush();
  flushList();
}
