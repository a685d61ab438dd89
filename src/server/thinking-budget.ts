/** Ends thinking that takes too long: the model's own end of thinking is written for it, and the answer begins. */
import { overlap } from "../chat/formats/overlap.ts";
import type { Finish, GenerateRequest, SequenceEvent } from "../engine/protocol.ts";
import type { Lease } from "../runtime/types.ts";

export interface ThinkingBudget {
  /** Most tokens to think for. */
  tokens: number;
  open: string;
  close: string;
  /** The prompt already opened the thinking. */
  startsInside: boolean;
}

/**
 * `lease.generate` with a bound on thinking. What is over the budget is cut off; then the model goes on from the same prompt with its
 * thoughts so far and the closing tag, all but the tag found in the cache. Counts and times are those of both parts together.
 */
export async function* generateWithin(
  lease: Lease,
  generate: GenerateRequest,
  { signal, budget }: { signal: AbortSignal; budget: ThinkingBudget | undefined },
): AsyncGenerator<SequenceEvent> {
  if (!budget) {
    yield* lease.generate(generate, { signal });
    return;
  }
  const closing = `\n${budget.close}\n\n`;
  const closingTokens = await lease.tokenize(closing, { addSpecial: false });
  const first = yield* think(lease, generate, { signal, budget, spare: closingTokens.length });
  if (!first) return;
  const { tokens, finish, id } = first;
  const thoughts = [...tokens, ...closingTokens];
  yield { id, text: closing, count: tokens.length };
  const { grammarAfter, ...rest } = generate;
  const answering: GenerateRequest = {
    ...rest,
    // A grammar that waited for the closing tag need not wait any longer.
    ...(grammarAfter !== undefined && grammarAfter !== budget.close && { grammarAfter }),
    prompt: [...generate.prompt, ...thoughts],
    ...(generate.maxTokens >= 0 && { maxTokens: generate.maxTokens - tokens.length }),
  };
  for await (const event of lease.generate(answering, { signal })) {
    const count = tokens.length + event.count;
    yield { ...event, count, ...(event.finish && { finish: together(finish, tokens, event.finish, thoughts) }) };
  }
}

/** Up to the budget. Undefined when everything was said within it. */
async function* think(
  lease: Lease,
  generate: GenerateRequest,
  { signal, budget, spare }: { signal: AbortSignal; budget: ThinkingBudget; spare: number },
): AsyncGenerator<SequenceEvent, { id: number; tokens: number[]; finish: Finish } | undefined> {
  const enough = new AbortController();
  let text = budget.startsInside ? budget.open : "";
  let answering = false;
  let cutAt: number | undefined;
  for await (const event of lease.generate(generate, { signal: AbortSignal.any([signal, enough.signal]) })) {
    if (cutAt === undefined) {
      yield event;
      if (event.finish) return undefined;
      text += event.text;
      answering ||= hasEnded(text, event.text.length, budget);
      if (answering) continue;
      const leaves = generate.contextLimit - generate.prompt.length - event.count - spare;
      const mayAnswer = leaves > 1 && (generate.maxTokens < 0 || generate.maxTokens > event.count);
      if (event.count >= budget.tokens && mayAnswer && isThinking(text, budget)) {
        cutAt = event.count;
        enough.abort();
      }
    } else if (event.finish) {
      // What the engine wrote before it heard of the cut is not used, not even if it came to an end.
      if (event.finish.reason !== "error" && !signal.aborted)
        return { id: event.id, tokens: event.finish.tokens.slice(0, cutAt), finish: event.finish };
      yield event;
      return undefined;
    }
  }
  return undefined;
}

/** Thinking is over, or never began. Only the end of the text is new. */
function hasEnded(text: string, added: number, { open, close }: ThinkingBudget): boolean {
  if (text.includes(close, text.length - added - close.length)) return true;
  const start = text.slice(0, 64 + open.length).trimStart();
  return !start.startsWith(open) && !open.startsWith(start);
}

/** Half a tag is none yet, and may become a whole one by itself. */
function isThinking(text: string, { open, close }: ThinkingBudget): boolean {
  return text.trimStart().startsWith(open) && overlap(text, close) === 0;
}

function together(first: Finish, kept: number[], second: Finish, thoughts: number[]): Finish {
  return {
    ...second,
    promptTokens: first.promptTokens,
    cachedTokens: first.cachedTokens,
    promptMs: first.promptMs + second.promptMs,
    generatedTokens: kept.length + second.generatedTokens,
    generateMs: first.generateMs + second.generateMs,
    tokens: [...thoughts, ...second.tokens],
    shiftedTokens: first.shiftedTokens + second.shiftedTokens,
  };
}
