/** Vectors as an embedder gives them, from the text's hash: texts lie in clusters, all of them to one side of 0. */
import { createHash } from "node:crypto";
import type { Embedder } from "#puna/knowledge/embedder";
import { randomOf } from "./corpus.ts";

const DIMENSIONS = 384;
const CLUSTERS = 400;
/** How far texts lie from the middle of their cluster, and clusters from the middle of all, for each dimension. */
const SPREAD = { text: 0.6, cluster: 1, all: 0.7 };

export function hashEmbedder(): Embedder {
  const middle = gaussian(randomOf(-10));
  const clusters = Array.from({ length: CLUSTERS }, (_, i) => gaussian(randomOf(-20 - i)));
  return {
    name: "hash",
    digest: "hash-1",
    async embed(texts) {
      return texts.map((text) => {
        const random = randomOf(createHash("md5").update(text).digest().readInt32LE());
        const own = gaussian(random);
        const cluster = clusters[Math.floor(random() * CLUSTERS)] ?? own;
        return own.map((value, i) => value * SPREAD.text + (cluster[i] ?? 0) * SPREAD.cluster + (middle[i] ?? 0) * SPREAD.all);
      });
    },
  };
}

function gaussian(random: () => number): Float32Array {
  return Float32Array.from({ length: DIMENSIONS }, () => random() + random() + random() + random() - 2);
}
