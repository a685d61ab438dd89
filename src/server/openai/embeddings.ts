/** POST /v1/embeddings. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { embedTexts, normalise } from "../embed.ts";
import { hold } from "../hold.ts";
import { shortest } from "../numbers.ts";
import { json } from "../respond.ts";
import { truncatedInputs } from "../truncation.ts";
import { common } from "./fields.ts";
import { modelOf } from "./model.ts";
import { checkOptions } from "./options.ts";

const request = z.object({
  ...common,
  input: z.unknown().optional().transform(parseInput),
  dimensions: z.int().min(0, "dimensions must be a positive number").default(0),
  encoding_format: z.string().default("float").transform(parseEncoding),
});

export function embeddings(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const body = await readJson(c, request, "EmbeddingRequest");
    const options = { num_ctx: body.num_ctx, ...body.options };
    checkOptions(options);
    const model = await modelOf(deps, body.model);
    const { signal } = c.req.raw;
    using held = await hold(deps, model, { options, keepAliveMs: body.keep_alive, signal });
    const { vectors, tokens, truncated } = await embedTexts(held.lease, {
      texts: body.input,
      truncate: body.truncate,
      onOverflow: deps.config.onOverflow,
      signal,
    });
    const encode = body.encoding_format === "base64" ? toBase64 : toNumbers;
    return json(c, {
      object: "list",
      data: vectors.map((vector, index) => ({
        object: "embedding",
        embedding: encode(normalise(vector, body.dimensions)),
        index,
      })),
      model: body.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
      ...truncatedInputs(c, truncated),
    });
  };
}

function toNumbers(vector: Float32Array): number[] {
  return Array.from(vector, shortest);
}

/** Little-endian, whatever the machine. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}

/** A text, texts, the tokens of a text, or those of several. Throws Invalid in Ollama's words. */
function parseInput(value: unknown): (string | number[])[] {
  const param = "input";
  if (value === undefined) throw new Invalid("invalid input", { param });
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) throw new Invalid("invalid input type", { param });
  if (value.length === 0) throw new Invalid("invalid input", { param });
  if (isTokens(value)) return [value];
  return value.map((item: unknown, index) => {
    if (typeof item === "string" || (isTokens(item) && item.length > 0)) return item;
    throw new Invalid("invalid input type", { param: `${param}[${index}]` });
  });
}

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isInteger(item));
}

function parseEncoding(format: string): "float" | "base64" {
  const lower = format.toLowerCase();
  if (lower === "float" || lower === "base64") return lower;
  throw new Invalid(`Invalid value for 'encoding_format' = ${format}. Supported values: ['float', 'base64'].`, {
    param: "encoding_format",
  });
}
