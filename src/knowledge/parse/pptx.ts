/** Presentations (ECMA-376, part 1, 19): a page a slide, its title a heading; lists, tables and the speaker's notes. */
import { Draft, type Parsed } from "./draft.ts";
import type { Source } from "./limits.ts";
import { mainPart, officeTitle, partText, relations } from "./office.ts";
import { type Element, elements, everywhere, first, readXml, textOf } from "./xml.ts";
import type { Zip } from "./zip.ts";

export function readPptx(zip: Zip, source: Source): Parsed {
  const part = mainPart(zip, "ppt/presentation.xml", source);
  const targets = new Map(relations(zip, part, source).map(({ id, target }) => [id, target]));
  const order = elements(first(readXml(partText(zip, part, source), source), "p:sldIdLst"), "p:sldId");
  const slides = order.map(({ attributes }) => targets.get(attributes["r:id"] ?? "")).filter((target) => target !== undefined);
  const draft = new Draft(source);
  draft.title = officeTitle(zip, source);
  draft.pages = slides.length;
  if (slides.length > source.limits.pages)
    draft.note(`Only the first ${source.limits.pages} of ${slides.length} slides were read.`);
  for (const [index, slide] of slides.slice(0, source.limits.pages).entries()) {
    if (!zip.has(slide)) {
      draft.note(`Slide ${index + 1} is missing in the file.`);
      continue;
    }
    draft.page = index + 1;
    shapes(draft, first(readXml(partText(zip, slide, source), source), "p:cSld", "p:spTree"));
    const notes = relations(zip, slide, source).find(({ type }) => type === "notesSlide")?.target;
    if (notes !== undefined && zip.has(notes)) speakerNotes(draft, readXml(partText(zip, notes, source), source));
  }
  return draft.done();
}

function shapes(draft: Draft, tree: Element | undefined): void {
  for (const shape of elements(tree)) {
    if (shape.name === "p:sp") textShape(draft, shape);
    else if (shape.name === "p:grpSp" || shape.name === "mc:Choice") shapes(draft, shape);
    else if (shape.name === "mc:AlternateContent") shapes(draft, { ...shape, children: elements(shape).slice(0, 1) });
    else if (shape.name === "p:graphicFrame") {
      for (const table of everywhere(shape, "a:tbl")) {
        draft.table(elements(table, "a:tr").map((row) => elements(row, "a:tc").map((cell) => paragraphs(cell).join(" "))));
      }
    }
  }
}

function textShape(draft: Draft, shape: Element): void {
  const kind = first(shape, "p:nvSpPr", "p:nvPr", "p:ph")?.attributes.type ?? "";
  if (["dt", "ftr", "sldNum"].includes(kind)) return;
  const body = first(shape, "p:txBody");
  const lines = paragraphs(body);
  if (kind === "title" || kind === "ctrTitle") {
    const title = lines.join(" ");
    if (draft.isEmpty && draft.title === "") draft.title = title;
    draft.heading(1, title);
  } else if (lines.length > 1 && first(shape, "p:nvSpPr", "p:nvPr", "p:ph") !== undefined) {
    draft.add(
      "list",
      elements(body, "a:p")
        .map(bullet)
        .filter((line) => line.trim() !== "")
        .join("\n"),
    );
  } else for (const line of lines) draft.add("paragraph", line);
}

function speakerNotes(draft: Draft, notes: Element): void {
  for (const shape of everywhere(notes, "p:sp")) {
    if (first(shape, "p:nvSpPr", "p:nvPr", "p:ph")?.attributes.type !== "body") continue;
    for (const line of paragraphs(first(shape, "p:txBody"))) draft.add("paragraph", line);
  }
}

function bullet(paragraph: Element): string {
  const text = lineOf(paragraph);
  const level = Number(first(paragraph, "a:pPr")?.attributes.lvl ?? 0) || 0;
  return text === "" ? "" : `${"  ".repeat(Math.min(level, 8))}- ${text.replaceAll("\n", " ")}`;
}

function paragraphs(parent: Element | undefined): string[] {
  return [...everywhere(parent, "a:p")].map(lineOf).filter((line) => line !== "");
}

function lineOf(paragraph: Element): string {
  const parts = elements(paragraph).map((child) => (child.name === "a:br" ? "\n" : textOf(first(child, "a:t"))));
  return parts.join("").trim();
}
