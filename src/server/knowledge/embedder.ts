/** Embedding models of the store, as knowledge bases use them. */
import { Invalid, NotFound } from "../../errors.ts";
import type { Embedder } from "../../knowledge/embedder.ts";
import { displayName } from "../../models/name.ts";
import type { Model } from "../../models/types.ts";
import type { Deps } from "../deps.ts";
import { embedTexts } from "../embed.ts";
import { hold } from "../hold.ts";
import { openModel, parseReference } from "../reference.ts";

/** The server without the bases themselves. */
type Serving = Omit<Deps, "knowledge" | "sources">;
type Purpose = "passage" | "query";

/** What model families want before a text, from their authors' model cards. By name, since files do not say it. */
const PREFIXES: [RegExp, Record<Purpose, string>][] = [
  [/nomic-embed/i, { query: "search_query: ", passage: "search_document: " }],
  [/(?:^|[/-])(?:multilingual-)?e5-/i, { query: "query: ", passage: "passage: " }],
  [
    /qwen3-embedding/i,
    {
      query: "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ",
      passage: "",
    },
  ],
  [
    /bge-(?:small|base|large)-en|mxbai-embed/i,
    { query: "Represent this sentence for searching relevant passages: ", passage: "" },
  ],
  [/bge-(?:small|base|large)-zh/i, { query: "为这个句子生成表示以用于检索相关文章：", passage: "" }],
  [/embeddinggemma/i, { query: "task: search result | query: ", passage: "title: none | text: " }],
  [/snowflake-arctic-embed/i, { query: "query: ", passage: "" }],
];

/** Throws NotFound for a model that is not there, Invalid for one that cannot embed. */
export async function findEmbedder(deps: Serving, name: string): Promise<Embedder> {
  const reference = parseReference(name);
  const found = reference.name && (await deps.store.find(reference.name));
  if (!found) throw new NotFound(`the embedding model ${JSON.stringify(name)} is not here: get it with 'puna pull ${name}'`);
  const model = await openModel(deps.store, reference);
  if (!model.capabilities.includes("embedding"))
    throw new Invalid(`${JSON.stringify(name)} cannot embed texts: choose an embedding model`);
  const prefixes = prefixesOf(model);
  const { signal } = new AbortController();
  return {
    name: displayName(model.name),
    digest: model.digest,
    async embed(texts, purpose) {
      using held = await hold(deps as Deps, model, { options: {}, keepAliveMs: undefined, signal });
      const inputs = texts.map((text) => prefixes[purpose] + text);
      return (await embedTexts(held.lease, { texts: inputs, truncate: true, onOverflow: "truncate", signal })).vectors;
    },
    async countTokens(texts) {
      using held = await hold(deps as Deps, model, { options: {}, keepAliveMs: undefined, signal });
      return await Promise.all(texts.map(async (text) => (await held.lease.tokenize(text, { addSpecial: false })).length));
    },
  };
}

function prefixesOf({ name, header }: Model): Record<Purpose, string> {
  const known = `${name.namespace}/${name.model} ${String(header?.metadata.get("general.name") ?? "").replaceAll(" ", "-")}`;
  return PREFIXES.find(([pattern]) => pattern.test(known))?.[1] ?? { query: "", passage: "" };
}
