/** Logprobs as text completions have always written them: lists side by side. */
import type { TokenLogprob } from "../../engine/protocol.ts";
import { finite } from "./logprobs.ts";

export interface TextLogprobs {
  tokens: string[];
  token_logprobs: number[];
  top_logprobs: Record<string, number>[];
  /** Characters of the text before each token. */
  text_offset: number[];
}

/** Reads the tokens of one answer in their order. */
export class TextLogprobReader {
  #offset = 0;

  read(logprobs: TokenLogprob[]): TextLogprobs {
    const lists: TextLogprobs = { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] };
    for (const { token, logprob, top = [] } of logprobs) {
      lists.tokens.push(token);
      lists.token_logprobs.push(finite(logprob));
      lists.top_logprobs.push(Object.fromEntries(top.map((other) => [other.token, finite(other.logprob)])));
      lists.text_offset.push(this.#offset);
      this.#offset += token.length;
    }
    return lists;
  }
}
