/** Knowledge bases in a folder of their own, without a server around them. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { KnowledgeStore } from "../../src/knowledge/bases.ts";
import type { Embedder } from "../../src/knowledge/embedder.ts";
import { PARSE_LIMITS } from "../../src/knowledge/parse/limits.ts";
import { readDocument } from "../../src/knowledge/parse/read.ts";
import type { Reranker } from "../../src/knowledge/reranker.ts";
import type { Job } from "../../src/knowledge/rows/jobs.ts";
import { Database } from "../../src/store/db.ts";

export interface OpenStore {
  home: string;
  database: Database;
  store: KnowledgeStore;
  /** Imports, and waits for the end. */
  add(base: number, files: Record<string, string | Uint8Array>): Promise<Job>;
  /** `keep`: the home stays, to be opened again. */
  close(how?: "keep"): Promise<void>;
}

/** In this thread, so that a test may look inside; `threads` as in the product, from the build. */
export function openStore({
  embedders = [],
  rerankers = [],
  threads = false,
  postgres,
  home = mkdtempSync(path.join(os.tmpdir(), "puna-knowledge-")),
}: {
  embedders?: readonly Embedder[];
  rerankers?: readonly Reranker[];
  threads?: boolean;
  postgres?: string;
  /** One that was there before. */
  home?: string;
} = {}): OpenStore {
  const database = new Database(home);
  const store = new KnowledgeStore({
    home,
    database,
    threads,
    postgres,
    findEmbedder: async (name) => {
      const found = embedders.find((embedder) => embedder.name === name);
      if (!found) throw new Error(`no embedder ${name}`);
      return found;
    },
    findReranker: async (name) => {
      const found = rerankers.find((reranker) => reranker.name === name);
      if (!found) throw new Error(`no reranking model ${name}`);
      return found;
    },
    ...(!threads && {
      parse: async (bytes, hint, limits) => await readDocument(bytes, { ...hint, limits: { ...PARSE_LIMITS, ...limits } }),
    }),
  });
  return {
    home,
    database,
    store,
    async add(base, files) {
      const items = Object.entries(files).map(async ([name, content]) => {
        const { sha256 } = await store.uploads.keep(Readable.from([Buffer.from(content)]), name);
        return { place: name, source: { kind: "upload", sha256, name } };
      });
      const { id } = await store.add(base, await Promise.all(items));
      store.uploads.settle((await Promise.all(items)).map(({ source }) => source.sha256));
      return await store.importer.wait(id);
    },
    async close(how) {
      await store.close();
      database.close();
      if (how !== "keep") rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Gives each text a vector of its own that is the same each time; `change` spoils some. */
export function hashEmbedder(
  name: string,
  dimensions = 8,
  change: (vector: Float32Array, text: string) => Float32Array | undefined = (vector) => vector,
): Embedder & { calls: number } {
  return {
    name,
    digest: `digest of ${name}`,
    calls: 0,
    async embed(texts) {
      this.calls++;
      return texts.flatMap((text) => {
        const hash = createHash("sha512").update(`${name} ${text}`).digest();
        const vector = Float32Array.from({ length: dimensions }, (_, i) => hash.readInt16LE((i * 2) % 64));
        return change(vector, text) ?? [];
      });
    },
  };
}
