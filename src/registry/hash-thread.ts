/** The thread of hasher.ts. Messages: `{end, last}`; the answer to the last is the hex digest. */
import { parentPort, workerData } from "node:worker_threads";
import { FileHash } from "./hasher.ts";

const hash = new FileHash(String(workerData));
parentPort?.on("message", ({ end, last }: { end: number; last: boolean }) => {
  if (last) {
    parentPort?.postMessage(hash.finish(end));
    hash.close();
    parentPort?.close();
  } else hash.advance(end);
});
