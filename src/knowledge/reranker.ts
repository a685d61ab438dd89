/** A model that reads a query and a text together and says how well the one answers the other, as the knowledge bases are given it. */

export interface Reranker {
  /** As the user calls it. */
  name: string;
  /** Of the model's own bytes: what its scores mean is measured anew for another. */
  digest: string;
  /** 0 to 1, one a text. Texts that are too long lose their end. */
  rank(query: string, texts: string[]): Promise<number[]>;
}

/** Throws NotFound for a model that is not there, Invalid for one that cannot rank. */
export type FindReranker = (name: string) => Promise<Reranker>;
