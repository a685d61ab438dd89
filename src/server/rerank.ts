/** A query and documents to scores, as every dialect gets them. */
import type { Config } from "../config.ts";
import { Invalid } from "../errors.ts";
import { textField } from "../models/gguf/fields.ts";
import type { Model } from "../models/types.ts";
import type { Lease } from "../runtime/types.ts";
import { mostCharacters } from "./limits.ts";

export interface RerankRequest {
  query: string;
  documents: string[];
  /** Cut the end of documents that are too long, instead of refusing them. */
  truncate: boolean;
  onOverflow: Config["onOverflow"];
  signal: AbortSignal;
}

export interface Ranked {
  /** One per document, in the order they came. */
  scores: { raw: number; relevance: number }[];
  /** Tokens that were read, the query counted once for each document. */
  tokens: number;
  /** Documents that were cut. */
  truncated: number;
}

/** A pair as tokens, of which the first `length` of the document's. Whole when `length` is absent. */
type Pair = (document: string, length?: number) => Promise<{ tokens: number[]; documentTokens: number }>;

/** llama.cpp puts a softmax over the classes of these: their score is a probability already. */
const PROBABILITIES = /^qwen3/;

/** Throws Invalid for what is too long, where it may not be cut. */
export async function rerankTexts(lease: Lease, model: Model, request: RerankRequest): Promise<Ranked> {
  const { documents, signal } = request;
  const limit = Math.min(lease.contextLength, lease.info.trainedContext);
  const most = mostCharacters(limit);
  if (request.query.length > most) throw tooLong("query", limit);
  const pair = pairs(lease, model, request.query);
  let truncated = 0;
  const inputs = await Promise.all(
    documents.map(async (document) => {
      const whole = await pair(document.slice(0, most));
      if (whole.tokens.length <= limit && document.length <= most) return whole.tokens;
      if (!request.truncate || request.onOverflow === "error") throw tooLong("pair", limit);
      truncated++;
      return await cutPair(pair, document.slice(0, most), whole, limit);
    }),
  );
  const raw = await lease.rerank({ inputs }, { signal });
  const isProbability = PROBABILITIES.test(model.header?.architecture ?? "");
  return {
    scores: raw.map((score) => ({ raw: score, relevance: isProbability ? score : 1 / (1 + Math.exp(-score)) })),
    tokens: inputs.reduce((sum, tokens) => sum + tokens.length, 0),
    truncated,
  };
}

/** A few tokens more may go than the count says: cutting a text can change how its end is read. */
async function cutPair(pair: Pair, document: string, whole: Awaited<ReturnType<Pair>>, limit: number): Promise<number[]> {
  let length = whole.documentTokens - Math.max(0, whole.tokens.length - limit);
  while (length > 0) {
    const { tokens } = await pair(document, length);
    if (tokens.length <= limit) return tokens;
    length -= Math.max(1, tokens.length - limit);
  }
  throw tooLong("query", limit);
}

/** How this model wants a query and a document: in the words of its own template, or with its separators between them. */
function pairs(lease: Lease, model: Model, query: string): Pair {
  const template = model.header && textField(model.header, "tokenizer.chat_template.rerank");
  const tokenize = async (text: string) => await lease.tokenize(text, { addSpecial: false, parseSpecial: false });
  if (template !== undefined) {
    return async (document, length) => {
      const own = await tokenize(document);
      const text = length === undefined ? document : await lease.detokenize(own.slice(0, length), { special: false });
      // Functions, since a text may hold "$&".
      const filled = template.replace(/\{(query|document)\}/g, (_, name) => (name === "query" ? query : text));
      return { tokens: await lease.tokenize(filled, { addSpecial: true, parseSpecial: true }), documentTokens: own.length };
    };
  }
  const asked = tokenize(query);
  return async (document, length) => {
    const own = await tokenize(document);
    return { tokens: joined(lease, await asked, own.slice(0, length)), documentTokens: own.length };
  };
}

/** [bos] query [eos] [sep] document [end], as cross-encoders are trained: BERT ends with its separator, others with their end token. */
function joined({ info }: Lease, query: number[], document: number[]): number[] {
  const { addBos, bosToken, addEos, eosToken, addSep, sepToken } = info;
  const bos = addBos && bosToken !== undefined ? [bosToken] : [];
  const eos = addEos && eosToken !== undefined ? [eosToken] : [];
  const sep = addSep && sepToken !== undefined ? [sepToken] : [];
  return [...bos, ...query, ...eos, ...sep, ...document, ...(eos.length > 0 ? eos : sep)];
}

/** `what` is the part that is too long by itself, or the whole pair. */
function tooLong(what: "query" | "pair", limit: number): Invalid {
  const subject = what === "query" ? "the query has" : "the query and a document together have";
  return new Invalid(`${subject} more tokens than the context of ${limit}`, { code: "context_length_exceeded" });
}
