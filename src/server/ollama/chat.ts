/** POST /api/chat. */
import type { Context } from "hono";
import type { Capability } from "../../chat/types.ts";
import { Invalid } from "../../errors.ts";
import type { Model } from "../../models/types.ts";
import { readJson } from "../body.ts";
import { refuseImages, requireCapabilities, thinkOf, topLogprobsOf } from "../capable.ts";
import { open } from "../converse.ts";
import type { Deps } from "../deps.ts";
import { hold } from "../hold.ts";
import { modelOfBase } from "../knowledge/asked.ts";
import { withModelMessages } from "../model-messages.ts";
import { openModel, parseReference } from "../reference.ts";
import { json } from "../respond.ts";
import { nowUtc } from "../time.ts";
import { type Part, reply } from "./reply.ts";
import { unloadSoon } from "./unload.ts";
import { type ChatBody, chatRequest } from "./wire.ts";

export function chat(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const startedMs = performance.now();
    const body = await readJson(c, chatRequest, "ChatRequest");
    const topLogprobs = topLogprobsOf(body);
    if (body.model.trim() === "") throw new Invalid("model is required");
    const model = (await modelOfBase(deps, body.model, body.knowledge)) ?? (await namedModel(deps, body.model));
    const { signal } = c.req.raw;
    if (body.messages.length === 0 && body.keep_alive === 0) {
      await unloadSoon(deps, model);
      return json(c, emptyAnswer(body, "unload"));
    }
    const think = thinkOf(model, body.model, body.think);
    requireCapabilities(model, body.model, "chat", needs(body));
    refuseImages(body.messages.flatMap(({ images }) => images ?? []));
    if (body.messages.length === 0) {
      using _ = await hold(deps, model, { options: body.options, keepAliveMs: body.keep_alive, signal });
      return json(c, emptyAnswer(body, "load"));
    }
    const opened = await open(deps, {
      model,
      input: { kind: "messages", messages: withModelMessages(model, body.messages), tools: body.tools },
      toolChoice: body.tool_choice,
      parallelToolCalls: body.parallel_tool_calls,
      think,
      format: body.format,
      options: body.options,
      keepAliveMs: body.keep_alive,
      truncate: body.truncate,
      shift: body.shift,
      topLogprobs,
      signal,
    });
    if (body._debug_render_only) {
      using _ = opened;
      return json(c, { model: body.model, created_at: nowUtc(), _debug_info: { rendered_template: opened.prepared.prompt } });
    }
    return await reply(c, opened, { model: body.model, stream: body.stream, startedMs, show });
  };
}

async function namedModel({ store }: Deps, text: string): Promise<Model> {
  const reference = parseReference(text);
  if (!reference.name) throw new Invalid("invalid model name");
  return await openModel(store, reference);
}

function show({ content, thinking, toolCalls }: Part): Record<string, unknown> {
  return {
    message: {
      role: "assistant",
      content,
      ...(thinking !== "" && { thinking }),
      ...(toolCalls.length > 0 && {
        tool_calls: toolCalls.map(({ id, function: { index, name, arguments: given } }) => ({
          id,
          function: { index, name, arguments: given },
        })),
      }),
    },
  };
}

function needs({ tools }: ChatBody): Capability[] {
  return tools.length > 0 ? ["tools"] : [];
}

function emptyAnswer({ model }: ChatBody, reason: "load" | "unload"): object {
  return { model, created_at: nowUtc(), message: { role: "assistant", content: "" }, done: true, done_reason: reason };
}
