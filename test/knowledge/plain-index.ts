/** What an index must find, computed as plainly as can be: every passage is looked at. */
import { BM25, FIELD_WEIGHTS, inverseFrequency } from "../../src/knowledge/index/bm25.ts";
import type { Found, PassageWords, Restriction, WordsQuery } from "../../src/knowledge/index/types.ts";

const FIELDS = ["title", "headings", "body"] as const;

export class PlainIndex {
  readonly words = new Map<number, PassageWords>();
  readonly vectors = new Map<number, Float32Array>();

  countTerm({ term, isPrefix }: WordsQuery): number {
    return [...this.words.values()].filter((passage) => allTerms(passage).some((one) => fits(one, term, isPrefix))).length;
  }

  byWords(terms: readonly WordsQuery[], { limit, documents }: Restriction): Found[] {
    const all = [...this.words.values()];
    const lengths = new Map(all.map((passage) => [passage.passage, allTerms(passage).length]));
    const mean = [...lengths.values()].reduce((sum, length) => sum + length, 0) / all.length;
    const weights = terms.map((query) => inverseFrequency(this.countTerm(query), all.length));
    const found = all.flatMap((passage) => {
      if (documents && !documents.includes(passage.document)) return [];
      const long = 1 - BM25.b + (BM25.b * (lengths.get(passage.passage) ?? 0)) / mean;
      const counts = terms.map((query) => weightedCount(passage, query));
      if (counts.every((count) => count === 0)) return [];
      const parts = counts.map((count, i) => ((weights[i] ?? 0) * count * (BM25.k1 + 1)) / (count + BM25.k1 * long));
      return [{ passage: passage.passage, score: parts.reduce((sum, part) => sum + part, 0) }];
    });
    return best(found, limit);
  }

  byVector(query: Float32Array, { limit, documents }: Restriction): Found[] {
    const found = [...this.vectors].flatMap(([passage, vector]) => {
      if (documents && !documents.includes(this.words.get(passage)?.document ?? 0)) return [];
      return [{ passage, score: vector.reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0) }];
    });
    return best(found, limit);
  }
}

function best(found: Found[], limit: number): Found[] {
  return found.sort((a, b) => b.score - a.score || a.passage - b.passage).slice(0, limit);
}

function allTerms(passage: PassageWords): string[] {
  return FIELDS.flatMap((field) => termsIn(passage[field]));
}

function weightedCount(passage: PassageWords, { term, isPrefix }: WordsQuery): number {
  const counts = FIELDS.map(
    (field) => FIELD_WEIGHTS[field] * termsIn(passage[field]).filter((one) => fits(one, term, isPrefix)).length,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function termsIn(field: string): string[] {
  return field.split(" ").filter((term) => term !== "");
}

function fits(one: string, term: string, isPrefix: boolean): boolean {
  return isPrefix ? one.startsWith(term) : one === term;
}
