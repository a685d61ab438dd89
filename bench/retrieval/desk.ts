/** A whole Puna in this process without a port: model store, runners, knowledge bases, and the routes that clients use. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { ApiKeys } from "#puna/accounts/keys";
import { readConfig } from "#puna/config";
import type { KnowledgeStore } from "#puna/knowledge/bases";
import { unitVector } from "#puna/knowledge/embedder";
import { SqliteIndex } from "#puna/knowledge/index/sqlite/index";
import { readPassages } from "#puna/knowledge/rows/passages";
import { ModelStore } from "#puna/models/store";
import { Scheduler } from "#puna/runtime/schedule";
import { createApp } from "#puna/server/app";
import { startKnowledge } from "#puna/server/knowledge/start";
import { Database } from "#puna/store/db";

export class Desk {
  readonly knowledge: KnowledgeStore;
  readonly #home = mkdtempSync(path.join(os.tmpdir(), "puna-retrieval-"));
  readonly #database = new Database(this.#home);
  readonly #index = new SqliteIndex(this.#database);
  readonly #runtime: Scheduler;
  readonly #sources: ReturnType<typeof startKnowledge>["sources"];
  readonly #app: ReturnType<typeof createApp>;

  constructor() {
    const config = readConfig({ PUNA_HOME: this.#home, PUNA_THREADS: process.env.PUNA_THREADS ?? "1", OLLAMA_KEEP_ALIVE: "-1" });
    const store = new ModelStore(config.models);
    this.#runtime = new Scheduler(config);
    const keys = new ApiKeys(this.#database);
    const deps = { config, store, runtime: this.#runtime, keys, localSecret: undefined, version: "bench" };
    const { knowledge, sources } = startKnowledge(deps, this.#database);
    this.knowledge = knowledge;
    this.#sources = sources;
    this.#app = createApp({ ...deps, knowledge, sources });
  }

  /** Makes a model of a GGUF file, through the API. */
  async model(name: string, file: string): Promise<void> {
    const bytes = readFileSync(file);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    await this.request(`/api/blobs/${digest}`, bytes);
    await this.request("/api/create", JSON.stringify({ model: name, files: { [path.basename(file)]: digest }, stream: false }));
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever the wire holds
  async ask(route: string, body: object): Promise<any> {
    return await (await this.request(route, JSON.stringify(body))).json();
  }

  /** Texts as documents, through the import that every document goes through. */
  readonly add = async (base: number, documents: readonly { name: string; text: string }[]): Promise<void> => {
    const items = documents.map(async ({ name, text }) => {
      const { sha256 } = await this.knowledge.uploads.keep(Readable.from([Buffer.from(text)]), name);
      return { place: name, source: { kind: "upload", sha256, name } };
    });
    const { id } = await this.knowledge.add(base, await Promise.all(items));
    const job = await this.knowledge.importer.wait(id);
    if (job.state !== "done" || job.items.failed > 0 || job.reason !== undefined)
      throw new Error(`the import is ${job.state}: ${job.reason ?? `${job.items.failed} failed`}`);
  };

  /** The documents' ids by their names. */
  ids(base: number): Map<string, number> {
    return new Map(this.knowledge.documents(base, { limit: 100_000 }).map(({ id, name }) => [name, id]));
  }

  /** Passages by their vectors alone, which no search does. */
  readonly nearest = async (base: number, question: string, limit: number): Promise<{ document: string }[]> => {
    const { liveSpace } = this.knowledge.byId(base);
    if (liveSpace === undefined) return [];
    const { embedder, dimensions } = this.knowledge.space(liveSpace);
    const [made] = await (await this.knowledge.embedder(embedder)).embed([question], "query");
    const vector = unitVector(made, dimensions);
    if (typeof vector === "string") return [];
    const found = this.#index.byVector(liveSpace, vector, { limit });
    return readPassages(
      this.#database,
      found.map(({ passage }) => passage),
    ).map(({ name }) => ({ document: name }));
  };

  async request(route: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> {
    const response = await this.#app.request(route, { method: "POST", body });
    if (!response.ok) throw new Error(`${route} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return response;
  }

  async close(): Promise<void> {
    await this.#sources.close();
    await this.knowledge.close();
    await this.#runtime.close();
    this.#database.close();
    rmSync(this.#home, { recursive: true, force: true });
  }
}
