/** POST /infill: what belongs at the cursor, as llama.cpp's server answers it. Editors' completion plugins speak this. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import type { Model } from "../../models/types.ts";
import { readJson } from "../body.ts";
import { type Opened, open } from "../converse.ts";
import type { Deps } from "../deps.ts";
import { requireInsert } from "../insert.ts";
import { parseKeepAlive } from "../keep-alive.ts";
import { errorBody } from "../openai/errors.ts";
import { openModel, parseReference } from "../reference.ts";
import { json } from "../respond.ts";
import { type ServerSentEvent, sse } from "../sse.ts";
import { announceTruncation } from "../truncation.ts";
import { InfillClock } from "./clock.ts";
import { lastObject, partObject } from "./wire.ts";

const request = z.object({
  model: z.string().default(""),
  input_prefix: z.string().default(""),
  input_suffix: z.string().default(""),
  input_extra: z.array(z.object({ filename: z.string().default("tmp"), text: z.string().default("") })).default([]),
  /** What stands between the prefix and the cursor, such as the beginning of its line. */
  prompt: z.string().default(""),
  n_predict: z.int().default(-1),
  stop: z.union([z.string(), z.array(z.string())]).optional(),
  stream: z.boolean().default(false),
  /** Milliseconds after the first token; the line that is being written is finished. */
  t_max_predict_ms: z.number().default(0),
  keep_alive: z.unknown().optional().transform(parseKeepAlive),
  options: z.record(z.string(), z.unknown()).default({}),
  ...Object.fromEntries(sampling().map((name) => [name, z.unknown().optional()])),
});

type InfillBody = z.output<typeof request>;

/** Options that llama.cpp's server and Ollama call the same. */
function sampling(): string[] {
  return [
    ...["temperature", "top_k", "top_p", "min_p", "typical_p", "top_n_sigma", "seed", "grammar"],
    ...["repeat_last_n", "repeat_penalty", "presence_penalty", "frequency_penalty"],
    ...["mirostat", "mirostat_tau", "mirostat_eta", "xtc_probability", "xtc_threshold"],
    ...["dynatemp_range", "dynatemp_exponent", "dry_multiplier", "dry_base", "dry_allowed_length", "dry_penalty_last_n"],
  ];
}

export function infill(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const body = await readJson(c, request, "InfillRequest");
    const model = await modelFor(deps, body);
    await requireInsert(model);
    const clock = new InfillClock(body.t_max_predict_ms);
    const opened = await open(deps, {
      model,
      input: {
        kind: "insert",
        prompt: body.input_prefix + body.prompt,
        suffix: body.input_suffix,
        extra: body.input_extra,
      },
      think: undefined,
      format: undefined,
      options: optionsOf(body),
      keepAliveMs: body.keep_alive,
      truncate: true,
      shift: undefined,
      topLogprobs: undefined,
      signal: AbortSignal.any([c.req.raw.signal, clock.signal]),
    });
    announceTruncation(c, opened.truncation);
    if (body.stream) return await sse(c, events(opened, clock), (error) => ({ data: errorBody(error) }));
    using _ = opened;
    let content = "";
    for await (const event of opened.events()) {
      if (event.type === "end") return json(c, lastObject(opened, event, { content, timedOut: clock.isOver }));
      content += event.content;
      clock.saw(event.content);
    }
    throw new Error("an answer ended without an end");
  };
}

async function* events(opened: Opened, clock: InfillClock): AsyncGenerator<ServerSentEvent> {
  using _ = opened;
  let text = "";
  for await (const event of opened.events()) {
    if (event.type === "end") {
      yield { data: { ...lastObject(opened, event, { content: text, timedOut: clock.isOver }), content: "" } };
      continue;
    }
    text += event.content;
    clock.saw(event.content);
    if (event.content !== "") yield { data: partObject(opened, event.content) };
  }
}

/** llama.cpp's server has one model, so its clients name none: then it is the one in memory. */
async function modelFor({ store, runtime }: Deps, { model: asked }: InfillBody): Promise<Model> {
  if (asked.trim() !== "") return await openModel(store, parseReference(asked));
  const [only, ...others] = runtime.loaded();
  if (only && others.length === 0) return only.model;
  const reason = only ? "several models are in memory" : "no model is in memory";
  throw new Invalid(`model is required: ${reason}, and the request names none`);
}

function optionsOf(body: InfillBody): Record<string, unknown> {
  const own = Object.entries(body).filter(([name, value]) => sampling().includes(name) && value !== undefined);
  return {
    ...body.options,
    ...Object.fromEntries(own),
    num_predict: body.n_predict,
    ...(body.stop !== undefined && { stop: typeof body.stop === "string" ? [body.stop] : body.stop }),
  };
}
