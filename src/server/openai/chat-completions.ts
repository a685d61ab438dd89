/** POST /v1/chat/completions. */
import type { Context } from "hono";
import { readJson } from "../body.ts";
import { refuseImages, requireCapabilities, thinkOf, topLogprobsOf } from "../capable.ts";
import { type Conversation, open } from "../converse.ts";
import type { Deps } from "../deps.ts";
import { withModelMessages } from "../model-messages.ts";
import { json } from "../respond.ts";
import { sse } from "../sse.ts";
import { announceTruncation } from "../truncation.ts";
import { chatChunks } from "./chat-chunks.ts";
import { chatObject } from "./chat-object.ts";
import { askedThinking, type ChatBody, chatRequest, refuseOldFields } from "./chat-wire.ts";
import { openChoices } from "./choices.ts";
import { errorBody } from "./errors.ts";
import { formatOf } from "./format.ts";
import { newId, nowSeconds } from "./ids.ts";
import { toMessages } from "./messages.ts";
import { modelOf } from "./model.ts";
import { optionsOf } from "./options.ts";
import { chosenTools, toolOf } from "./tools.ts";

export function chatCompletions(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const body = await readJson(c, chatRequest, "ChatCompletionRequest");
    const conversations = await conversationsOf(deps, body, c.req.raw.signal);
    if (body._debug_render_only) {
      using opened = await open(deps, conversations[0]);
      return json(c, { model: body.model, _debug_info: { rendered_template: opened.prepared.prompt } });
    }
    const choices = await openChoices(deps, conversations);
    announceTruncation(c, choices.first.truncation);
    const head = { id: newId("chatcmpl-"), created: nowSeconds(), model: body.model };
    if (!body.stream) return json(c, await chatObject(choices, { ...head, count: body.n }));
    return await sse(c, chatChunks(choices, { ...head, usage: body.stream_options?.include_usage === true }), (error) => ({
      data: errorBody(error),
    }));
  };
}

/** One for every choice; they differ in their seeds. */
async function conversationsOf(deps: Deps, body: ChatBody, signal: AbortSignal): Promise<[Conversation, ...Conversation[]]> {
  refuseOldFields(body);
  const topLogprobs = topLogprobsOf(body);
  const asked = askedThinking(body);
  const format = formatOf(body.response_format, "response_format");
  const messages = toMessages(body.messages);
  const tools = body.tools.map((tool, index) => toolOf(tool, `tools[${index}]`));
  const chosen = chosenTools(tools, body.tool_choice);
  const model = await modelOf(deps, body.model, body.knowledge);
  const think = thinkOf(model, body.model, asked);
  requireCapabilities(model, body.model, "chat", chosen.tools.length > 0 && chosen.toolChoice !== "none" ? ["tools"] : []);
  refuseImages(messages.flatMap(({ images }) => images ?? []));
  const conversation = (choice: number): Conversation => ({
    model,
    input: { kind: "messages", messages: withModelMessages(model, messages), tools: chosen.tools },
    toolChoice: chosen.toolChoice,
    parallelToolCalls: body.parallel_tool_calls,
    think,
    format,
    options: optionsOf(model, body, { maxTokens: body.max_completion_tokens ?? body.max_tokens, choice }),
    keepAliveMs: body.keep_alive,
    truncate: body.truncate,
    shift: body.shift,
    topLogprobs,
    signal,
  });
  return [conversation(0), ...Array.from({ length: body.n - 1 }, (_, at) => conversation(at + 1))];
}
