/** K2: Markdown files into a knowledge base without an embedder: read, parsed, cut, indexed by their words, measured. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { alone, type Scenario } from "../bench.ts";
import { BaseProcess, writeDocuments } from "../knowledge/bases.ts";

const DOCUMENTS = 200;

export const knowledgeImport: Scenario = {
  id: "K2",
  title: "an import of Markdown files",
  needsEngine: false,
  async run(stand) {
    const folder = mkdtempSync(path.join(os.tmpdir(), "puna-bench-import-"));
    const process = new BaseProcess();
    let next = 0;
    let total = 0;
    try {
      await alone(
        stand,
        { scenario: "K2", what: `import of ${DOCUMENTS} Markdown files`, unit: "passages/s" },
        async () => {
          const [from, to] = [next, next + DOCUMENTS];
          next = to;
          const documents = path.join(folder, String(from));
          writeDocuments(documents, from, to);
          const { passages, failed, seconds } = await process.import({
            home: path.join(folder, "home"),
            folder: documents,
            from,
            to,
            embedder: false,
          });
          if (failed > 0) throw new Error(`${failed} documents could not be read`);
          total = passages;
          return passages / seconds;
        },
        { atLeast: 1000, note: () => `${total} passages each time` },
      );
    } finally {
      await process.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
