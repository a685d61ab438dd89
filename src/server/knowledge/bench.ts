/** A loaded model, as far as planning a prompt needs it. */
import type { ChatRequest } from "../../chat/prompt.ts";
import { prepareChat } from "../../chat/prompt.ts";
import type { Bench } from "../../knowledge/plan.ts";
import type { Held } from "../hold.ts";

/** Tokens that are kept free for an answer of no stated length, and the share of the context that they may take. */
const ANSWER_TOKENS = 1024;
const ANSWER_SHARE = 0.25;

export function benchOf({ lease, options }: Held, writing: Omit<ChatRequest, "messages" | "contextLength" | "overflow">): Bench {
  const { contextLength } = lease;
  const overflow = { onOverflow: "error", truncate: true, shift: false, keep: 0 } as const;
  const tokenize = (text: string, parseSpecial: boolean) => lease.tokenize(text, { addSpecial: false, parseSpecial });
  return {
    contextLength,
    answerTokens: options.numPredict > 0 ? options.numPredict : Math.min(ANSWER_TOKENS, Math.floor(contextLength * ANSWER_SHARE)),
    async count(messages) {
      const all = { ...writing, messages: [...messages], contextLength: Number.MAX_SAFE_INTEGER, overflow };
      return (await prepareChat(all)).tokens.length;
    },
    async countText(text) {
      return (await tokenize(text, false)).length;
    },
    // Read with control tokens and without, a text that holds none gives the same.
    async isPlain(text) {
      const [one, other] = await Promise.all([tokenize(text, true), tokenize(text, false)]);
      return one.length === other.length && one.every((token, i) => token === other[i]);
    },
  };
}
