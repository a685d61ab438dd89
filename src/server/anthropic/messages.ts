/** POST /v1/messages. */
import type { Context } from "hono";
import { Invalid } from "../../errors.ts";
import { readJson } from "../body.ts";
import { type Opened, open } from "../converse.ts";
import type { Deps } from "../deps.ts";
import { type AskedModel, modelOfBase } from "../knowledge/asked.ts";
import { withPings } from "../pings.ts";
import { openModel, parseReference } from "../reference.ts";
import { json } from "../respond.ts";
import { sse } from "../sse.ts";
import { announceTruncation, truncationFields } from "../truncation.ts";
import { type AnswerBlock, additionsOf, signatureOf, stopOf, usageOf } from "./answer.ts";
import { toConversation } from "./conversation.ts";
import { errorEvent, hexId, inAnthropicWords } from "./errors.ts";
import { messageEvents, PING } from "./stream.ts";
import { type MessagesBody, messagesRequest } from "./wire.ts";

/** Clients and the proxies between give up on a connection that is silent for half a minute or so. */
const PING_MS = 10_000;

export function messages(deps: Deps) {
  return inAnthropicWords(async (c: Context) => {
    const body = await readMessages(c);
    if ((body.max_tokens ?? 0) <= 0) throw new Invalid("max_tokens is required and must be positive");
    if (body.messages.length === 0) throw new Invalid("messages is required");
    const model = await modelOf(deps, body);
    const opened = await open(deps, toConversation(model, body, c.req.raw.signal));
    announceTruncation(c, opened.truncation);
    if (body.stream) return await sse(c, withPings(messageEvents(opened, body), PING, PING_MS), errorEvent);
    return json(c, await wholeMessage(opened, body));
  });
}

export async function readMessages(c: Context): Promise<MessagesBody> {
  const body = await readJson(c, messagesRequest, "MessagesRequest");
  if (body.model.trim() === "") throw new Invalid("model is required");
  return body;
}

export async function modelOf(deps: Deps, { model, knowledge }: MessagesBody): Promise<AskedModel> {
  return (await modelOfBase(deps, model, knowledge)) ?? (await openModel(deps.store, parseReference(model)));
}

async function wholeMessage(opened: Opened, body: MessagesBody): Promise<object> {
  using _ = opened;
  const content: AnswerBlock[] = [];
  for await (const part of opened.events()) {
    if (part.type === "part") {
      for (const addition of additionsOf(part)) append(content, addition);
      continue;
    }
    for (const block of content) if (block.type === "thinking") block.signature = signatureOf(block.thinking);
    return {
      id: `msg_${hexId()}`,
      type: "message",
      role: "assistant",
      model: body.model,
      content,
      ...stopOf(
        part,
        body,
        content.some(({ type }) => type === "tool_use"),
      ),
      usage: usageOf(part),
      ...truncationFields(opened.truncation, part.finish),
      ...part.fields,
    };
  }
  throw new Error("an answer ended without an end");
}

function append(content: AnswerBlock[], addition: ReturnType<typeof additionsOf>[number]): void {
  const last = content.at(-1);
  if (addition.type === "tool_use") content.push(addition);
  else if (addition.type === "text" && last?.type === "text") last.text += addition.text;
  else if (addition.type === "text") content.push({ type: "text", text: addition.text });
  else if (last?.type === "thinking") last.thinking += addition.text;
  else content.push({ type: "thinking", thinking: addition.text, signature: "" });
}
