/** S17: what the way from the loop to the client costs a token, on a model so small that nothing hides it. */
import { alone, type Scenario } from "../bench.ts";
import { decodeRate } from "../contestant.ts";
import { modelFolder } from "../folders.ts";
import { Probe } from "../probe.ts";
import { Puna } from "../puna.ts";
import { syntheticModel } from "../synthetic.ts";
import { promptOf } from "../vocabulary.ts";

export const streaming: Scenario = {
  id: "S17",
  title: "overhead of streaming",
  async run(bench) {
    const tokens = 200;
    const { threads } = bench.options;
    const model = await syntheticModel("tiny", "Q4_0", modelFolder);
    const probe = await Probe.start({ model, threads, cells: 1024, sequences: 1 });
    const puna = await Puna.start({ threads, parallel: 1, context: 1024 });
    try {
      await puna.load(model);
      const row = { scenario: "S17", what: "streaming, tiny model", unit: "us/token" };
      await alone(
        bench,
        row,
        async () => {
          const { figure } = decodeRate(await puna.generate({ prompt: promptOf(16), tokens }), tokens);
          const { decodeSeconds } = await probe.run({ prompt: 16, tokens });
          return (1 / figure - decodeSeconds / (tokens - 1)) * 1e6;
        },
        { atMost: 60 },
      );
    } finally {
      await puna.close();
      await probe.close();
    }
  },
};
