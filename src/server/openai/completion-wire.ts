/** The fields of a text completion: the one place where they are named. */
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { completing } from "./fields.ts";

/** A text, or the tokens of one. */
export type Prompt = string | number[];

export const completionRequest = z.object({
  ...completing,
  prompt: z.unknown().optional().transform(parsePrompts),
  suffix: z.string().default(""),
  echo: z.boolean().default(false),
  logprobs: z.int().min(0).max(20, "logprobs must be between 0 and 20").optional(),
  best_of: z.int().optional(),
  /** Ours: the prompt goes to the model as it is. */
  raw: z.boolean().default(false),
});

export type CompletionBody = z.output<typeof completionRequest>;

/** Throws Invalid for what this server would have to leave out in silence. */
export function refuseCombinations({ n, best_of, echo, logprobs, suffix, prompt }: CompletionBody): void {
  if (best_of !== undefined && best_of !== n)
    throw new Invalid(`best_of is ${best_of}: this server gives every answer that it makes, so it must be n (${n}) or left out`, {
      param: "best_of",
    });
  if (echo && logprobs !== undefined && suffix !== "")
    throw new Invalid("a suffix changes the prompt that echo and logprobs are asked of: leave one of the three out", {
      param: "echo",
    });
  if (suffix !== "" && prompt.some((one) => typeof one !== "string"))
    throw new Invalid("a suffix needs a prompt that is text: where the gap is, the model's template says", { param: "suffix" });
}

function parsePrompts(value: unknown): Prompt[] {
  const param = "prompt";
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) throw new Invalid("prompt must be a text, a list of texts, or tokens", { param });
  if (value.length === 0) throw new Invalid("prompt is an empty list", { param });
  if (isTokens(value)) return [value];
  return value.map((item: unknown, index) => {
    if (typeof item === "string" || isTokens(item)) return item;
    throw new Invalid(`prompt[${index}] must be a text or a list of tokens`, { param: `${param}[${index}]` });
  });
}

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Number.isInteger(item));
}
