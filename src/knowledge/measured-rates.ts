/** How many tokens texts of a base have, by its embedder's own tokenizer where there is one that works. */
import type { KnowledgeStore } from "./bases.ts";
import { measureRates, type TokenRates, USUAL_RATES } from "./token-rates.ts";

export async function measuredRates(store: KnowledgeStore, base: number): Promise<(text: string) => Promise<TokenRates>> {
  const { embedder: name } = store.byId(base).settings;
  const embedder = name === undefined ? undefined : await store.embedder(name).catch(() => undefined);
  const count = embedder?.countTokens?.bind(embedder);
  return async (text) => (count ? await measureRates(text, count).catch(() => USUAL_RATES) : USUAL_RATES);
}

/** Cuts all documents of a base anew. Passages that come out as they were keep their vectors. */
export async function cutAnew(store: KnowledgeStore, base: number, signal: AbortSignal): Promise<void> {
  const ratesOf = await measuredRates(store, base);
  const rates = new Map<number, TokenRates>();
  for (let after = 0; ; ) {
    const documents = store.documents(base, { after, limit: 100 });
    if (documents.length === 0) break;
    for (const { id } of documents) {
      signal.throwIfAborted();
      rates.set(id, await ratesOf(store.text(base, id).text));
      after = id;
    }
  }
  await store.writer.resetIndex(base, rates);
}
