/** S18: what the server holds in memory before any model is loaded. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../bench.ts";
import { family, residentBytes } from "../proc.ts";
import { Puna } from "../puna.ts";

export const idle: Scenario = {
  id: "S18",
  title: "an idle server",
  async run(bench) {
    const puna = await Puna.start({ threads: bench.options.threads, parallel: 1, context: 1024 });
    try {
      await sleep(3000);
      const others = family([puna.pid]).filter(({ pid }) => pid !== puna.pid);
      const megabytes = (bytes: number) => bytes / 1e6;
      const ours = megabytes(residentBytes(puna.pid));
      const note = others.map(({ pid }) => `${megabytes(residentBytes(pid)).toFixed(0)} MB in a waiting runner`).join(", ");
      bench.rows.push({
        scenario: "S18",
        what: "memory, no model loaded",
        unit: "MB",
        ours,
        promise: { text: "<= 80", met: ours <= 80 },
        valid: true,
        ...(note && { note }),
        samples: [ours],
      });
    } finally {
      await puna.close();
    }
  },
};
