/** The file of a base as a stream, written as fast as it is read. */
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { Database } from "../../store/db.ts";
import type { KnowledgeStore } from "../bases.ts";
import { type ExportOptions, exported } from "./export.ts";

/** While somebody reads, the database keeps what has changed since; who stops reading must not hold that for ever. */
const IDLE_MS = 120_000;

/** `home`: PUNA_HOME. A stream that breaks off is a file that every import refuses. */
export function packedBase(
  store: KnowledgeStore,
  home: string,
  base: number,
  { withVectors, idleMs = IDLE_MS }: { withVectors: boolean; idleMs?: number },
): Readable {
  const vectorsOf: ExportOptions["vectorsOf"] = (space, passages) => store.searcher.vectorsOf(space, passages);
  const gzip = createGzip();
  const source = Readable.from(read(home, base, withVectors ? { vectorsOf } : {}));
  const idle = setTimeout(() => gzip.destroy(new Error(`nobody read for ${idleMs / 1000} s`)), idleMs);
  source.on("data", () => idle.refresh()).pause();
  pipeline(source, gzip, () => clearTimeout(idle));
  return gzip;
}

/** On a connection of its own: it stays at one state until the end. */
async function* read(home: string, base: number, options: ExportOptions): AsyncGenerator<Buffer> {
  const database = new Database(home);
  try {
    yield* exported(database, base, options);
  } finally {
    database.close();
  }
}
