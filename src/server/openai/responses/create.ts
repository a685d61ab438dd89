/** POST /v1/responses, and the count of what such a request would read. */
import type { Context } from "hono";
import type { Message } from "../../../chat/types.ts";
import { Invalid } from "../../../errors.ts";
import { readJson } from "../../body.ts";
import { refuseImages, requireCapabilities, thinkOf } from "../../capable.ts";
import { type Opened, open } from "../../converse.ts";
import type { Deps } from "../../deps.ts";
import { withModelMessages } from "../../model-messages.ts";
import { json } from "../../respond.ts";
import { sse } from "../../sse.ts";
import { announceTruncation } from "../../truncation.ts";
import { thinkOfEffort } from "../effort.ts";
import { errorBody } from "../errors.ts";
import { formatOf } from "../format.ts";
import { newId, nowSeconds } from "../ids.ts";
import { modelOf } from "../model.ts";
import { optionsOf } from "../options.ts";
import { chosenTools } from "../tools.ts";
import { Answering } from "./answering.ts";
import { toMessages } from "./input.ts";
import type { ResponseHead } from "./object.ts";
import type { StoredResponses } from "./stored.ts";
import { type OfferedTools, offeredTools } from "./tools.ts";
import { type Item, type ResponseBody, refuseUnknownWays, responseRequest } from "./wire.ts";

export function createResponse(deps: Deps, stored: StoredResponses) {
  return async (c: Context): Promise<Response> => {
    const { body, offered, input, opened } = await prepareResponse(c, deps, stored);
    announceTruncation(c, opened.truncation);
    const cuts = body.truncation === undefined ? deps.config.onOverflow === "truncate" : body.truncation === "auto";
    const head: ResponseHead = {
      id: newId("resp_"),
      createdAt: nowSeconds(),
      body,
      sampling: opened.held.options.sampling,
      tools: offered.items,
      truncation: cuts ? "auto" : "disabled",
    };
    const keep = (response: { id: string; output: Item[] }) => {
      if (body.store) stored.put({ response, input: input.items, previousId: body.previous_response_id });
    };
    const answering = new Answering({ opened, head, keep });
    if (!body.stream) return json(c, await answering.response());
    return await sse(c, answering.stream(), (error) => ({ data: errorBody(error) }));
  };
}

/** POST /v1/responses/input_tokens: how long the prompt of such a request is, with nothing left out. */
export function countInputTokens(deps: Deps, stored: StoredResponses) {
  return async (c: Context): Promise<Response> => {
    using opened = (await prepareResponse(c, deps, stored)).opened;
    const tokens = opened.truncation?.originalTokens ?? opened.prepared.tokens.length;
    return json(c, { object: "response.input_tokens", input_tokens: tokens });
  };
}

async function prepareResponse(c: Context, deps: Deps, stored: StoredResponses) {
  const body = await readJson(c, responseRequest, "ResponsesRequest");
  refuseUnknownWays(body);
  const offered = offeredTools(body.tools);
  if (offered.ignored.size > 0) c.header("Puna-Ignored-Tools", [...offered.ignored].join(", "));
  const input = inputOf(body, stored);
  const messages = toMessages([...input.earlier, ...input.items], input.earlier.length);
  const opened = await openResponse(deps, body, { messages, offered, signal: c.req.raw.signal });
  return { body, offered, input, opened };
}

/** The items of this request, with ids for those that have none, and those that went before. */
function inputOf(
  { input, previous_response_id: previous }: ResponseBody,
  stored: StoredResponses,
): { items: Item[]; earlier: Item[] } {
  const given: Item[] = typeof input === "string" ? [{ type: "message", role: "user", content: input }] : input;
  const items = given.map((item, index) => {
    if (item.type !== "item_reference") return { id: newId("msg_"), ...item };
    const found = stored.item(String(item.id));
    if (found) return found;
    throw new Invalid(`Item with id '${String(item.id)}' not found: send the item itself`, { param: `input[${index}]` });
  });
  const earlier = previous === undefined ? [] : stored.conversation(previous);
  if (earlier) return { items, earlier };
  throw new Invalid(
    `Previous response with id '${previous}' not found: this server keeps responses in memory, for a while; send the earlier items in input instead`,
    { param: "previous_response_id", code: "previous_response_not_found" },
  );
}

async function openResponse(
  deps: Deps,
  body: ResponseBody,
  { messages, offered, signal }: { messages: Message[]; offered: OfferedTools; signal: AbortSignal },
): Promise<Opened> {
  const format = formatOf(body.text?.format, "text.format");
  const chosen = chosenTools(offered.tools, body.tool_choice);
  const asked = body.think ?? thinkOfEffort(body.reasoning?.effort, "reasoning.effort");
  const model = await modelOf(deps, body.model, body.knowledge);
  const think = thinkOf(model, body.model, asked);
  requireCapabilities(model, body.model, "chat", chosen.tools.length > 0 && chosen.toolChoice !== "none" ? ["tools"] : []);
  const instructions = body.instructions ? [{ role: "system", content: body.instructions }] : [];
  const all = [...instructions, ...messages];
  if (all.length === 0) throw new Invalid("input is empty: send a text or items", { param: "input" });
  refuseImages(all.flatMap(({ images }: Message) => images ?? []));
  const wantsLogprobs = body.top_logprobs > 0 || body.include.includes("message.output_text.logprobs");
  return await open(deps, {
    model,
    input: { kind: "messages", messages: withModelMessages(model, all), tools: chosen.tools },
    toolChoice: chosen.toolChoice,
    parallelToolCalls: body.parallel_tool_calls,
    think,
    format,
    options: optionsOf(model, body, { maxTokens: body.max_output_tokens }),
    keepAliveMs: body.keep_alive,
    truncate: body.truncate && body.truncation !== "disabled",
    shift: body.shift,
    topLogprobs: wantsLogprobs ? body.top_logprobs : undefined,
    signal,
  });
}
