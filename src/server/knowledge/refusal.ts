/** An answer that no model was asked for, in the shape of all answers. */
import { resolveOptions } from "../../chat/options.ts";
import type { Finish } from "../../engine/protocol.ts";
import type { Conversation, Opened } from "../converse.ts";
import type { Deps } from "../deps.ts";

/** `fields` go to the top of the answer. */
export function openRefusal(
  { config }: Deps,
  { model, options }: Conversation,
  text: string,
  fields: () => Record<string, unknown>,
): Opened {
  const nothing = { promptTokens: 0, cachedTokens: 0, promptMs: 0, generatedTokens: 0, generateMs: 0, shiftedTokens: 0 };
  const finish: Finish = { reason: "stop", tokens: [], ...nothing };
  return {
    held: { options: resolveOptions({ numCtx: config.contextLength }, model.parameters, options), loadNs: 0 },
    prepared: { prompt: "", tokens: [], originalTokens: 0 },
    truncation: undefined,
    async *events() {
      yield { type: "part", content: text, thinking: "", toolCalls: [] };
      yield { type: "end", reason: "stop", finish, thinkingTokens: 0, fields: fields() };
    },
    [Symbol.dispose]() {},
  };
}
