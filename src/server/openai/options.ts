/** OpenAI's sampling fields as Ollama's options. */
import { resolveOptions } from "../../chat/options.ts";
import { Failed, Invalid } from "../../errors.ts";
import type { Model } from "../../models/types.ts";
import type { AskedModel } from "../knowledge/asked.ts";

export interface SamplingBody {
  options: Record<string, unknown>;
  num_ctx?: number | undefined;
  temperature?: number | undefined;
  top_p?: number | undefined;
  top_k?: number | undefined;
  min_p?: number | undefined;
  typical_p?: number | undefined;
  repeat_penalty?: number | undefined;
  repetition_penalty?: number | undefined;
  frequency_penalty?: number | undefined;
  presence_penalty?: number | undefined;
  seed?: number | undefined;
  stop?: string[] | undefined;
  logit_bias?: Record<string, number> | undefined;
}

/**
 * `options` wins over the fields beside it: who writes it means it. Temperature and top_p are 1 as in OpenAI's API, unless the
 * model brings its own; its stop strings hold besides those of the request. `choice` counts the answers to one prompt; each has a seed of its own. Throws Invalid for an option of a wrong type.
 */
export function optionsOf(
  { parameters, asked }: AskedModel,
  body: SamplingBody,
  { maxTokens, choice = 0 }: { maxTokens: number | undefined; choice?: number },
): Record<string, unknown> {
  const options = {
    // Answers from documents have a temperature of their own.
    temperature: body.temperature ?? (asked ? undefined : (parameters.temperature ?? 1)),
    top_p: body.top_p ?? parameters.top_p ?? 1,
    num_ctx: body.num_ctx,
    num_predict: maxTokens,
    top_k: body.top_k,
    min_p: body.min_p,
    typical_p: body.typical_p,
    repeat_penalty: body.repeat_penalty ?? body.repetition_penalty,
    frequency_penalty: body.frequency_penalty,
    presence_penalty: body.presence_penalty,
    stop: body.stop && [...stopsOf(parameters), ...body.stop],
    logit_bias: body.logit_bias,
    seed: body.seed,
    ...body.options,
  };
  checkOptions(options);
  const { seed } = options;
  // The engine takes 31 bits of it.
  return typeof seed === "number" && seed >= 0 ? { ...options, seed: (seed + choice) % 0x8000_0000 } : options;
}

function stopsOf({ stop }: Model["parameters"]): unknown[] {
  if (Array.isArray(stop)) return stop;
  return stop === undefined ? [] : [stop];
}

/** Ollama answers 500 for an option of a wrong type; OpenAI's clients would send that again and again. */
export function checkOptions(options: Record<string, unknown>): void {
  try {
    resolveOptions({ numCtx: undefined }, options);
  } catch (error) {
    if (error instanceof Failed) throw new Invalid(error.message, { cause: error, param: "options" });
    throw error;
  }
}
