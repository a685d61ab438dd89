/** Starts a thread of the knowledge bases. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

export type Role = "writer" | "searcher";

export function startThread(role: Role, home: string): Worker {
  return new Worker(entry(), { workerData: { role, home }, name: `knowledge ${role}` });
}

/** Compiled, since Node 20 runs no TypeScript; from the sources (in tests) the build's own is taken. */
function entry(): string {
  const relative = import.meta.url.endsWith(".ts") ? "../../../dist/knowledge/thread/thread.js" : "./thread.js";
  return fileURLToPath(new URL(relative, import.meta.url));
}
