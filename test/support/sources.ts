/** A store of knowledge bases with its sources, in a folder of its own and without a server. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { KnowledgeStore } from "../../src/knowledge/bases.ts";
import type { NewSource } from "../../src/knowledge/rows/sources.ts";
import { Git } from "../../src/knowledge/sources/git.ts";
import type { GitLimits } from "../../src/knowledge/sources/git-process.ts";
import type { SourceState } from "../../src/knowledge/sources/live.ts";
import { sourceReaders } from "../../src/knowledge/sources/readers.ts";
import { Sources } from "../../src/knowledge/sources/sources.ts";
import type { Web } from "../../src/net/web.ts";
import { Database } from "../../src/store/db.ts";
import { localWeb } from "./local-site.ts";

export interface Library {
  home: string;
  /** An empty folder beside it. */
  folder: string;
  database: Database;
  store: KnowledgeStore;
  sources: Sources;
  base: number;
  /** Made, and looked at once. */
  add(source: Partial<NewSource> & Pick<NewSource, "kind" | "location">): Promise<SourceState>;
  /** Added, changed, removed, unchanged, failed: "+1 ~0 -0 =2 !0". */
  sync(source: SourceState, options?: { again?: boolean }): Promise<string>;
  /** Places of the base, without the folder in front, each with its document's number. */
  places(): string[];
  /** Another process over the same files: as after a kill, what was open is left as it is. */
  restart(): Promise<Library>;
  close(): Promise<void>;
}

export async function library(
  options: { web?: Web; gitLimits?: Partial<GitLimits>; threads?: boolean; at?: string } = {},
): Promise<Library> {
  const root = options.at ?? mkdtempSync(path.join(os.tmpdir(), "puna-sources-"));
  const [home, folder] = [path.join(root, "home"), path.join(root, "folder")];
  mkdirSync(folder, { recursive: true });
  const database = new Database(home);
  const web = options.web ?? localWeb([]);
  const git = new Git({ web, userAgent: "Puna/test", ...(options.gitLimits && { limits: options.gitLimits }) });
  const readers = sourceReaders({ web, git, home });
  const store = new KnowledgeStore({ home, database, readers, threads: options.threads ?? false });
  const sources = new Sources({
    ...{ store, database, home, web, git, tickMs: 20 },
    manners: { restMs: 0, retryMs: 1 },
    watchTimes: { calmMs: 30, mostMs: 200 },
  });
  const base = options.at === undefined ? (await store.create({ name: "b" })).id : store.named("b").id;
  const strip = (place: string) => place.replace(`${folder}${path.sep}`, "");
  const close = async () => {
    await sources.close();
    await store.close();
    database.close();
  };
  return {
    ...{ home, folder, database, store, sources, base },
    async add({ kind, location, options: more = {}, everyMs }) {
      const made = await sources.create(base, { kind, location, options: more, everyMs });
      await sources.settled(made.id);
      return sources.get(base, made.id);
    },
    async sync({ id }, how) {
      return told(await sources.sync(id, how));
    },
    places: () => store.places(base).map(({ place, document }) => `${strip(place)} ${document}`),
    async restart() {
      await close();
      return await library({ ...options, at: root });
    },
    async close() {
      await close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function told(result: SourceState["result"]): string {
  if (!result) return "nothing";
  const { added, changed, removed, unchanged, failed, error } = result;
  return error ?? `+${added} ~${changed} -${removed} =${unchanged} !${failed}`;
}

/** Writes files, by path, with the folders that they need. */
export function write(folder: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
