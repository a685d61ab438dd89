/** Models of the store with rank pooling, as knowledge bases use them. */
import { Invalid, NotFound } from "../../errors.ts";
import type { Reranker } from "../../knowledge/reranker.ts";
import { displayName } from "../../models/name.ts";
import type { Deps } from "../deps.ts";
import { hold } from "../hold.ts";
import { openModel, parseReference } from "../reference.ts";
import { rerankTexts } from "../rerank.ts";

/** Throws NotFound for a model that is not there, Invalid for one that cannot rank. */
export async function findReranker(deps: Omit<Deps, "knowledge" | "sources">, name: string): Promise<Reranker> {
  const reference = parseReference(name);
  const found = reference.name && (await deps.store.find(reference.name));
  if (!found) throw new NotFound(`the reranking model ${JSON.stringify(name)} is not here: get it with 'puna pull ${name}'`);
  const model = await openModel(deps.store, reference);
  if (!model.capabilities.includes("rerank"))
    throw new Invalid(`${JSON.stringify(name)} cannot rank texts: choose a model with rank pooling`);
  const { signal } = new AbortController();
  return {
    name: displayName(model.name),
    digest: model.digest,
    async rank(query, texts) {
      using held = await hold(deps as Deps, model, { options: {}, keepAliveMs: undefined, signal });
      const request = { query, documents: texts, truncate: true, onOverflow: "truncate", signal } as const;
      const { scores } = await rerankTexts(held.lease, model, request);
      return scores.map(({ relevance }) => relevance);
    },
  };
}
