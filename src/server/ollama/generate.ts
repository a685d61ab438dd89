/** POST /api/generate. */
import type { Context } from "hono";
import type { Message } from "../../chat/types.ts";
import { Invalid, NotFound } from "../../errors.ts";
import type { Model } from "../../models/types.ts";
import { readJson } from "../body.ts";
import { refuseImages, requireCapabilities, thinkOf, topLogprobsOf } from "../capable.ts";
import { type Input, open } from "../converse.ts";
import type { Deps } from "../deps.ts";
import { hold } from "../hold.ts";
import { requireInsert } from "../insert.ts";
import { modelOfBase } from "../knowledge/asked.ts";
import { openModel, parseReference } from "../reference.ts";
import { json } from "../respond.ts";
import { nowUtc } from "../time.ts";
import { type Part, reply } from "./reply.ts";
import { unloadSoon } from "./unload.ts";
import { type GenerateBody, generateRequest } from "./wire.ts";

export function generate(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const startedMs = performance.now();
    const body = await readJson(c, generateRequest, "GenerateRequest");
    const topLogprobs = topLogprobsOf(body);
    const reference = parseReference(body.model);
    if (reference.text === "") throw new NotFound("model '' not found");
    const model = (await modelOfBase(deps, reference.text, body.knowledge)) ?? (await openModel(deps.store, reference));
    const { signal } = c.req.raw;
    if (body.prompt === "" && body.keep_alive === 0) {
      await unloadSoon(deps, model);
      return json(c, emptyAnswer(body, "unload"));
    }
    if (body.raw && (body.template !== "" || body.system !== "" || (body.context?.length ?? 0) > 0))
      throw new Invalid("raw mode does not support template, system, or context");
    const think = thinkOf(model, body.model, body.think);
    requireCapabilities(model, body.model, "generate", []);
    if (body.suffix !== "") await requireInsert(model);
    refuseImages(body.images);
    if (body.prompt === "") {
      using _ = await hold(deps, model, { options: body.options, keepAliveMs: body.keep_alive, signal });
      return json(c, emptyAnswer(body, "load"));
    }
    const opened = await open(deps, {
      model,
      input: inputOf(model, body),
      think,
      format: body.format,
      options: body.options,
      keepAliveMs: body.keep_alive,
      truncate: body.truncate,
      shift: body.shift,
      topLogprobs,
      context: body.context?.length ? body.context : undefined,
      template: body.template,
      signal,
    });
    if (body._debug_render_only) {
      using _ = opened;
      return json(c, { model: body.model, created_at: nowUtc(), _debug_info: { rendered_template: opened.prepared.prompt } });
    }
    return await reply(c, opened, {
      model: body.model,
      stream: body.stream,
      startedMs,
      show,
      last: ({ finish }) => (body.raw ? {} : { context: [...opened.prepared.tokens, ...finish.tokens] }),
    });
  };
}

function show({ content, thinking, toolCalls }: Part): Record<string, unknown> {
  return { response: content, ...(thinking !== "" && { thinking }), ...(toolCalls.length > 0 && { tool_calls: toolCalls }) };
}

/** The request as messages, unless it is raw or has a suffix. */
function inputOf(model: Model, body: GenerateBody): Input {
  if (body.raw) return { kind: "raw", prompt: body.prompt };
  if (body.suffix !== "") return { kind: "insert", prompt: body.prompt, suffix: body.suffix };
  const system = body.system || model.system;
  const messages: Message[] = [
    ...(system ? [{ role: "system", content: system }] : []),
    ...(body.context?.length ? [] : model.messages),
    { role: "user", content: body.prompt },
  ];
  return { kind: "messages", messages, tools: [] };
}

function emptyAnswer({ model }: GenerateBody, reason: "load" | "unload"): object {
  return { model, created_at: nowUtc(), response: "", done: true, done_reason: reason };
}
