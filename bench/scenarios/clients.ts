/** S7: several clients at once, each asking again as soon as it is answered. */
import { type Bench, compare, freshSeed, type Scenario, type Side } from "../bench.ts";
import type { Answer, Contestant } from "../contestant.ts";
import { promptOf } from "../vocabulary.ts";

const PROMPT = 64;
const TOKENS = 64;
/** Against a server that serves one at a time. */
const MANY = 8;

export const clients: Scenario = {
  id: "S7",
  title: "several clients",
  async run(bench) {
    const { quick } = bench.options;
    const requests = quick ? 1 : 3;
    for (const count of bench.options.clients) {
      const fairness: number[] = [];
      const row = { scenario: "S7", what: `${count} clients, ${PROMPT} in ${TOKENS} out`, unit: "tok/s" };
      const ours = sideOf(bench.puna, count, requests, fairness);
      await compare(bench, row, ours, probeOf(bench, count, requests), {
        atLeast: 0.92,
        note: () => `fairness ${Math.min(...fairness).toFixed(2)}`,
      });
      for (const peer of bench.peers) await compare(bench, row, ours, sideOf(peer, count, requests));
    }
    if (quick) return;
    const row = { scenario: "S7", what: `${MANY} clients against one slot`, unit: "tok/s" };
    await compare(bench, row, sideOf(bench.puna, MANY, 1), sideOf(await bench.oneSlot(), MANY, 1), { atLeast: 3 });
  },
};

/** The same tokens in the raw loop: all prompts, then all answers in step. */
function probeOf({ probe }: Bench, count: number, requests: number): Side {
  return {
    name: "raw loop",
    measure: async () => {
      const { prefillSeconds, decodeSeconds } = await probe.run({
        sequences: count,
        prompt: PROMPT,
        tokens: TOKENS,
        times: requests,
      });
      const tokens = count * requests * TOKENS;
      return { figure: tokens / (prefillSeconds + decodeSeconds), tokens };
    },
  };
}

/** `fairness` collects the slowest client's speed over the fastest's. */
function sideOf(contestant: Contestant, count: number, requests: number, fairness: number[] = []): Side {
  return {
    name: contestant.name,
    measure: async () => {
      const started = performance.now();
      const all = await Promise.all(Array.from({ length: count }, () => client(contestant, requests)));
      const seconds = (performance.now() - started) / 1000;
      const times = all.map((answers) => answers.reduce((sum, { totalMs }) => sum + totalMs, 0));
      fairness.push(Math.min(...times) / Math.max(...times));
      const tokens = all.flat().reduce((sum, answer) => sum + answer.tokens, 0);
      const wanted = count * requests * TOKENS;
      return { figure: tokens / seconds, tokens, ...(tokens !== wanted && { fault: `${tokens} of ${wanted} tokens` }) };
    },
  };
}

async function client(contestant: Contestant, requests: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let index = 0; index < requests; index++)
    answers.push(await contestant.generate({ prompt: promptOf(PROMPT, freshSeed()), tokens: TOKENS }));
  return answers;
}
