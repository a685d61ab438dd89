/** What the Office Open XML formats share: relations between the parts, and the properties of the document. (ECMA-376, part 2) */
import { posix } from "node:path";
import { Unreadable } from "../types.ts";
import type { Source } from "./limits.ts";
import { elements, first, readXml, textOf } from "./xml.ts";
import type { Zip } from "./zip.ts";

interface Relation {
  id: string;
  /** The last word of its type, such as `slide` or `footnotes`. */
  type: string;
  /** The part's name in the archive. */
  target: string;
}

/** The relations of a part; "" is the archive itself. Links to the outside are left out. */
export function relations(zip: Zip, part: string, source: Source): Relation[] {
  const folder = posix.dirname(part);
  const text = zip.text(posix.join(folder, "_rels", `${posix.basename(part)}.rels`));
  if (text === undefined) return [];
  return elements(readXml(text, source))
    .filter(({ attributes }) => attributes.Target !== undefined && attributes.TargetMode !== "External")
    .map(({ attributes }) => ({
      id: attributes.Id ?? "",
      type: (attributes.Type ?? "").split("/").at(-1) ?? "",
      target: posix.resolve("/", folder, attributes.Target ?? "").slice(1),
    }));
}

/** The part with the document itself. @throws Unreadable when the archive names none. */
export function mainPart(zip: Zip, usual: string, source: Source): string {
  const target = relations(zip, "", source).find(({ type }) => type === "officeDocument")?.target;
  const part = target !== undefined && zip.has(target) ? target : usual;
  if (!zip.has(part)) throw new Unreadable("damaged", `${source.name} is damaged: ${usual} is missing`);
  return part;
}

export function partText(zip: Zip, part: string, source: Source): string {
  const text = zip.text(part);
  if (text === undefined) throw new Unreadable("damaged", `${source.name} is damaged: ${part} is missing`);
  return text;
}

export function officeTitle(zip: Zip, source: Source): string {
  const text = zip.text("docProps/core.xml");
  return text === undefined ? "" : textOf(first(readXml(text, source), "dc:title"));
}
