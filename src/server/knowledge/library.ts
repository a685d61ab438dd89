/** The documents of a base, as the planner reads them. */

import { NotFound } from "../../errors.ts";
import type { KnowledgeStore } from "../../knowledge/bases.ts";
import type { DocumentText, Library } from "../../knowledge/plan.ts";
import type { PageStart } from "../../knowledge/sources.ts";
import type { Block } from "../../knowledge/types.ts";
import type { AskedBase } from "./asked.ts";

/** More than that are not given as wholes, however short they are. */
const MOST_WHOLE = 20;

export function libraryOf(store: KnowledgeStore, { base, filters }: AskedBase): Library {
  const known = new Map<number, DocumentText | undefined>();
  const read = (id: number): DocumentText | undefined => {
    if (!known.has(id)) known.set(id, documentOf(store, base.id, id));
    return known.get(id);
  };
  return {
    document(id, most = Number.POSITIVE_INFINITY) {
      const document = read(id);
      return document && document.text.length <= most ? document : undefined;
    },
    all(most) {
      const isFiltered = Object.keys(filters).length > 0;
      if (isFiltered || base.documents > MOST_WHOLE || base.documents === 0) return undefined;
      const documents: DocumentText[] = [];
      let characters = 0;
      for (const { id } of store.documents(base.id, { limit: MOST_WHOLE })) {
        const document = read(id);
        if (!document) return undefined;
        characters += document.text.length;
        if (characters > most) return undefined;
        documents.push(document);
      }
      return documents;
    },
  };
}

/** Undefined when it was removed in the meantime. */
function documentOf(store: KnowledgeStore, base: number, id: number): DocumentText | undefined {
  try {
    const { text, blocks } = store.text(base, id);
    return { documentId: id, document: store.document(base, id).name, text, pages: pageStarts(blocks) };
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

function pageStarts(blocks: readonly Block[]): PageStart[] {
  const pages: PageStart[] = [];
  for (const { start, page } of blocks) if (page !== undefined && pages.at(-1)?.page !== page) pages.push({ start, page });
  return pages;
}
