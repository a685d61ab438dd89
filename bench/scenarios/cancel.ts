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
    const usual: number[] = [];
    await alone(
      bench,
      { scenario: "S20", what: "next first token after a cancel", unit: "ms" },
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
        const { firstMs } = await next;
        usual.push((await short()).firstMs);
        return firstMs;
      },
      // what the answer itself takes is within the figure, so the slot was free earlier still
      { atMost: 150, note: () => `the same answer undisturbed: ${Math.min(...usual).toFixed(1)}` },
    );
  },
};
