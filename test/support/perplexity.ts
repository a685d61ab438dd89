/** How well a model foretells answers: exp of the mean negative log-likelihood of their tokens, from the logits of every position. */
import { Batch } from "../../src/llama/batch.ts";
import { Context } from "../../src/llama/context.ts";
import { Model } from "../../src/llama/model.ts";

export interface Sample {
  prompt: string;
  /** Only its tokens are counted. */
  answer: string;
}

const LONGEST = 1024;

/** Samples longer than 1,024 tokens are left out. */
export function perplexity(file: string, samples: Sample[]): { value: number; tokens: number } {
  using model = Model.load(file);
  using context = new Context(model, { cells: LONGEST, batch: LONGEST });
  using batch = new Batch(LONGEST);
  let sum = 0;
  let count = 0;
  for (const { prompt, answer } of samples) {
    const [before, after] = [prompt, answer].map((text) => model.tokenize(text, { addSpecial: false }));
    const tokens = [...(before ?? []), ...(after ?? [])];
    if (tokens.length > LONGEST) continue;
    const first = before?.length ?? 0;
    batch.clear();
    context.memory.clear();
    for (const [i, token] of tokens.entries()) batch.add(token, i, 0, i >= first - 1);
    if (context.decode(batch) !== 0) throw new Error("a sample was not computed");
    for (let i = first; i < tokens.length; i++) sum -= logLikelihood(context.logits(i - 1), tokens[i] ?? 0);
    count += tokens.length - first;
  }
  return { value: Math.exp(sum / count), tokens: count };
}

function logLikelihood(logits: Float32Array, token: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - most);
  return (logits[token] ?? Number.NaN) - most - Math.log(total);
}
