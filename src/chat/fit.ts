/** Fits a conversation to the context: whole messages go from the front, and what went is reported. Rules: ollama-behaviour section 7.5. */
import { Invalid } from "../errors.ts";
import type { Message } from "./types.ts";

export interface FitRequest {
  messages: Message[];
  /** The prompt of some of the messages. */
  render: (messages: Message[]) => string;
  /** With the special tokens that the model wants around a prompt. */
  tokenize: (text: string) => Promise<number[]>;
  /** Most tokens that prompt and answer may hold together. */
  contextLength: number;
  overflow: Overflow;
}

export interface Overflow {
  /** What to do with a conversation that is too long; "error" refuses it. */
  onOverflow: "truncate" | "error";
  /** The request's `truncate`: false refuses in Ollama's words. */
  truncate: boolean;
  /** May the middle of a prompt be cut when no message can be dropped any more? */
  shift: boolean;
  /** How many tokens at the start such a cut keeps; -1 is all, and then there is none. */
  keep: number;
}

export interface Fitted {
  /** As text; after a cut by tokens it is still the whole text. */
  prompt: string;
  tokens: number[];
  /** How many messages are not in the prompt. */
  droppedMessages: number;
  /** How many tokens were cut from the middle of what was left. */
  truncatedTokens: number;
  /** Tokens of the prompt with nothing dropped. */
  originalTokens: number;
}

/** Ollama's words for a prompt that it may not cut. Clients look for them. */
export const TOO_LONG =
  "the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length";

/** Throws Invalid (code `context_length_exceeded`) when the prompt does not fit and may not be cut. */
export async function fitMessages(request: FitRequest): Promise<Fitted> {
  const { messages, render, tokenize, contextLength, overflow } = request;
  // Ollama fills the context to the brim here and then halves the prompt; one token of room is better.
  const most = contextLength - 1;
  const write = async (dropped: number) => {
    const prompt = render(dropped === 0 ? messages : withoutFirst(messages, dropped));
    return { prompt, tokens: await tokenize(prompt) };
  };
  const whole = await write(0);
  const originalTokens = whole.tokens.length;
  if (originalTokens <= most) return { ...whole, droppedMessages: 0, truncatedTokens: 0, originalTokens };
  refuseOverflow(overflow, originalTokens, contextLength);
  const { dropped, written } = await fewestDropped(messages, write, most);
  const kept = dropped === 0 ? messages.length : withoutFirst(messages, dropped).length;
  return { ...cutTokens(written, request), droppedMessages: messages.length - kept, originalTokens };
}

/** A prompt that is no conversation: only tokens can go. Throws as `fitMessages` does. */
export async function fitPrompt(request: Omit<FitRequest, "messages" | "render"> & { prompt: string }): Promise<Fitted> {
  const { prompt, tokenize, contextLength, overflow } = request;
  const tokens = await tokenize(prompt);
  if (tokens.length >= contextLength) refuseOverflow(overflow, tokens.length, contextLength);
  return { ...cutTokens({ prompt, tokens }, request), droppedMessages: 0, originalTokens: tokens.length };
}

/** Throws Invalid (code `context_length_exceeded`) where nothing may be left out. */
export function refuseOverflow(
  { onOverflow, truncate }: Pick<Overflow, "onOverflow" | "truncate">,
  tokens: number,
  contextLength: number,
): void {
  if (!truncate) throw new Invalid(TOO_LONG, { code: "context_length_exceeded" });
  if (onOverflow === "error")
    throw new Invalid(
      `the prompt has ${tokens} tokens, and the context holds ${contextLength}: shorten the prompt, or raise num_ctx`,
      { code: "context_length_exceeded" },
    );
}

interface Written {
  prompt: string;
  tokens: number[];
}

/** Looks for the smallest number of dropped messages by halving: a render and a count take time. */
async function fewestDropped(
  messages: Message[],
  write: (dropped: number) => Promise<Written>,
  limit: number,
): Promise<{ dropped: number; written: Written }> {
  let tooFew = 0;
  let dropped = messages.length - 1;
  let written = await tryWrite(write, dropped);
  // The last message alone may be more than the template accepts; nothing dropped it is known to accept.
  while (!written && dropped > 0) written = await tryWrite(write, --dropped);
  written ??= await write(0);
  // All that may go is gone, and it still does not fit: the cut by tokens is next.
  if (written.tokens.length > limit) return { dropped, written };
  while (dropped - tooFew > 1) {
    const middle = Math.floor((tooFew + dropped) / 2);
    const attempt = await tryWrite(write, middle);
    if (attempt && attempt.tokens.length <= limit) {
      dropped = middle;
      written = attempt;
    } else tooFew = middle;
  }
  return { dropped, written };
}

/** Some templates refuse a conversation that begins with an answer; then one more message must go. */
async function tryWrite(write: (dropped: number) => Promise<Written>, dropped: number): Promise<Written | undefined> {
  try {
    return await write(dropped);
  } catch (error) {
    if (error instanceof Invalid) return undefined;
    throw error;
  }
}

/** The messages without the first `count`, of which the system messages stay, as does the last message. */
export function withoutFirst(messages: Message[], count: number): Message[] {
  return messages.filter((message, index) => index >= count || message.role === "system" || index === messages.length - 1);
}

/** Cuts a prompt that would leave no room for an answer: the start stays, and of the rest the end. */
function cutTokens({ prompt, tokens }: Written, { contextLength, overflow }: Pick<FitRequest, "contextLength" | "overflow">) {
  const most = contextLength - 1;
  if (tokens.length <= most) return { prompt, tokens, truncatedTokens: 0 };
  const { shift, keep } = overflow;
  if (!shift || keep < 0) throw new Invalid(TOO_LONG, { code: "context_length_exceeded" });
  const first = Math.min(keep, Math.max(most - 4, 0));
  const left = contextLength - Math.floor((contextLength - first) / 2);
  const end = Math.max(Math.min(left, most) - first, 1);
  const cut = [...tokens.slice(0, first), ...tokens.slice(-end)];
  return { prompt, tokens: cut, truncatedTokens: tokens.length - cut.length };
}
