/** The thread of in-thread.ts. Messages: `{done, total}` in bytes, then `{end: true}` or `{fault}`. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf, PunaError } from "../../errors.ts";
import { convertAdapter } from "./adapter.ts";
import { convertFolder } from "./convert.ts";
import type { Job, Report } from "./in-thread.ts";

const LEAST_MS = 100;

const say = (report: Report) => parentPort?.postMessage(report);
const job = workerData as Job;
let told = 0;

try {
  if ("base" in job) await convertAdapter(job);
  else {
    await convertFolder(job, (done, total) => {
      if (performance.now() - told < LEAST_MS) return;
      told = performance.now();
      say({ done, total });
    });
  }
  say({ end: true });
} catch (error) {
  const status = error instanceof PunaError ? error.status : 500;
  say({ fault: messageOf(error), status });
}
