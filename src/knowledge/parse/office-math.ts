/** Formulas of Word as one line of text: fractions, powers, roots and sums as one would type them. (ECMA-376, 22.1) */
import { type Element, elements, first, textOf } from "./xml.ts";

export function formula(element: Element): string {
  // Invisible operators, such as the one between a function and its argument.
  return elements(element)
    .map(term)
    .join("")
    .replace(/[\u2061-\u2064]/g, "");
}

function term(element: Element): string {
  const part = (name: string) => formulaOf(first(element, name));
  switch (element.name) {
    case "m:r":
      return elements(element, "m:t").map(textOf).join("");
    case "m:f":
      return `${grouped(part("m:num"))}/${grouped(part("m:den"))}`;
    case "m:sSup":
      return `${part("m:e")}^${grouped(part("m:sup"))}`;
    case "m:sSub":
      return `${part("m:e")}_${grouped(part("m:sub"))}`;
    case "m:sSubSup":
      return `${part("m:e")}_${grouped(part("m:sub"))}^${grouped(part("m:sup"))}`;
    case "m:rad":
      return part("m:deg") === "" ? `√(${part("m:e")})` : `root(${part("m:deg")}, ${part("m:e")})`;
    case "m:nary": {
      const sign = first(element, "m:naryPr", "m:chr")?.attributes["m:val"] ?? "∫";
      const from = part("m:sub") && `_${grouped(part("m:sub"))}`;
      const to = part("m:sup") && `^${grouped(part("m:sup"))}`;
      return `${sign}${from}${to} ${part("m:e")}`;
    }
    case "m:d": {
      const properties = first(element, "m:dPr");
      const open = first(properties, "m:begChr")?.attributes["m:val"] ?? "(";
      const close = first(properties, "m:endChr")?.attributes["m:val"] ?? ")";
      return open + elements(element, "m:e").map(formula).join(", ") + close;
    }
    case "m:m":
      return `[${elements(element, "m:mr")
        .map((row) => elements(row, "m:e").map(formula).join(", "))
        .join("; ")}]`;
    default:
      return element.name.endsWith("Pr") ? "" : formula(element);
  }
}

function formulaOf(element: Element | undefined): string {
  return element === undefined ? "" : formula(element);
}

function grouped(text: string): string {
  return [...text].length <= 1 || /^\w+$/.test(text) ? text : `(${text})`;
}
