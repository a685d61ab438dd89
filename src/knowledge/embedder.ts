/** A model that makes vectors of texts, as the knowledge bases are given it. */

export interface Embedder {
  /** As the user calls it. */
  name: string;
  /** Of the model's own bytes: two with the same digest give the same vectors. */
  digest: string;
  /** One vector a text. Some models want to be told what the text is for. Rejects when one of the texts cannot be embedded. */
  embed(texts: string[], purpose: "passage" | "query"): Promise<Float32Array[]>;
  /** With the model's own tokenizer. */
  countTokens?(texts: string[]): Promise<number[]>;
}

/** Throws NotFound for a model that is not there, Invalid for one that cannot embed. */
export type FindEmbedder = (name: string) => Promise<Embedder>;

/** Of length 1. A sentence about what is wrong with it for a vector that cannot be used. */
export function unitVector(vector: Float32Array | undefined, dimensions: number | undefined): Float32Array | string {
  if (!vector || vector.length === 0) return "the embedder gave no vector";
  if (dimensions !== undefined && vector.length !== dimensions) {
    return `the embedder gave ${vector.length} numbers instead of ${dimensions}`;
  }
  let sum = 0;
  for (const value of vector) sum += value * value;
  if (!Number.isFinite(sum)) return "the embedder gave numbers that are none (NaN or infinity)";
  if (sum === 0) return "the embedder gave a vector of zeros";
  const scale = 1 / Math.sqrt(sum);
  return vector.map((value) => value * scale);
}
