/** The one way in which a base is searched: by chat, by the API and by the test page. */
import { Invalid, messageOf } from "../errors.ts";
import type { KnowledgeStore } from "./bases.ts";
import { changedNotice } from "./embed-base.ts";
import { unitVector } from "./embedder.ts";
import type { FindRequest } from "./search/find.ts";
import { RERANKED, reranked } from "./search/rerank.ts";
import type { SearchRequest, SearchResult } from "./search/types.ts";
import { embeddedText } from "./words/fields.ts";

const DEFAULT_LIMIT = 8;
const MOST_HITS = 100;
/** More than that says nothing more about what is wanted. */
const MOST_CHARACTERS = 4000;

/** `space`: other vectors than those that are live, to compare; `null` for words alone. */
export async function search(
  store: KnowledgeStore,
  id: number,
  { query, limit = DEFAULT_LIMIT, filters = {}, rerank = true, space }: SearchRequest & { space?: number | null },
): Promise<SearchResult> {
  if (query.trim() === "") throw new Invalid("there is nothing to search for: query is empty", { param: "query" });
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_HITS) {
    throw new Invalid(`limit is ${limit}; it must be a whole number from 1 to ${MOST_HITS}`, { param: "limit" });
  }
  const text = query.slice(0, MOST_CHARACTERS);
  const { meaning, notices } = await meaningOf(store, id, text, space);
  const request = { base: id, query: text, meaning, filters };
  const { reranker } = store.byId(id).settings;
  if (!rerank || reranker === undefined) return { ...(await store.searcher.find({ ...request, limit })), notices };
  const started = performance.now();
  const found = await store.searcher.find({ ...request, limit: Math.max(limit, RERANKED) });
  const ranked = await rankAgain(store, { base: id, name: reranker, query: text }, found);
  const { hits, best } = { ...found, ...ranked };
  const legs = { ...found.legs, tookMs: performance.now() - started };
  return { ...found, hits: hits.slice(0, limit), best, legs, notices: [...notices, ...ranked.notices] };
}

/** The hits as the base's reranking model orders them; as they were, with a notice, when it does not work. */
async function rankAgain(
  store: KnowledgeStore,
  { base, name, query }: { base: number; name: string; query: string },
  { hits, best }: Pick<SearchResult, "hits" | "best">,
): Promise<Pick<SearchResult, "hits" | "best" | "notices">> {
  const asFound = (why: string) => ({ hits, best, notices: [`not reranked: ${why}`] });
  try {
    const read = hits.slice(0, RERANKED);
    if (read.length === 0) return { hits, best, notices: [] };
    const reranker = await store.reranker(name);
    const relevances = await reranker.rank(
      query,
      read.map((hit) => embeddedText(hit.title, hit)),
    );
    if (relevances.length !== read.length || !relevances.every(Number.isFinite))
      return asFound(`${name} gave ${relevances.filter(Number.isFinite).length} scores for ${read.length} passages`);
    return { ...reranked(hits, relevances, store.anchorsOf(base, reranker)), notices: [] };
  } catch (error) {
    return asFound(messageOf(error));
  }
}

/** The query's vector in the space that is searched. What stands in the way is told, and words are searched alone. */
async function meaningOf(
  store: KnowledgeStore,
  id: number,
  text: string,
  wanted: number | null | undefined,
): Promise<{ meaning: FindRequest["meaning"]; notices: string[] }> {
  const base = store.byId(id);
  const spaceId = wanted === undefined ? base.liveSpace : (wanted ?? undefined);
  const space = spaceId === undefined ? undefined : store.space(spaceId);
  if (wanted === null || (!space && base.settings.embedder === undefined)) return { meaning: undefined, notices: [] };
  try {
    const lack = await store.searcher.lackOfVectors();
    if (lack !== undefined) return { meaning: undefined, notices: [lack] };
    if (!space) return { meaning: undefined, notices: [] };
    const embedder = await store.embedder(space.embedder);
    if (embedder.digest !== space.digest) return { meaning: undefined, notices: [changedNotice(space.embedder, embedder.name)] };
    const [made] = await embedder.embed([text], "query");
    const vector = unitVector(made, space.dimensions);
    if (typeof vector === "string") return { meaning: undefined, notices: [`searched by words alone: ${vector}`] };
    return { meaning: { space: space.id, vector }, notices: [] };
  } catch (error) {
    return { meaning: undefined, notices: [`searched by words alone: ${messageOf(error)}`] };
  }
}
