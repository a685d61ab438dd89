/** Workbooks (ECMA-376, part 1, 18): a page a sheet, its rows one table; the values that were last calculated, dates as dates. */
import { Draft, type Parsed } from "./draft.ts";
import type { Source } from "./limits.ts";
import { mainPart, officeTitle, partText, relations } from "./office.ts";
import { readSheet } from "./xlsx-sheet.ts";
import { readFormats } from "./xlsx-values.ts";
import { elements, everywhere, first, readXml, textOf } from "./xml.ts";
import type { Zip } from "./zip.ts";

export function readXlsx(zip: Zip, source: Source): Parsed {
  const part = mainPart(zip, "xl/workbook.xml", source);
  const related = relations(zip, part, source);
  const targets = new Map(related.map(({ id, target }) => [id, target]));
  const target = (type: string) => zip.text(related.find((relation) => relation.type === type)?.target ?? "");
  const workbook = readXml(partText(zip, part, source), source);
  const strings = target("sharedStrings");
  const shared = strings === undefined ? [] : elements(readXml(strings, source), "si").map((item) => richText(item));
  const styles = target("styles");
  const since1904 = ["1", "true"].includes(first(workbook, "workbookPr")?.attributes.date1904 ?? "");
  const formats = readFormats(styles === undefined ? undefined : readXml(styles, source), since1904);
  const sheets = elements(first(workbook, "sheets"), "sheet");
  const draft = new Draft(source);
  draft.title = officeTitle(zip, source);
  draft.pages = sheets.length;
  if (sheets.length > source.limits.pages)
    draft.note(`Only the first ${source.limits.pages} of ${sheets.length} sheets were read.`);
  for (const [index, { attributes }] of sheets.slice(0, source.limits.pages).entries()) {
    const xml = zip.text(targets.get(attributes["r:id"] ?? "") ?? "");
    if (xml === undefined) continue; // a chart sheet, or one that is gone
    draft.page = index + 1;
    const rows = readSheet(xml, { shared, formats, source });
    if (rows.length === 0) continue;
    draft.heading(1, attributes.name ?? `Sheet ${index + 1}`);
    draft.table(rows);
  }
  return draft.done();
}

/** The runs of a string, without the readings that Japanese text carries beside it. */
function richText(item: Parameters<typeof elements>[0] & object): string {
  const own = elements(item, "t").map(textOf).join("");
  return (
    own +
    elements(item, "r")
      .map((run) => [...everywhere(run, "t")].map(textOf).join(""))
      .join("")
  );
}
