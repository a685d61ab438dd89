/** A process with a knowledge base, as the server is one: what writes and what searches are threads of it. */
import path from "node:path";
import { KnowledgeStore } from "#puna/knowledge/bases";
import { search } from "#puna/knowledge/search";
import { Database } from "#puna/store/db";
import { residentBytes } from "../proc.ts";
import { corpus } from "./corpus.ts";
import { hashEmbedder } from "./embedder.ts";
import { Folder } from "./folder.ts";
import type { Answer, Imported, Looked, Order, Searched } from "./protocol.ts";

const texts = corpus();
const embedder = hashEmbedder();
const stores = new Map<string, KnowledgeStore>();

process.on("message", (order: Order) => {
  carryOut(order).then(answer, (error: Error) => answer({ error: error.stack ?? error.message }));
});

async function carryOut(order: Order): Promise<Answer> {
  if (order.do === "import") return { imported: await importing(order) };
  if (order.do === "search") return { searched: await searching(order) };
  return { looked: await looking(order) };
}

function answer(what: Answer): void {
  process.send?.(what);
}

function storeIn(home: string): KnowledgeStore {
  const store =
    stores.get(home) ?? new KnowledgeStore({ home, database: new Database(home), findEmbedder: async () => embedder });
  stores.set(home, store);
  return store;
}

async function importing({ home, folder, from, to, embedder: isEmbedded }: Extract<Order, { do: "import" }>): Promise<Imported> {
  const store = storeIn(home);
  const settings = isEmbedded ? { embedder: embedder.name } : {};
  const base = await store.create({ name: `bench ${from}`, settings });
  const items = Array.from({ length: to - from }, (_, i) => path.join(folder, texts.document(from + i).name));
  const began = performance.now();
  const { id } = await store.add(
    base.id,
    items.map((file) => ({ place: file, source: { kind: "file", path: file } })),
  );
  const job = await store.importer.wait(id);
  const seconds = (performance.now() - began) / 1000;
  if (job.state !== "done") throw new Error(`the import ended as ${job.state}: ${job.reason}`);
  const { passages, documents } = store.byId(base.id);
  return { passages, documents, failed: job.items.failed, seconds };
}

async function searching({ home, documents, nth }: Extract<Order, { do: "search" }>): Promise<Searched> {
  const store = storeIn(home);
  const base = store.list()[0]?.id ?? 0;
  const tookMs: number[] = [];
  let hits = 0;
  const cpu = process.cpuUsage();
  for (const number of documents) {
    const query = texts.question(number, nth);
    const began = performance.now();
    const found = await search(store, base, { query });
    tookMs.push(performance.now() - began);
    if (found.notices.length > 0) throw new Error(found.notices.join("; "));
    hits += found.hits.length;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { tookMs, cpuMs: (user + system) / 1000, hits, residentBytes: residentBytes(process.pid) };
}

let watched: Folder | undefined;

async function looking({ home, folder }: Extract<Order, { do: "look" }>): Promise<Looked> {
  watched ??= await Folder.in(home, folder);
  return await watched.look();
}
