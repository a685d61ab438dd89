/** One answer of a model, as every dialect gets it: pieces of content, thinking and tool calls, then how it ended. */
import type { OutputParser, Piece, ToolCall } from "../chat/types.ts";
import type { Finish, GenerateRequest, PromptLogprob, TokenLogprob } from "../engine/protocol.ts";
import { Failed, PunaError } from "../errors.ts";
import type { Lease } from "../runtime/types.ts";
import { generateWithin, type ThinkingBudget } from "./thinking-budget.ts";

export type AnswerEvent =
  | {
      type: "part";
      content: string;
      thinking: string;
      toolCalls: ToolCall[];
      logprobs?: TokenLogprob[];
      /** Of the prompt, before anything is said. */
      promptLogprobs?: PromptLogprob[];
    }
  /** `thinkingTokens`: how many of the generated ones were spent on thinking. */
  | {
      type: "end";
      reason: DoneReason;
      finish: Finish;
      thinkingTokens: number;
      /** What else goes to the top of the answer, the same in every dialect. */
      fields?: Record<string, unknown>;
    };

/** `repetition`: the model had begun to say the same thing for ever. */
type DoneReason = "stop" | "length" | "repetition";

export interface AnswerRequest {
  generate: GenerateRequest;
  /** A fresh parser of what comes back. */
  parser: () => OutputParser;
  signal: AbortSignal;
  /** A bound on thinking. */
  budget?: ThinkingBudget | undefined;
}

/** Ollama's bound on identical pieces in a row. */
const MOST_REPEATS = 30;

/** Throws Failed when the runner dies or the engine fails, with what the client has got so far already yielded. */
export async function* answer(lease: Lease, { generate, ...how }: AnswerRequest): AsyncGenerator<AnswerEvent> {
  // A grammar that waits for the end of thinking would never begin if the model does not think: then we start again without waiting.
  const waits = generate.grammarAfter !== undefined;
  const first = yield* attempt(lease, generate, { ...how, mustThink: waits });
  if (first === "did not think") {
    const { grammarAfter: _, ...now } = generate;
    yield* attempt(lease, now, { ...how, mustThink: false });
  }
}

async function* attempt(
  lease: Lease,
  generate: GenerateRequest,
  { parser: makeParser, signal, budget, mustThink }: Omit<AnswerRequest, "generate"> & { mustThink: boolean },
): AsyncGenerator<AnswerEvent, "done" | "did not think"> {
  const parser = makeParser();
  const repeats = new Repeats(generate.ignoreEos ? Number.POSITIVE_INFINITY : MOST_REPEATS);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let thought = !mustThink;
  let thinkingTokens = 0;
  const toPart = (pieces: Piece[], logprobs?: TokenLogprob[]): AnswerEvent | undefined => {
    const part = gather(pieces);
    if (part.content === "" && part.thinking === "" && part.toolCalls.length === 0 && !logprobs?.length) return undefined;
    return { type: "part", ...part, ...(logprobs && { logprobs }) };
  };
  for await (const event of generateWithin(lease, generate, { signal: either, budget })) {
    const { promptLogprobs } = event;
    if (promptLogprobs) {
      yield { type: "part", ...gather([]), promptLogprobs };
      continue;
    }
    const pieces = parser.push(event.text);
    if (event.finish) pieces.push(...parser.end());
    // Thinking comes before all else.
    if (pieces.some((piece) => piece.type === "thinking")) thinkingTokens = event.count;
    if (!thought) {
      if (pieces.some((piece) => piece.type === "tool" || (piece.type === "content" && piece.text.trim() !== "")))
        return "did not think";
      thought = pieces.some((piece) => piece.type === "thinking");
      if (!thought && event.finish?.reason === "stop") return "did not think";
    }
    const part = toPart(pieces, event.logprobs);
    if (part) yield part;
    const { finish } = event;
    if (finish) {
      if (finish.reason === "error") throw faultOf(finish);
      const reason = repeats.exceeded ? "repetition" : finish.reason === "length" ? "length" : "stop";
      yield { type: "end", reason, finish, thinkingTokens };
      return "done";
    }
    if (repeats.count(event.text)) stop.abort();
  }
  return "done";
}

/** Counts identical pieces in a row. */
class Repeats {
  exceeded = false;
  #limit: number;
  #last = "";
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True from the piece on that is one too many. */
  count(text: string): boolean {
    const piece = text.trim();
    this.#count = piece === this.#last ? this.#count + 1 : 0;
    this.#last = piece;
    this.exceeded ||= this.#count > this.#limit;
    return this.exceeded;
  }
}

function gather(pieces: Piece[]): { content: string; thinking: string; toolCalls: ToolCall[] } {
  const part = { content: "", thinking: "", toolCalls: [] as ToolCall[] };
  for (const piece of pieces) {
    if (piece.type === "content") part.content += piece.text;
    else if (piece.type === "thinking") part.thinking += piece.text;
    else part.toolCalls.push(piece.call);
  }
  return part;
}

function faultOf({ error = "the engine failed without a reason", status }: Finish): PunaError {
  return status === undefined ? new Failed(error) : new PunaError(status, error);
}
