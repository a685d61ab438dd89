/** Models that really run, without a server: what knowledge bases are given to embed and to rank with. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ApiKeys } from "../../src/accounts/keys.ts";
import { readConfig } from "../../src/config.ts";
import { ModelStore } from "../../src/models/store.ts";
import { Scheduler } from "../../src/runtime/schedule.ts";
import { createApp } from "../../src/server/app.ts";
import { findEmbedder } from "../../src/server/knowledge/embedder.ts";
import { findReranker } from "../../src/server/knowledge/reranker.ts";
import { startKnowledge } from "../../src/server/knowledge/start.ts";
import { Database } from "../../src/store/db.ts";

export interface Engine {
  /** Makes a model of a GGUF file, through the API. */
  create(name: string, file: string): Promise<void>;
  findEmbedder(name: string): ReturnType<typeof findEmbedder>;
  findReranker(name: string): ReturnType<typeof findReranker>;
  close(): Promise<void>;
}

export function engine(): Engine {
  const home = mkdtempSync(path.join(os.tmpdir(), "puna-engine-"));
  const config = readConfig({ PUNA_HOME: home, PUNA_THREADS: "1" });
  const database = new Database(home);
  const runtime = new Scheduler(config);
  const store = new ModelStore(config.models);
  const deps = { config, store, runtime, keys: new ApiKeys(database), localSecret: undefined, version: "test" };
  const { knowledge, sources } = startKnowledge(deps, database);
  const app = createApp({ ...deps, knowledge, sources });
  const post = async (route: string, body: string | Uint8Array<ArrayBuffer>) => {
    const response = await app.request(route, { method: "POST", body });
    if (!response.ok) throw new Error(`${route}: ${await response.text()}`);
  };
  return {
    async create(name, file) {
      const bytes = readFileSync(file);
      const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      await post(`/api/blobs/${digest}`, bytes);
      await post("/api/create", JSON.stringify({ model: name, files: { [path.basename(file)]: digest }, stream: false }));
    },
    findEmbedder: async (name) => await findEmbedder(deps, name),
    findReranker: async (name) => await findReranker(deps, name),
    async close() {
      await sources.close();
      await knowledge.close();
      await runtime.close();
      database.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
