/** K3: a second look at a folder of 1,000 files that have not changed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { alone, type Scenario } from "../bench.ts";
import { BaseProcess } from "../knowledge/bases.ts";

const FILES = 1000;

export const knowledgeLook: Scenario = {
  id: "K3",
  title: "a look at a folder that has not changed",
  needsEngine: false,
  async run(stand) {
    const home = mkdtempSync(path.join(os.tmpdir(), "puna-bench-look-"));
    const folder = path.join(home, "documents");
    for (let n = 0; n < FILES; n++) {
      mkdirSync(path.join(folder, String(n % 40)), { recursive: true });
      writeFileSync(path.join(folder, String(n % 40), `${n}.md`), `# Note ${n}\n\nWhat note ${n} says is said by no other.\n`);
    }
    const process = new BaseProcess();
    let cpuMs = 0;
    try {
      await alone(
        stand,
        { scenario: "K3", what: `second look at ${FILES.toLocaleString("en")} unchanged files`, unit: "s" },
        async () => {
          const looked = await process.look(home, folder);
          if (looked.unchanged !== FILES) throw new Error(`${looked.unchanged} of ${FILES} files are as they were`);
          if (looked.isWritten) throw new Error("the database was written");
          cpuMs = looked.cpuMs;
          return looked.seconds;
        },
        { atMost: 2, note: () => `CPU ${cpuMs.toFixed(0)} ms, nothing written` },
      );
    } finally {
      await process.close();
      rmSync(home, { recursive: true, force: true });
    }
  },
};
