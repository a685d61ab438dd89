/** What an answer cost, in tokens. */
import type { AnswerEvent } from "../answer.ts";

type End = Extract<AnswerEvent, { type: "end" }>;

/** Adds up the answers of one request. */
export class Usage {
  #prompt = 0;
  #cached = 0;
  #generated = 0;
  #thinking = 0;

  /** `again`: another answer to a prompt that was counted already. */
  add({ finish, thinkingTokens }: End, { again = false } = {}): void {
    if (!again) {
      this.#prompt += finish.promptTokens;
      this.#cached += finish.cachedTokens;
    }
    this.#generated += finish.generatedTokens;
    this.#thinking += thinkingTokens;
  }

  /** As completions say it. */
  completions(): object {
    return {
      prompt_tokens: this.#prompt,
      completion_tokens: this.#generated,
      total_tokens: this.#prompt + this.#generated,
      prompt_tokens_details: { cached_tokens: this.#cached },
      completion_tokens_details: { reasoning_tokens: this.#thinking },
    };
  }

  /** As responses say it. */
  responses(): object {
    return {
      input_tokens: this.#prompt,
      input_tokens_details: { cached_tokens: this.#cached },
      output_tokens: this.#generated,
      output_tokens_details: { reasoning_tokens: this.#thinking },
      total_tokens: this.#prompt + this.#generated,
    };
  }
}
