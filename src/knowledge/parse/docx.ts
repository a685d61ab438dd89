/** Word documents (ECMA-376, part 1, 17): headings, lists, tables, formulas, text boxes and notes; pages as Word last laid them out. */
import { readStyles, type StyleOf } from "./docx-styles.ts";
import { Draft, type Parsed } from "./draft.ts";
import type { Source } from "./limits.ts";
import { mainPart, officeTitle, partText, relations } from "./office.ts";
import { formula } from "./office-math.ts";
import { type Element, elements, everywhere, first, readXml } from "./xml.ts";
import type { Zip } from "./zip.ts";

/** Deleted text, and what is there for programs. */
const UNSEEN = new Set("w:del w:moveFrom w:instrText w:delText w:pPr w:rPr w:tblPr w:trPr w:tcPr w:sdtPr".split(" "));

export function readDocx(zip: Zip, source: Source): Parsed {
  const part = mainPart(zip, "word/document.xml", source);
  const related = relations(zip, part, source);
  const target = (type: string) => related.find((relation) => relation.type === type)?.target;
  const draft = new Draft(source);
  draft.title = officeTitle(zip, source);
  const body = first(readXml(partText(zip, part, source), source), "w:body");
  const notes = new Map([
    ...notesOf(zip, target("footnotes"), "w:footnote", source),
    ...notesOf(zip, target("endnotes"), "w:endnote", source),
  ]);
  new Reader(draft, readStyles(zip, target("styles"), source), notes, breakMarks(body)).read(body);
  return draft.done();
}

/** Word writes where its pages broke; other programs write at most the breaks that the author made. */
function breakMarks(body: Element | undefined): "rendered" | "written" | undefined {
  if (!everywhere(body, "w:lastRenderedPageBreak").next().done) return "rendered";
  return [...everywhere(body, "w:br")].some(isPageBreak) ? "written" : undefined;
}

function isPageBreak(element: Element): boolean {
  return element.name === "w:br" && element.attributes["w:type"] === "page";
}

function notesOf(zip: Zip, part: string | undefined, name: string, source: Source): [string, Element][] {
  const text = part === undefined ? undefined : zip.text(part);
  if (text === undefined) return [];
  // The first two, of a type, are the lines that separate notes from text.
  const notes = elements(readXml(text, source), name).filter(({ attributes }) => attributes["w:type"] === undefined);
  return notes.map((note) => [`${name} ${note.attributes["w:id"]}`, note]);
}

class Reader {
  readonly #draft: Draft;
  readonly #styleOf: StyleOf;
  readonly #notes: Map<string, Element>;
  readonly #breaks: "rendered" | "written" | undefined;
  #page = 1;
  /** Where the paragraph began to have text. */
  #textPage: number | undefined;
  #list: string[] = [];
  #listPage = 1;
  #boxes: Element[] = [];
  #called: string[] = [];
  #noteCount = 0;

  constructor(draft: Draft, styleOf: StyleOf, notes: Map<string, Element>, breaks: "rendered" | "written" | undefined) {
    this.#draft = draft;
    this.#styleOf = styleOf;
    this.#notes = notes;
    this.#breaks = breaks;
  }

  read(body: Element | undefined): void {
    this.#blocks(body);
    this.#endList();
    if (this.#breaks !== undefined) this.#draft.pages = this.#page;
  }

  #blocks(parent: Element | undefined): void {
    for (const child of elements(parent)) {
      if (child.name === "w:p") this.#paragraph(child);
      else if (child.name === "w:tbl") this.#table(child);
      else if (!UNSEEN.has(child.name)) this.#blocks(child);
    }
  }

  #paragraph(paragraph: Element): void {
    const style = this.#styleOf(first(paragraph, "w:pPr"));
    this.#textPage = undefined;
    const text = this.#inline(paragraph).trim();
    const page = this.#textPage ?? this.#page;
    if (style.isTitle && this.#draft.title === "") this.#draft.title = text;
    if (text !== "" && !style.isContents) {
      if (style.isList && style.heading === undefined) {
        if (this.#list.length === 0) this.#listPage = page;
        this.#list.push(`${"  ".repeat(style.listLevel)}- ${text.replaceAll("\n", " ")}`);
      } else {
        this.#endList();
        this.#at(page);
        if (style.heading !== undefined) this.#draft.heading(style.heading, text);
        else this.#draft.add("paragraph", text);
      }
    }
    this.#asides();
  }

  /** What hangs on the paragraph: its text boxes, then its notes. */
  #asides(): void {
    const boxes = this.#boxes;
    const called = this.#called;
    this.#boxes = [];
    this.#called = [];
    for (const box of boxes) this.#blocks(box);
    for (const id of called) {
      const note = this.#notes.get(id);
      this.#notes.delete(id);
      if (note)
        this.#draft.add(
          "paragraph",
          `[${++this.#noteCount}] ${elements(note)
            .map((part) => this.#inline(part))
            .join(" ")
            .trim()}`,
        );
    }
  }

  #table(table: Element): void {
    this.#endList();
    this.#at(this.#page);
    const rows = elements(table, "w:tr").map((row) =>
      [...everywhere(row, "w:tc")].flatMap((cell) => {
        const span = Number(first(cell, "w:tcPr", "w:gridSpan")?.attributes["w:val"] ?? 1);
        const text = [...everywhere(cell, "w:p")].map((paragraph) => this.#inline(paragraph)).join(" ");
        return [text, ...Array<string>(Math.min(Math.max(span || 1, 1), 64) - 1).fill("")];
      }),
    );
    this.#draft.table(rows);
    this.#asides();
  }

  #inline(element: Element): string {
    let text = "";
    for (const child of elements(element)) {
      if (UNSEEN.has(child.name)) continue;
      if (child.name === "w:t") text += child.children.join("");
      else if (child.name === "w:tab") text += "\t";
      else if (child.name === "w:noBreakHyphen") text += "-";
      else if (child.name === "w:br" || child.name === "w:cr") {
        if (!isPageBreak(child)) text += "\n";
        else if (this.#breaks === "written") this.#page++;
      } else if (child.name === "w:lastRenderedPageBreak") {
        if (this.#breaks === "rendered") this.#page++;
      } else if (child.name === "m:oMath") text += ` ${formula(child)} `;
      else if (child.name === "w:txbxContent") this.#boxes.push(child);
      else if (child.name === "w:footnoteReference" || child.name === "w:endnoteReference") text += this.#call(child);
      else if (child.name === "mc:AlternateContent") {
        const choice = first(child, "mc:Choice") ?? first(child, "mc:Fallback");
        if (choice) text += this.#inline(choice);
      } else text += this.#inline(child);
      if (text.trim() !== "") this.#textPage ??= this.#page;
    }
    return text;
  }

  #call(reference: Element): string {
    const id = `${reference.name.replace("Reference", "")} ${reference.attributes["w:id"]}`;
    if (!this.#notes.has(id)) return "";
    this.#called.push(id);
    return ` [${this.#noteCount + this.#called.length}]`;
  }

  #endList(): void {
    const items = this.#list;
    this.#list = [];
    if (items.length === 0) return;
    this.#at(this.#listPage);
    this.#draft.add("list", items.join("\n"));
  }

  #at(page: number): void {
    if (this.#breaks !== undefined) this.#draft.page = page;
  }
}
