/** S20: how soon a server with one slot is free again when a client leaves during its prefill. */
import { setTimeout as sleep } from "node:timers/promises";
import { alone, freshSeed, type Scenario } from "../bench.ts";
import { promptOf } from "../vocabulary.ts";

export const cancel: Scenario = {
  id: "S20",
  title: "cancel during prefill",
  async run(bench) {
    const puna = await bench.oneSlot();
    const known = promptOf(16, freshSeed());
    const short = () => puna.generate({ prompt: known, tokens: 1 });
    await short();
    // the best of a few: what the answer takes when nothing is in its way
    const usual: number[] = [];
    for (let time = 0; time < 5; time++) usual.push((await short()).firstMs);
    await alone(
      bench,
      { scenario: "S20", what: "slot free after a canceled prefill", unit: "ms" },
      async () => {
        const abort = new AbortController();
        const length = Math.min(4000, bench.context - 96);
        const long = puna.generate({ prompt: promptOf(length, freshSeed()), tokens: 1, signal: abort.signal }).then(
          () => "answered" as const,
          () => "canceled" as const,
        );
        await sleep(300);
        abort.abort();
        const next = short();
        if ((await long) === "answered")
          throw new Error("the prompt was prefilled before it could be canceled: use a larger model");
        return Math.max(0, (await next).firstMs - Math.min(...usual));
      },
      { atMost: 150 },
    );
  },
};
