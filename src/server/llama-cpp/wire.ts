/** Answers in the shape of llama.cpp's server, as its README describes them. */
import type { AnswerEvent } from "../answer.ts";
import type { Opened } from "../converse.ts";
import { truncationFields } from "../truncation.ts";

type End = Extract<AnswerEvent, { type: "end" }>;

export function partObject({ prepared }: Opened, content: string): object {
  return { index: 0, content, tokens: [], stop: false, id_slot: -1, tokens_evaluated: prepared.tokens.length };
}

/** The whole answer, or the last piece of one. */
export function lastObject(
  { held, prepared, truncation }: Opened,
  { finish, reason }: End,
  { content, timedOut }: { content: string; timedOut: boolean },
): object {
  const { options, lease } = held;
  // A mark of the model's own ends an answer as its end token does.
  const word = finish.stopText !== undefined && options.stop.includes(finish.stopText) ? finish.stopText : undefined;
  return {
    index: 0,
    content,
    tokens: [],
    id_slot: -1,
    stop: true,
    stop_type: reason === "length" || timedOut ? "limit" : word === undefined ? "eos" : "word",
    stopping_word: word ?? "",
    has_new_line: content.includes("\n"),
    truncated: truncation !== undefined,
    ...truncationFields(truncation, finish),
    prompt: prepared.prompt,
    tokens_predicted: finish.generatedTokens,
    tokens_evaluated: finish.promptTokens,
    tokens_cached: finish.promptTokens + finish.generatedTokens,
    generation_settings: {
      n_ctx: lease?.contextLength,
      n_predict: options.numPredict,
      seed: options.sampling.seed,
      temperature: options.sampling.temperature,
      top_k: options.sampling.topK,
      top_p: options.sampling.topP,
      min_p: options.sampling.minP,
      stop: options.stop,
    },
    timings: timings(finish),
  };
}

function timings({ promptTokens, cachedTokens, promptMs, generatedTokens, generateMs }: End["finish"]): object {
  const evaluated = promptTokens - cachedTokens;
  const rate = (count: number, ms: number) => (ms > 0 ? (count * 1000) / ms : 0);
  return {
    cache_n: cachedTokens,
    prompt_n: evaluated,
    prompt_ms: promptMs,
    prompt_per_token_ms: evaluated > 0 ? promptMs / evaluated : 0,
    prompt_per_second: rate(evaluated, promptMs),
    predicted_n: generatedTokens,
    predicted_ms: generateMs,
    predicted_per_token_ms: generatedTokens > 0 ? generateMs / generatedTokens : 0,
    predicted_per_second: rate(generatedTokens, generateMs),
  };
}
