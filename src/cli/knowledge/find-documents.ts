/** The documents that words of a command line mean. */
import path from "node:path";
import { Invalid, NotFound } from "../../errors.ts";
import type { Client } from "../client.ts";
import { placeOfPath } from "./gather.ts";
import type { DocumentReply } from "./wire.ts";

/** By number, by place, by a path here, or by a name that only one has. Throws NotFound, and Invalid for a name that several have. */
export async function findDocuments(
  { knowledge }: Pick<Client, "knowledge">,
  base: string,
  words: readonly string[],
): Promise<DocumentReply[]> {
  const all: DocumentReply[] = [];
  for await (const document of knowledge.allDocuments(base)) all.push(document);
  const found = words.map((word) => {
    const paths = [word, path.resolve(word), placeOfPath(word)];
    const exact = all.find(({ id, places }) => String(id) === word || places.some((place) => paths.includes(place)));
    if (exact) return exact;
    const [first, ...others] = all.filter(({ name }) => name === word);
    if (!first) throw new NotFound(`there is no document ${JSON.stringify(word)} in '${base}' (see 'puna kb docs ${base}')`);
    if (others.length > 0) {
      const ids = [first, ...others].map(({ id }) => id).join(", ");
      throw new Invalid(`${JSON.stringify(word)} is the name of several documents: give the number (${ids})`);
    }
    return first;
  });
  return [...new Map(found.map((document) => [document.id, document])).values()];
}
