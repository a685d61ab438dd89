/** Where in an answer a grammar begins: behind a text such as `</think>`, or at the tag of a tool call. */
import type { GenerateRequest } from "./protocol.ts";

export interface Woken {
  /** Tokens that lie at least partly inside the grammar; the one just pushed is the last. None: it begins with the next. */
  tokens: number[];
  /** Bytes of the first of them that stand before the grammar. */
  before: Uint8Array;
}

type Options = Pick<GenerateRequest, "grammarAfter" | "grammarAt">;

/** Bytes as Latin-1, so that strings can be searched for them. */
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
const encoded = (text: string) => Buffer.from(text).toString("latin1");

/** Watches tokens until the grammar begins, then it is done. */
export class Trigger {
  readonly #after: string | undefined;
  readonly #texts: string[];
  readonly #first: boolean;
  readonly #skip: { open: string; close: string } | undefined;
  readonly #longest: number;
  #inside: boolean;
  /** Something else than space has come, outside of what is skipped. */
  #begun = false;
  /** The last tokens, as far back as a text may reach, and where to search next. */
  #window: { token: number; text: string }[] = [];
  #from = 0;

  /** Undefined when the grammar holds from the start. */
  static of({ grammarAfter, grammarAt }: Options): Trigger | undefined {
    if (grammarAfter) return new Trigger({ grammarAfter });
    return grammarAt ? new Trigger({ grammarAt }) : undefined;
  }

  private constructor({ grammarAfter, grammarAt }: Options) {
    this.#after = grammarAfter && encoded(grammarAfter);
    this.#texts = this.#after ? [this.#after] : (grammarAt?.texts ?? []).map(encoded).filter((text) => text !== "");
    this.#first = grammarAt?.first ?? false;
    this.#skip = grammarAt?.skip && { open: encoded(grammarAt.skip.open), close: encoded(grammarAt.skip.close) };
    this.#inside = grammarAt?.skip?.inside ?? false;
    this.#longest = Math.max(...[...this.#texts, this.#skip?.open ?? "", this.#skip?.close ?? ""].map(({ length }) => length));
  }

  push(token: number, bytes: Uint8Array): Woken | undefined {
    this.#window.push({ token, text: latin1(bytes) });
    const text = this.#window.map((one) => one.text).join("");
    for (;;) {
      const found = this.#next(text);
      if (!found) break;
      if (found.kind === "begin") return this.#woken(found.at, found.end);
      this.#inside = found.kind === "open";
      this.#from = found.end;
    }
    this.#forget(text.length);
    return undefined;
  }

  #next(text: string): { kind: "begin" | "open" | "close"; at: number; end: number } | undefined {
    const placeOf = (tag: string) => {
      const at = text.indexOf(tag, this.#from);
      return { at, end: at + tag.length };
    };
    if (this.#inside && this.#skip) {
      const close = placeOf(this.#skip.close);
      return close.at < 0 ? undefined : { kind: "close", ...close };
    }
    const found = [
      ...this.#texts.map((tag) => ({ kind: "begin" as const, ...placeOf(tag) })),
      ...(this.#skip ? [{ kind: "open" as const, ...placeOf(this.#skip.open) }] : []),
    ].filter((one) => one.at >= 0);
    const next = found.sort((a, b) => a.at - b.at)[0];
    const passed = text.slice(this.#from, next?.at ?? Math.max(this.#from, text.length - this.#longest + 1));
    this.#begun ||= /\S/.test(passed);
    return next?.kind === "begin" && this.#first && this.#begun ? undefined : next;
  }

  #woken(at: number, end: number): Woken {
    const begin = this.#after === undefined ? at : end;
    let start = 0;
    const inside = this.#window.findIndex(({ text }) => {
      start += text.length;
      return start > begin;
    });
    const tokens = inside < 0 ? [] : this.#window.slice(inside);
    const before = tokens[0] ? tokens[0].text.slice(0, tokens[0].text.length - (start - begin)) : "";
    return { tokens: tokens.map(({ token }) => token), before: Buffer.from(before, "latin1") };
  }

  /** What has been searched, but for as much as may be the beginning of a text, and the tokens that lie in it. */
  #forget(length: number): void {
    this.#from = Math.max(this.#from, length - this.#longest + 1);
    while (this.#window[0] && this.#window[0].text.length <= this.#from) {
      this.#from -= this.#window[0].text.length;
      this.#window.shift();
    }
  }
}
