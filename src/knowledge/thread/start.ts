/** Starts a thread of the knowledge bases. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

type Role = "writer" | "searcher";

/** What a thread is told. */
export interface ThreadData {
  role: Role;
  home: string;
  postgres: string | undefined;
}

export function startThread(data: ThreadData): Worker {
  return new Worker(entry(), { workerData: data, name: `knowledge ${data.role}` });
}

/** Compiled, since Node 20 runs no TypeScript; from the sources (in tests) the build's own is taken. */
function entry(): string {
  const relative = import.meta.url.endsWith(".ts") ? "../../../dist/knowledge/thread/thread.js" : "./thread.js";
  return fileURLToPath(new URL(relative, import.meta.url));
}
