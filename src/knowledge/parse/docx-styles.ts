/** Which paragraphs of a DOCX are headings: by the outline level of the paragraph, of its style, or by the style's name. */
import type { Source } from "./limits.ts";
import { type Element, elements, first, readXml } from "./xml.ts";
import type { Zip } from "./zip.ts";

interface Style {
  name: string;
  basedOn: string | undefined;
  outline: number | undefined;
  numbered: boolean;
}

interface ParagraphStyle {
  /** 1 is the outermost; undefined is no heading. */
  heading?: number;
  isTitle: boolean;
  isList: boolean;
  /** Of a list: lists inside lists are 1 and deeper. */
  listLevel: number;
  /** A line of a table of contents: repeats what stands elsewhere. */
  isContents: boolean;
}

export type StyleOf = (properties: Element | undefined) => ParagraphStyle;

export function readStyles(zip: Zip, part: string | undefined, source: Source): StyleOf {
  const styles = new Map<string, Style>();
  const text = part === undefined ? undefined : zip.text(part);
  for (const style of text === undefined ? [] : elements(readXml(text, source), "w:style")) {
    styles.set(style.attributes["w:styleId"] ?? "", {
      name: value(first(style, "w:name")) ?? "",
      basedOn: value(first(style, "w:basedOn")),
      outline: outlineOf(first(style, "w:pPr")),
      numbered: first(style, "w:pPr", "w:numPr") !== undefined,
    });
  }
  const chain = (id: string | undefined): Style[] => {
    const found: Style[] = [];
    for (let style = styles.get(id ?? ""); style && !found.includes(style); style = styles.get(style.basedOn ?? ""))
      found.push(style);
    return found;
  };
  return (properties) => {
    const id = value(first(properties, "w:pStyle"));
    const own = chain(id);
    const name = own[0]?.name ?? id ?? "";
    const named = /^(?:heading|标题|標題|überschrift|titre)\s*(\d)$/i.exec(name)?.[1];
    const outline = outlineOf(properties) ?? own.find((style) => style.outline !== undefined)?.outline;
    const isTitle = /^(title|标题|標題)$/i.test(name);
    const heading = isTitle
      ? 1
      : outline !== undefined && outline < 9
        ? outline + 1
        : named !== undefined
          ? Number(named)
          : undefined;
    const numbering = first(properties, "w:numPr");
    const numbered = numbering ? value(first(numbering, "w:numId")) !== "0" : own.some((style) => style.numbered);
    return {
      ...(heading !== undefined && { heading }),
      isTitle,
      isList: numbered || /^list\b/i.test(name),
      listLevel: Math.min(Number(value(first(numbering, "w:ilvl")) ?? 0) || 0, 8),
      isContents: /^(toc|table of figures|目录)\s*\d*$/i.test(name),
    };
  };
}

function value(element: Element | undefined): string | undefined {
  return element?.attributes["w:val"];
}

function outlineOf(properties: Element | undefined): number | undefined {
  const level = Number(value(first(properties, "w:outlineLvl")) ?? Number.NaN);
  return Number.isInteger(level) ? level : undefined;
}
