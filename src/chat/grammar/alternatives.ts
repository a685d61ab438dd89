/** Turns references and combinations (`allOf`, `anyOf`, `oneOf`) of a schema into a plain list of alternatives. */
import { Invalid } from "../../errors.ts";
import { assertions, below, isObject, type Keywords, listOf, refuseUnsupported } from "./keywords.ts";
import { merge } from "./merge.ts";

/** Either a schema without combinations, or a reference to be compiled once as a rule of its own. */
export type Alternative = { place: string; schema: Keywords } | { place: string; reference: string };

/** Every way to satisfy several unions at once must be written out; beyond this somebody is testing our patience. */
const MOST_ALTERNATIVES = 256;

/** A whole schema, and how often its parts have been looked at: references can make a small one very large. */
export interface Document {
  readonly root: unknown;
  steps: number;
}

const MOST_STEPS = 100_000;
const MOST_REFERENCES = 100;

/**
 * The alternatives of `schema`. `oneOf` counts as `anyOf`: a grammar cannot rule out that a value fits two branches,
 * and branches are told apart by a constant or a required member in practice.
 */
export function alternatives(
  document: Document,
  schema: unknown,
  place: string,
  following: readonly string[] = [],
): Alternative[] {
  if (++document.steps > MOST_STEPS) throw new Invalid(`JSON Schema is too large once its references are followed, at ${place}`);
  if (schema === true) return [{ place, schema: {} }];
  if (schema === false) return [];
  if (!isObject(schema)) throw new Invalid(`JSON Schema at ${place} must be an object or a boolean`);
  refuseUnsupported(schema, place);
  const reference = referenceOf(schema, place);
  const own = Object.fromEntries(Object.entries(schema).filter(([keyword]) => assertions.has(keyword)));
  const groups: Alternative[][] = [];
  if (reference !== undefined) groups.push([{ place, reference }]);
  for (const [index, part] of (listOf(schema, "allOf", place) ?? []).entries())
    groups.push(alternatives(document, part, below(place, "allOf", index), following));
  for (const keyword of ["anyOf", "oneOf"]) {
    const branches = listOf(schema, keyword, place);
    if (!branches) continue;
    groups.push(branches.flatMap((part, index) => alternatives(document, part, below(place, keyword, index), following)));
  }
  if (Object.keys(own).length > 0 || groups.length === 0) groups.unshift([{ place, schema: own }]);
  const nullable: Alternative[] = schema.nullable === true ? [{ place, schema: { type: "null" } }] : [];
  if (groups.length === 1) return [...(groups[0] ?? []), ...nullable];
  return [...product(document, groups, place, following), ...nullable];
}

/** The same with every reference opened. Throws Invalid for one that leads back to itself. */
export function openAlternatives(document: Document, schema: unknown, place: string): { place: string; schema: Keywords }[] {
  return alternatives(document, schema, place).flatMap((alternative) => open(document, alternative, []));
}

/** All combinations of one alternative from each group. References are opened here, since their keywords must be merged. */
function product(document: Document, groups: Alternative[][], place: string, following: readonly string[]): Alternative[] {
  let combined: { place: string; schema: Keywords }[] = [{ place, schema: {} }];
  for (const group of groups) {
    const opened = group.flatMap((alternative) => open(document, alternative, following));
    if (combined.length * opened.length > MOST_ALTERNATIVES)
      throw new Invalid(`JSON Schema at ${place} combines too many alternatives (more than ${MOST_ALTERNATIVES})`);
    combined = combined.flatMap((one) =>
      opened.flatMap((other) => {
        const schema = merge(one.schema, other.schema, place);
        return schema ? [{ place, schema }] : [];
      }),
    );
  }
  return combined;
}

function open(document: Document, alternative: Alternative, following: readonly string[]): { place: string; schema: Keywords }[] {
  if ("schema" in alternative) return [alternative];
  const { reference, place } = alternative;
  if (following.includes(reference) || following.length > MOST_REFERENCES)
    throw new Invalid(`JSON Schema at ${place} refers to itself through ${reference} without end`);
  const path = [...following, reference];
  return alternatives(document, resolve(document, reference, place), reference, path).flatMap((next) =>
    open(document, next, path),
  );
}

function referenceOf(schema: Keywords, place: string): string | undefined {
  const reference = schema.$ref;
  if (reference === undefined) return undefined;
  if (typeof reference !== "string") throw new Invalid(`JSON Schema keyword "$ref" at ${place} must be a string`);
  if (reference !== "#" && !reference.startsWith("#/"))
    throw new Invalid(`JSON Schema $ref "${reference}" at ${place} is not supported: only places in the same schema (#/...) are`);
  return reference;
}

/** What a local JSON pointer points at. */
export function resolve(document: Document, reference: string, place: string): unknown {
  let found: unknown = document.root;
  for (const step of reference.split("/").slice(1)) {
    const key = decode(step).replaceAll("~1", "/").replaceAll("~0", "~");
    const inside = typeof found === "object" && found !== null && Object.hasOwn(found, key);
    if (!inside) throw new Invalid(`JSON Schema $ref "${reference}" at ${place} points at nothing`);
    found = Reflect.get(Object(found), key);
  }
  return found;
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
