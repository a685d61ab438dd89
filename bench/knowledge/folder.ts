/** A folder that a base of its own keeps up with. */
import { KnowledgeStore } from "#puna/knowledge/bases";
import { Git } from "#puna/knowledge/sources/git";
import { sourceReaders } from "#puna/knowledge/sources/readers";
import { Sources } from "#puna/knowledge/sources/sources";
import { AddressGuard } from "#puna/net/guard";
import { Web } from "#puna/net/web";
import { Database } from "#puna/store/db";
import type { Looked } from "./protocol.ts";

export class Folder {
  readonly #database: Database;
  readonly #sources: Sources;
  readonly #id: number;

  private constructor(database: Database, sources: Sources, id: number) {
    this.#database = database;
    this.#sources = sources;
    this.#id = id;
  }

  /** Imported, with whatever is in it. */
  static async in(home: string, folder: string): Promise<Folder> {
    const database = new Database(home);
    const userAgent = "Puna/bench";
    const web = new Web({ guard: new AddressGuard([]), userAgent, proxy: { http: "", https: "", no: "*" } });
    const git = new Git({ web, userAgent });
    const store = new KnowledgeStore({ home, database, readers: sourceReaders({ web, git, home }) });
    const sources = new Sources({ store, database, home, web, git });
    const { id: base } = await store.create({ name: "watched" });
    const { id } = await sources.create(base, { kind: "folder", location: folder, options: {}, everyMs: undefined });
    await sources.settled(id);
    return new Folder(database, sources, id);
  }

  async look(): Promise<Looked> {
    const version = () => this.#database.open().prepare("PRAGMA data_version").get()?.data_version;
    const before = version();
    const cpu = process.cpuUsage();
    const began = performance.now();
    const result = await this.#sources.sync(this.#id);
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    if (result?.error !== undefined) throw new Error(result.error);
    return { seconds, cpuMs: (user + system) / 1000, unchanged: result?.unchanged ?? 0, isWritten: version() !== before };
  }
}
