/** A prompt given back at the head of its answer, with the logprobs of its tokens where they are wanted. */
import type { PromptLogprob } from "../../engine/protocol.ts";
import type { Opened } from "../converse.ts";
import type { Prompt } from "./completion-wire.ts";

export class Echo {
  readonly #prompt: Prompt;
  readonly #held: Opened["held"];
  #text: string | undefined;
  #seen = 0;

  constructor(prompt: Prompt, { held }: Pick<Opened, "held">) {
    this.#prompt = prompt;
    this.#held = held;
  }

  /** The prompt as text the first time, and nothing after that. */
  async text(): Promise<string> {
    if (this.#text !== undefined) return "";
    const prompt = this.#prompt;
    this.#text = typeof prompt === "string" ? prompt : ((await this.#held.lease?.detokenize(prompt)) ?? "");
    return this.#text;
  }

  /**
   * The next of the prompt's tokens, as they stand in its text: without the mark of the beginning that the server put before a text,
   * and the first one, in its bytes, without the space that some vocabularies put before a text.
   */
  tokens(logprobs: PromptLogprob[]): PromptLogprob[] {
    const shown: PromptLogprob[] = [];
    for (const one of logprobs) {
      const isFirst = this.#seen === 0;
      if (isFirst && this.#isAddedMark(one)) continue;
      this.#seen++;
      const hasSpace = isFirst && one.token.startsWith(" ") && !this.#text?.startsWith(" ");
      shown.push(hasSpace ? { ...one, bytes: one.bytes.slice(1) } : one);
    }
    return shown;
  }

  #isAddedMark({ token, logprob }: PromptLogprob): boolean {
    const { addBos = false, bosText } = this.#held.lease?.info ?? {};
    const isAdded = typeof this.#prompt === "string" && addBos && !this.#prompt.startsWith(token);
    return isAdded && logprob === null && token === bosText;
  }
}
