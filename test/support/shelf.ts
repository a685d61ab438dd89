/** A knowledge base of its own with texts as its documents, to be searched. */
import path from "node:path";
import { Readable } from "node:stream";
import type { Embedder } from "../../src/knowledge/embedder.ts";
import type { Reranker } from "../../src/knowledge/reranker.ts";
import type { BaseSettings } from "../../src/knowledge/rows/bases.ts";
import type { SearchResult } from "../../src/knowledge/search/types.ts";
import { search } from "../../src/knowledge/search.ts";
import { type OpenStore, openStore } from "../knowledge/open-store.ts";

export interface Shelf extends Pick<OpenStore, "store" | "close"> {
  base: number;
  /** Documents by the place they are found at: a path, with its folders. A date is that of the source. */
  add(texts: Record<string, string>, dates?: Record<string, Date>): Promise<void>;
  search(query: string, more?: Omit<Parameters<typeof search>[2], "query">): Promise<SearchResult>;
  /** The id of a document. */
  id(name: string): number;
}

/** A model that is given is the base's own. */
export async function shelf(
  texts: Record<string, string>,
  { settings = {}, embedder, reranker }: { settings?: Partial<BaseSettings>; embedder?: Embedder; reranker?: Reranker } = {},
): Promise<Shelf> {
  const { store, close } = openStore({ embedders: embedder ? [embedder] : [], rerankers: reranker ? [reranker] : [] });
  const models = { ...(embedder && { embedder: embedder.name }), ...(reranker && { reranker: reranker.name }) };
  const { id: base } = await store.create({ name: "shelf", settings: { ...models, ...settings } });
  const add: Shelf["add"] = async (more, dates = {}) => {
    const items = Object.entries(more).map(async ([place, text]) => {
      const name = path.basename(place);
      const { sha256 } = await store.uploads.keep(Readable.from([Buffer.from(text)]), name);
      const date = dates[place];
      return { place, source: { kind: "upload", sha256, name, ...(date && { modifiedAt: date.getTime() }) } };
    });
    const { id } = await store.add(base, await Promise.all(items));
    const job = await store.importer.wait(id);
    if (job.state !== "done" || job.items.failed > 0) throw new Error(`the import is ${job.state}: ${job.reason}`);
  };
  if (Object.keys(texts).length > 0) await add(texts);
  return {
    store,
    base,
    add,
    close,
    search: async (query, more = {}) => await search(store, base, { query, ...more }),
    id(name) {
      const found = store.documents(base).find((document) => document.name === name);
      if (!found) throw new Error(`no document ${name}`);
      return found.id;
    },
  };
}
