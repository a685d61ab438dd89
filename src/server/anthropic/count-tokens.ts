/** POST /v1/messages/count_tokens: how long the prompt of such a request would be, by the model's own template and tokenizer. */
import type { Context } from "hono";
import { Invalid } from "../../errors.ts";
import { open } from "../converse.ts";
import type { Deps } from "../deps.ts";
import { json } from "../respond.ts";
import { toConversation } from "./conversation.ts";
import { inAnthropicWords } from "./errors.ts";
import { modelOf, readMessages } from "./messages.ts";

export function countTokens(deps: Deps) {
  return inAnthropicWords(async (c: Context) => {
    const body = await readMessages(c);
    if (body.messages.length === 0) throw new Invalid("messages is required");
    const conversation = toConversation(await modelOf(deps, body), body, c.req.raw.signal);
    // Whether it would fit is what the client wants to find out: nothing is refused for its length here.
    const counting: Deps = { ...deps, config: { ...deps.config, onOverflow: "truncate" } };
    using opened = await open(counting, { ...conversation, shift: true });
    return json(c, { input_tokens: opened.prepared.originalTokens });
  });
}
