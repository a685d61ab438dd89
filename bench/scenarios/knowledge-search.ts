/** K1: a search by words and meaning in 100,000 passages, English and Chinese, and what the process holds in memory. */
import { type Scenario, type Stand, sampleOptions } from "../bench.ts";
import { BaseProcess, largeBase } from "../knowledge/bases.ts";
import type { Searched } from "../knowledge/protocol.ts";
import { type Sample, takeSample } from "../pairs.ts";

const PASSAGES = 100_000;
const QUESTIONS = 200;
const LANGUAGES = [
  { name: "English", first: 0 },
  { name: "Chinese", first: 1 },
];

export const knowledgeSearch: Scenario = {
  id: "K1",
  title: "search in a large knowledge base",
  needsEngine: false,
  async run(stand) {
    const passages = stand.options.quick ? PASSAGES / 10 : PASSAGES;
    const { home, documents } = await largeBase(passages);
    const process = new BaseProcess();
    try {
      // Reads the vectors into memory.
      const first = await process.search(home, [0], 0);
      let residentBytes = 0;
      for (const { name, first: offset } of LANGUAGES) {
        const of = `${name}, ${passages.toLocaleString("en")} passages`;
        const asked = Array.from({ length: QUESTIONS }, (_, i) => (offset + 14 * i) % (documents & ~1));
        // Each time other questions: what was asked before is found sooner.
        let nth = 0;
        const ask = async () => await process.search(home, asked, ++nth);
        const { searched, samples } = await rounds(stand, ask);
        const took = searched.flatMap(({ tookMs }) => tookMs).sort((a, b) => a - b);
        const cpuMs = searched.reduce((sum, one) => sum + one.cpuMs, 0) / took.length;
        const valid = samples.every(({ disturbance }) => disturbance.quiet);
        for (const [what, share, atMost] of [
          ["median", 0.5, 25],
          ["95th percentile", 0.95, 60],
        ] as const) {
          const ours = took[Math.floor(took.length * share)] ?? Number.NaN;
          stand.rows.push({
            scenario: "K1",
            what: `search, ${what}: ${of}`,
            unit: "ms",
            ours,
            promise: { text: `<= ${atMost}`, met: ours <= atMost },
            valid,
            note: `CPU ${cpuMs.toFixed(1)} ms a search`,
            samples,
          });
        }
        residentBytes = Math.max(residentBytes, ...searched.map((one) => one.residentBytes));
      }
      const ours = residentBytes / 1e6;
      stand.rows.push({
        scenario: "K1",
        what: "memory of the process that searches",
        unit: "MB",
        ours,
        promise: { text: "<= 500", met: ours <= 500 },
        valid: true,
        note: `the first search took ${first.tookMs[0]?.toFixed(0)} ms`,
        samples: [ours],
      });
    } finally {
      await process.close();
    }
  },
};

async function rounds(stand: Stand, ask: () => Promise<Searched>): Promise<{ searched: Searched[]; samples: Sample[] }> {
  const searched: Searched[] = [];
  const samples: Sample[] = [];
  await ask();
  for (let round = 0; round < stand.options.rounds; round++) {
    let last: Searched | undefined;
    samples.push(
      await takeSample(async () => {
        last = await ask();
        return { figure: 1, tokens: QUESTIONS, ...(last.hits === 0 && { fault: "nothing was found" }) };
      }, sampleOptions(stand)),
    );
    if (last) searched.push(last);
  }
  return { searched, samples };
}
