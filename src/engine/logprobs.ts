/** Log-probabilities of a row of logits, as the model gave them: before any sampler. */

export interface Ranked {
  token: number;
  logprob: number;
}

/** The chosen token's log-probability and the `top` most likely tokens, best first. One pass over the row for the sum, one for the ranking. */
export function logprobsOf(logits: Float32Array, chosen: number, top: number): { chosen: number; top: Ranked[] } {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > highest) highest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  const shift = highest + Math.log(sum);
  const ranked: Ranked[] = [];
  let floor = Number.NEGATIVE_INFINITY;
  for (let token = 0; top > 0 && token < logits.length; token++) {
    const logit = logits[token] ?? Number.NEGATIVE_INFINITY;
    if (ranked.length === top && logit <= floor) continue;
    let at = ranked.length;
    while (at > 0 && (ranked[at - 1]?.logprob ?? 0) < logit - shift) at--;
    ranked.splice(at, 0, { token, logprob: logit - shift });
    if (ranked.length > top) ranked.pop();
    floor = (ranked.at(-1)?.logprob ?? Number.NEGATIVE_INFINITY) + shift;
  }
  return { chosen: (logits[chosen] ?? Number.NEGATIVE_INFINITY) - shift, top: ranked };
}
