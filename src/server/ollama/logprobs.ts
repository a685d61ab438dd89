/** Logprobs as Ollama writes them. */
import type { TokenLogprob } from "../../engine/protocol.ts";

export interface WireLogprob {
  token: string;
  logprob: number;
  bytes?: number[];
  top_logprobs?: Omit<WireLogprob, "top_logprobs">[];
}

/** An entry a token; alternatives, best first, only where they were asked for. */
export function wireLogprobs(logprobs: TokenLogprob[]): WireLogprob[] {
  return logprobs.map(({ top, ...own }) => ({
    ...entry(own),
    ...(top && top.length > 0 && { top_logprobs: top.map(entry) }),
  }));
}

function entry({ token, logprob, bytes }: Omit<TokenLogprob, "top">): WireLogprob {
  return { token, logprob, ...(bytes.length > 0 && { bytes }) };
}
