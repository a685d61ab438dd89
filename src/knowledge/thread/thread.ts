/** The entry of both threads of the knowledge bases. Each has its own connection to the database. */
import { parentPort, workerData } from "node:worker_threads";
import { Database } from "../../store/db.ts";
import { openIndex } from "../index/open.ts";
import { Searcher } from "../searcher.ts";
import { KnowledgeWriter } from "../sources/writer.ts";
import { host } from "./remote.ts";
import type { ThreadData } from "./start.ts";

/** Nobody waits at these threads' doors: they can wait until another process has written a long document. */
const BUSY_MS = 60_000;
/** What is searched again and again, such as where the more frequent words stand, is held in memory; so are pages that an import changes. */
const CACHE_KB: Record<ThreadData["role"], number> = { searcher: 48 << 10, writer: 16 << 10 };

const { role, home, postgres } = workerData as ThreadData;
const database = new Database(home, undefined, { busyMs: BUSY_MS, cacheKb: CACHE_KB[role] });
const index = openIndex(database, postgres);
if (parentPort) host(role === "writer" ? new KnowledgeWriter(database, index) : new Searcher(database, index), parentPort);
