/** POST /api/tokenize and /api/detokenize: texts to tokens and back, by the model's own tokenizer. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { type Held, hold } from "../hold.ts";
import { parseKeepAlive } from "../keep-alive.ts";
import { openModel, parseReference } from "../reference.ts";
import { json } from "../respond.ts";

const common = {
  model: z.string().default(""),
  keep_alive: z.unknown().optional().transform(parseKeepAlive),
  options: z.record(z.string(), z.unknown()).default({}),
};

const tokenizeRequest = z.object({
  ...common,
  text: z.string().optional(),
  /** llama.cpp's name for it. */
  content: z.string().optional(),
  /** The tokens that the model wants around a text, such as BOS. */
  add_special: z.boolean().default(false),
  /** Reads `<|im_end|>` and the like as the tokens they name. */
  parse_special: z.boolean().default(true),
  with_pieces: z.boolean().default(false),
});

const detokenizeRequest = z.object({ ...common, tokens: z.array(z.int()).optional() });

/** Counting the tokens of more than this is no use to anybody, and keeps others waiting. */
const MOST_CHARACTERS = 64_000_000;
/** Each piece is a question to the runner. */
const MOST_PIECES = 10_000;

export function tokenize(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const started = performance.now();
    const body = await readJson(c, tokenizeRequest, "TokenizeRequest");
    const text = body.text ?? body.content;
    if (text === undefined) throw new Invalid("text is required");
    if (text.length > MOST_CHARACTERS) throw new Invalid(`the text has ${text.length} characters, more than ${MOST_CHARACTERS}`);
    using held = await holdFor(deps, body, c);
    const { add_special: addSpecial, parse_special: parseSpecial } = body;
    const tokens = await held.lease.tokenize(text, { addSpecial, parseSpecial });
    return json(c, {
      model: body.model,
      tokens,
      count: tokens.length,
      ...(body.with_pieces && { pieces: await piecesOf(held, tokens) }),
      ...durations(started, held),
    });
  };
}

export function detokenize(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const started = performance.now();
    const body = await readJson(c, detokenizeRequest, "DetokenizeRequest");
    const { tokens } = body;
    if (!tokens) throw new Invalid("tokens is required");
    using held = await holdFor(deps, body, c);
    const { vocabularySize } = held.lease.info;
    const strange = tokens.find((token) => token < 0 || token >= vocabularySize);
    if (strange !== undefined)
      throw new Invalid(`tokens holds ${strange}, which is not in the model's vocabulary of ${vocabularySize}`);
    const text = await held.lease.detokenize(tokens, { special: true });
    return json(c, { model: body.model, text, ...durations(started, held) });
  };
}

async function holdFor(
  deps: Deps,
  body: { model: string; options: Record<string, unknown>; keep_alive: number | undefined },
  c: Context,
): Promise<Held> {
  const reference = parseReference(body.model);
  if (reference.text === "") throw new Invalid("model is required");
  const model = await openModel(deps.store, reference);
  return await hold(deps, model, { options: body.options, keepAliveMs: body.keep_alive, signal: c.req.raw.signal });
}

/** The text of each token by itself; half a character shows as U+FFFD. */
async function piecesOf({ lease }: Held, tokens: number[]): Promise<string[]> {
  if (tokens.length > MOST_PIECES)
    throw new Invalid(`with_pieces is for texts of at most ${MOST_PIECES} tokens; this one has ${tokens.length}`);
  const known = new Map<number, string>();
  for (const token of new Set(tokens)) known.set(token, await lease.detokenize([token], { special: true }));
  return tokens.map((token) => known.get(token) ?? "");
}

function durations(started: number, { loadNs }: Held): object {
  return { total_duration: Math.round((performance.now() - started) * 1e6), load_duration: loadNs };
}
