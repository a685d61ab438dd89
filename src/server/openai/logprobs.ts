/** Logprobs as the chat and the Responses API write them. */
import type { TokenLogprob } from "../../engine/protocol.ts";

export interface WireLogprob {
  token: string;
  logprob: number;
  bytes: number[];
  top_logprobs: Omit<WireLogprob, "top_logprobs">[];
}

/** What OpenAI writes for a token that cannot be: JSON has no infinity. */
const IMPOSSIBLE = -9999;

export function wireLogprobs(logprobs: TokenLogprob[]): WireLogprob[] {
  return logprobs.map(({ top = [], ...own }) => ({ ...entry(own), top_logprobs: top.map(entry) }));
}

export function finite(logprob: number): number {
  return Math.max(logprob, IMPOSSIBLE);
}

function entry({ token, logprob, bytes }: Omit<TokenLogprob, "top">): Omit<WireLogprob, "top_logprobs"> {
  return { token, logprob: finite(logprob), bytes };
}
