/** POST /v1/completions. */
import type { Context } from "hono";
import type { Model } from "../../models/types.ts";
import { readJson } from "../body.ts";
import { requireCapabilities, thinkOf } from "../capable.ts";
import type { Conversation } from "../converse.ts";
import type { Deps } from "../deps.ts";
import { withModelMessages } from "../model-messages.ts";
import { json } from "../respond.ts";
import { sse } from "../sse.ts";
import { announceTruncation } from "../truncation.ts";
import { openChoices } from "./choices.ts";
import { completionObject, completionPieces } from "./completion-parts.ts";
import { type CompletionBody, completionRequest, type Prompt, refuseCombinations } from "./completion-wire.ts";
import { errorBody } from "./errors.ts";
import { newId, nowSeconds } from "./ids.ts";
import { modelOf } from "./model.ts";
import { optionsOf } from "./options.ts";

/**
 * As in Ollama, a text goes through the model's template; tokens, `echo` and `raw` mean the model itself. A base model has no template
 * to speak of, so there the two are one.
 */
export function completions(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const body = await readJson(c, completionRequest, "CompletionRequest");
    refuseCombinations(body);
    const model = await modelOf(deps, body.model);
    const think = thinkOf(model, body.model, body.think);
    requireCapabilities(model, body.model, "generate", body.suffix === "" ? [] : ["insert"]);
    const choices = await openChoices(deps, conversationsOf(model, { ...body, think }, c.req.raw.signal));
    announceTruncation(c, choices.first.truncation);
    const pieces = completionPieces(choices, body);
    const head = { id: newId("cmpl-"), created: nowSeconds(), model: body.model };
    const usage = body.stream_options?.include_usage === true;
    if (!body.stream) return json(c, await completionObject(pieces, head));
    return await sse(c, pieces.chunks(head, usage), (error) => ({ data: errorBody(error) }));
  };
}

/** `n` for every prompt, those of one prompt together. */
function conversationsOf(model: Model, body: CompletionBody, signal: AbortSignal): [Conversation, ...Conversation[]] {
  // A prompt that is scored must be the whole one.
  const promptLogprobs = body.echo && body.logprobs !== undefined;
  const conversation = (prompt: Prompt, choice: number): Conversation => ({
    model,
    input: inputOf(model, prompt, body),
    context: typeof prompt === "string" ? undefined : prompt,
    think: body.think,
    format: undefined,
    options: optionsOf(model, body, { maxTokens: body.max_tokens, choice }),
    keepAliveMs: body.keep_alive,
    truncate: body.truncate && !promptLogprobs,
    shift: body.shift,
    topLogprobs: body.logprobs,
    promptLogprobs,
    signal,
  });
  const all = body.prompt.flatMap((prompt) => Array.from({ length: body.n }, (_, choice) => conversation(prompt, choice)));
  return all as [Conversation, ...Conversation[]];
}

function inputOf(model: Model, prompt: Prompt, { suffix, raw, echo }: CompletionBody): Conversation["input"] {
  // Tokens go before the prompt, of which there is no more.
  if (typeof prompt !== "string") return { kind: "raw", prompt: "" };
  if (suffix !== "") return { kind: "insert", prompt, suffix };
  if (raw || echo) return { kind: "raw", prompt };
  return { kind: "messages", messages: withModelMessages(model, [{ role: "user", content: prompt }]), tools: [] };
}
