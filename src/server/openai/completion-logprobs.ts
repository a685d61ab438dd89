/** Logprobs as text completions have always written them: lists side by side. */
import type { PromptLogprob } from "../../engine/protocol.ts";
import { finite } from "./logprobs.ts";

/** The first token of all has neither a logprob nor alternatives. */
export interface TextLogprobs {
  tokens: string[];
  token_logprobs: (number | null)[];
  top_logprobs: (Record<string, number> | null)[];
  /** Characters of the text before each token. */
  text_offset: number[];
}

/** Reads the tokens of one answer in their order. */
export class TextLogprobReader {
  // A character may be spread over several tokens.
  readonly #decoder = new TextDecoder();
  #offset = 0;

  read(logprobs: PromptLogprob[]): TextLogprobs {
    const lists: TextLogprobs = { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] };
    for (const { token, logprob, top = [], bytes } of logprobs) {
      const others = top.map((other) => [other.token, finite(other.logprob)] as const);
      lists.tokens.push(token);
      lists.token_logprobs.push(logprob === null ? null : finite(logprob));
      lists.top_logprobs.push(logprob === null ? null : Object.fromEntries(others));
      lists.text_offset.push(this.#offset);
      this.#offset += this.#decoder.decode(Uint8Array.from(bytes), { stream: true }).length;
    }
    return lists;
  }
}
