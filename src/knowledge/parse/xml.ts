/** XML as a small tree. Prefixes stay in the names, as every writer of office files uses the same ones. Entities of a DTD are not expanded. */
import { Parser } from "htmlparser2";
import { Unreadable } from "../types.ts";
import type { Source } from "./limits.ts";

export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: (Element | string)[];
}

/** The root element. @throws Unreadable when there is none, or elements lie deeper than the limit. */
export function readXml(text: string, source: Source): Element {
  const top: Element = { name: "", attributes: {}, children: [] };
  const open = [top];
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (open.length > source.limits.depth) throw tooDeep(source);
        const element: Element = { name, attributes, children: [] };
        open.at(-1)?.children.push(element);
        open.push(element);
      },
      ontext(data) {
        open.at(-1)?.children.push(data);
      },
      onclosetag() {
        if (open.length > 1) open.pop();
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(text);
  const root = top.children.find((child) => typeof child !== "string");
  if (root === undefined) throw new Unreadable("damaged", `${source.name} is damaged: it holds XML without an element`);
  return root;
}

function tooDeep(source: Source): Unreadable {
  return new Unreadable("bomb", `${source.name} nests elements more than ${source.limits.depth} deep`);
}

export function elements(parent: Element | undefined, name?: string): Element[] {
  const found = (parent?.children ?? []).filter((child) => typeof child !== "string");
  return name === undefined ? found : found.filter((child) => child.name === name);
}

export function first(parent: Element | undefined, ...path: string[]): Element | undefined {
  return path.reduce<Element | undefined>((at, name) => elements(at, name)[0], parent);
}

/** Elements of that name at any depth, in order; not those inside another of them unless `nested`. */
export function* everywhere(parent: Element | undefined, name: string, nested = false): Generator<Element> {
  for (const child of elements(parent)) {
    if (child.name === name) yield child;
    if (child.name !== name || nested) yield* everywhere(child, name, nested);
  }
}

export function textOf(element: Element | string | undefined): string {
  if (element === undefined) return "";
  return typeof element === "string" ? element : element.children.map(textOf).join("");
}
