/** An embedder that has made the vectors of some questions before they are searched: one call for many is cheaper. */
import type { Embedder } from "#puna/knowledge/embedder";

const BATCH = 64;

export class Remembering {
  readonly #known = new Map<string, Float32Array>();

  around(embedder: Embedder): Embedder {
    return {
      ...embedder,
      embed: async (texts, purpose) => {
        const known = texts.map((text) => (purpose === "query" ? this.#known.get(`${embedder.digest} ${text}`) : undefined));
        if (known.every((vector) => vector !== undefined)) return known;
        return await embedder.embed(texts, purpose);
      },
    };
  }

  async prepare(embedder: Embedder, questions: readonly string[]): Promise<void> {
    for (let from = 0; from < questions.length; from += BATCH) {
      const texts = questions.slice(from, from + BATCH);
      const vectors = await embedder.embed(texts, "query");
      for (const [i, vector] of vectors.entries()) this.#known.set(`${embedder.digest} ${texts[i]}`, vector);
    }
  }
}
