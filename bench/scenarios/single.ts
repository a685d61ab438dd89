/** One client: S1 decode, S2 prefill, S4 the first token of a prompt that is known already. */
import { type Bench, compare, freshSeed, type Scenario, type Side } from "../bench.ts";
import { type Contestant, decodeRate } from "../contestant.ts";
import { promptOf } from "../vocabulary.ts";

const PROMPT = 64;
const LONG_PROMPT = 512;

export const decode: Scenario = {
  id: "S1",
  title: "decode, one client",
  async run(bench) {
    const tokens = bench.options.quick ? 64 : 128;
    const row = { scenario: "S1", what: `decode ${tokens} tokens`, unit: "tok/s" };
    const side = (contestant: Contestant): Side => ({
      name: contestant.name,
      measure: async () => decodeRate(await contestant.generate({ prompt: promptOf(PROMPT), tokens }), tokens),
    });
    const probe: Side = {
      name: "raw loop",
      measure: async () => {
        const { decodeSeconds } = await bench.probe.run({ prompt: PROMPT, tokens });
        return { figure: (tokens - 1) / decodeSeconds, tokens };
      },
    };
    await compare(bench, row, side(bench.puna), probe, { atLeast: 0.97 });
    for (const peer of bench.peers) await compare(bench, row, side(bench.puna), side(peer));
  },
};

export const prefill: Scenario = {
  id: "S2",
  title: "prefill, one client",
  async run(bench) {
    const row = { scenario: "S2", what: `prefill ${LONG_PROMPT} tokens`, unit: "tok/s" };
    const side = (contestant: Contestant): Side => ({
      name: contestant.name,
      measure: async () => {
        const answer = await contestant.generate({ prompt: promptOf(LONG_PROMPT, freshSeed()), tokens: 1 });
        const fault = answer.promptTokens === LONG_PROMPT ? {} : { fault: `${answer.promptTokens} prompt tokens` };
        return { figure: LONG_PROMPT / (answer.firstMs / 1000), tokens: LONG_PROMPT, ...fault };
      },
    });
    const probe: Side = {
      name: "raw loop",
      measure: async () => {
        const { prefillSeconds } = await bench.probe.run({ prompt: LONG_PROMPT });
        return { figure: LONG_PROMPT / prefillSeconds, tokens: LONG_PROMPT };
      },
    };
    await compare(bench, row, side(bench.puna), probe, { atLeast: 0.97 });
    for (const peer of bench.peers) await compare(bench, row, side(bench.puna), side(peer));
  },
};

export const warm: Scenario = {
  id: "S4",
  title: "first token of a known prompt",
  async run(bench) {
    const row = { scenario: "S4", what: "first token, prompt known", unit: "ms" };
    const perSecond = { show: (figure: number) => 1000 / figure };
    const side = (contestant: Contestant): Side => {
      const prompt = promptOf(LONG_PROMPT, freshSeed());
      return {
        name: contestant.name,
        measure: async () => ({ figure: 1000 / (await contestant.generate({ prompt, tokens: 4 })).firstMs }),
      };
    };
    await compare(
      bench,
      row,
      side(bench.puna),
      { name: "two raw steps", measure: () => twoSteps(bench) },
      { ...perSecond, atLeast: 1 },
    );
    for (const peer of bench.peers) await compare(bench, row, side(bench.puna), side(peer), perSecond);
  },
};

async function twoSteps({ probe }: Bench) {
  const steps = 17;
  const { decodeSeconds } = await probe.run({ prompt: LONG_PROMPT, tokens: steps });
  return { figure: (steps - 1) / decodeSeconds / 2 };
}
