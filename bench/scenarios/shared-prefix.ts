/** S8: eight cold clients at once whose prompts begin alike, against eight whose prompts do not: what sharing saves. */
import { compare, freshSeed, type Scenario, type Side } from "../bench.ts";
import type { Contestant } from "../contestant.ts";
import { promptOf } from "../vocabulary.ts";

const UNIQUE = 32;
const TOKENS = 32;

export const sharedPrefix: Scenario = {
  id: "S8",
  title: "a shared system prompt",
  async run(bench) {
    const { quick } = bench.options;
    const [count, prefix] = quick ? [4, 512] : [8, 1024];
    const row = { scenario: "S8", what: `${count} cold clients, ${prefix} tokens in common`, unit: "s" };
    const times: number[] = [];
    const ours = sideOf(bench.puna, count, prefix, true, times);
    const wall = { show: (figure: number) => 1 / figure };
    await compare(bench, row, ours, sideOf(bench.puna, count, prefix, false), {
      ...wall,
      ...(!quick && { atLeast: 3 }),
      note: () => `p95 first token ${Math.round(percentile(times, 0.95))} ms`,
    });
    for (const peer of bench.peers) await compare(bench, row, ours, sideOf(peer, count, prefix, true), wall);
  },
};

function sideOf(contestant: Contestant, count: number, prefix: number, shared: boolean, times: number[] = []): Side {
  return {
    name: shared ? contestant.name : "nothing in common",
    measure: async () => {
      const common = promptOf(prefix, freshSeed());
      const started = performance.now();
      const answers = await Promise.all(
        Array.from({ length: count }, () => {
          const start = shared ? common : promptOf(prefix, freshSeed());
          return contestant.generate({ prompt: start + promptOf(UNIQUE, freshSeed()), tokens: TOKENS });
        }),
      );
      times.push(...answers.map(({ firstMs }) => firstMs));
      const whole = answers.every((answer) => answer.promptTokens === prefix + UNIQUE && answer.tokens === TOKENS);
      const tokens = count * (prefix + UNIQUE + TOKENS);
      return {
        figure: 1000 / (performance.now() - started),
        tokens,
        ...(!whole && { fault: "an answer or prompt of another length" }),
      };
    },
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
