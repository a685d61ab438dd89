/** One answer's way from tokens to text: stop strings on bytes, then whole characters, with logprobs kept in step. */
import type { TokenLogprob } from "./protocol.ts";
import { StopMatcher, type StopSet } from "./stop.ts";
import { Utf8Carry } from "./utf8.ts";

/** What one or more tokens gave. */
export interface Shown {
  text: string;
  logprobs: TokenLogprob[];
}

/** Text and logprobs that may be shown; a stop string and what could become one stay inside. */
export class Output {
  readonly #matcher: StopMatcher;
  readonly #carry = new Utf8Carry();
  #waiting: { start: number; end: number; logprob: TokenLogprob }[] = [];

  constructor(stops: StopSet) {
    this.#matcher = new StopMatcher(stops);
  }

  /** The stop string that was met, if any. */
  get stopText(): string | undefined {
    return this.#matcher.stopText;
  }

  push(bytes: Uint8Array, logprob?: TokenLogprob): Shown {
    const start = this.#matcher.pushed;
    const released = this.#matcher.push(bytes);
    if (logprob) this.#waiting.push({ start, end: this.#matcher.pushed, logprob });
    return { text: this.#carry.push(released), logprobs: this.#settled() };
  }

  /** The end of the answer: what was held back comes out, unless a stop string was met. */
  end(): Shown {
    const text = this.stopText === undefined ? this.#carry.push(this.#matcher.flush()) : "";
    this.#carry.end();
    return { text, logprobs: this.#settled(true) };
  }

  /** Logprobs of tokens whose bytes are out; at the end also of those that are partly out, and never of a stop string's. */
  #settled(last = false): TokenLogprob[] {
    const out: TokenLogprob[] = [];
    const released = this.#matcher.released;
    while (this.#waiting[0]) {
      const { start, end, logprob } = this.#waiting[0];
      const whole = end <= released && (last || this.stopText === undefined || end > start);
      if (!whole && !(last && start < released)) break;
      out.push(logprob);
      this.#waiting.shift();
    }
    return out;
  }
}
