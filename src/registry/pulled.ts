/**
 * Which models came from a registry, as they are: nothing in a model's manifest says so, and a model that somebody made here must never
 * be replaced by one that happens to have its name. One small file, `pulled.json` in PUNA_HOME.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { writeWhole } from "../models/files.ts";
import { isRecord } from "../models/manifest.ts";
import { fullName, type ModelName } from "../models/name.ts";

const log = logger("registry");

export class PulledModels {
  readonly #file: string;
  #turn: Promise<void> = Promise.resolve();

  constructor(home: string) {
    this.#file = path.join(home, "pulled.json");
  }

  /** Remembers what a pull has written: `sha256:<hex>` of the manifest. A disk that says no costs this memory, not the pull. */
  async note(name: ModelName, digest: string): Promise<void> {
    const turn = this.#turn.then(async () => {
      const known = await this.#read();
      if (known.get(keyOf(name)) === digest) return;
      known.set(keyOf(name), digest);
      await writeWhole(this.#file, Buffer.from(`${JSON.stringify(Object.fromEntries(known), null, 1)}\n`));
    });
    this.#turn = turn.catch((error) => log.warn("cannot note what was pulled", { reason: messageOf(error) }));
    await this.#turn;
  }

  /** Tells of a name and a manifest's digest whether that is what was pulled. Another digest is another model. */
  async recall(): Promise<(name: ModelName, digest: string) => boolean> {
    const known = await this.#read();
    return (name, digest) => known.get(keyOf(name)) === digest;
  }

  /** A file that is missing or damaged knows of nothing. */
  async #read(): Promise<Map<string, string>> {
    try {
      const parsed: unknown = JSON.parse(await readFile(this.#file, "utf8"));
      const entries = isRecord(parsed) ? Object.entries(parsed) : [];
      return new Map(entries.flatMap(([name, digest]) => (typeof digest === "string" ? [[name, digest]] : [])));
    } catch {
      return new Map();
    }
  }
}

function keyOf(name: ModelName): string {
  return fullName(name).toLowerCase();
}
