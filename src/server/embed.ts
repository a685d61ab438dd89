/** Texts to vectors, as every dialect gets them. */
import type { Config } from "../config.ts";
import { Invalid } from "../errors.ts";
import type { Lease } from "../runtime/types.ts";
import { mostCharacters } from "./limits.ts";

export interface EmbedRequest {
  /** Or the tokens of a text, as they are. */
  texts: (string | number[])[];
  /** Cut what is too long, instead of refusing it. */
  truncate: boolean;
  /** The server's setting: "error" refuses whatever the request says. */
  onOverflow: Config["onOverflow"];
  signal: AbortSignal;
}

export interface Embedded {
  vectors: Float32Array[];
  /** Tokens that were read. */
  tokens: number;
  /** Texts that were cut. */
  truncated: number;
}

/** Vectors as the model gives them. Throws Invalid with Ollama's texts for what is too long, and for NaN. */
export async function embedTexts(lease: Lease, { texts, truncate, onOverflow, signal }: EmbedRequest): Promise<Embedded> {
  const most = mostCharacters(lease.contextLength);
  const inputs = await Promise.all(texts.map((text) => tokensOf(lease, text, most)));
  let truncated = 0;
  const fitted = inputs.map((tokens, index) => {
    if (tokens.length <= lease.contextLength && (texts[index]?.length ?? 0) <= most) return tokens;
    if (!truncate || onOverflow === "error")
      throw new Invalid("the input length exceeds the context length", { code: "context_length_exceeded" });
    truncated++;
    return cut(tokens, lease);
  });
  const vectors = await lease.embed({ inputs: fitted }, { signal });
  if (vectors.some((vector) => !vector.every(Number.isFinite))) throw new Invalid("embedding contains NaN or Inf values");
  return { vectors, tokens: fitted.reduce((sum, tokens) => sum + tokens.length, 0), truncated };
}

async function tokensOf(lease: Lease, text: string | number[], most: number): Promise<number[]> {
  if (typeof text === "string") return await lease.tokenize(text.slice(0, most));
  const { vocabularySize } = lease.info;
  if (text.every((token) => token >= 0 && token < vocabularySize)) return text;
  throw new Invalid(
    `input holds numbers that are no tokens of this model, whose vocabulary has ${vocabularySize}: send text, since tokens of another model mean nothing to it`,
    { param: "input" },
  );
}

/** Length 1, of the first `dimensions` numbers where that is asked for. A vector of zeros stays as it is. */
export function normalise(vector: Float32Array, dimensions = 0): Float32Array {
  const kept = dimensions > 0 && dimensions < vector.length ? vector.slice(0, dimensions) : vector;
  let sum = 0;
  for (const value of kept) sum += value * value;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  return kept.map((value) => value * scale);
}

/** Keeps the beginning, and the end token where the tokenizer adds one. */
function cut(tokens: number[], { contextLength, info }: Lease): number[] {
  const extra = Number(info.addBos) + Number(info.addEos);
  if (contextLength - extra <= 0)
    throw new Invalid("input after truncation exceeds maximum context length", { code: "context_length_exceeded" });
  if (tokens.length <= contextLength) return tokens;
  if (!info.addEos) return tokens.slice(0, contextLength);
  return [...tokens.slice(0, contextLength - 1), ...tokens.slice(-1)];
}
