/** The thread of threaded-download.ts: one download, and word of how far it is. The message `stop` ends it. */
import { parentPort, workerData } from "node:worker_threads";
import { Canceled, messageOf, PunaError } from "../errors.ts";
import { Blobs } from "../models/blobs.ts";
import { storeError } from "../models/files.ts";
import { download } from "./download.ts";
import { known } from "./failure.ts";
import { RateLimit } from "./rate.ts";
import { Session } from "./session.ts";
import { blobAt } from "./source.ts";
import type { FromThread, Work } from "./threaded-download.ts";
import { Wire } from "./wire.ts";

/** Who shows progress looks no more often. */
const SAY_EVERY_MS = 30;

const { root, url, digest, sizeBytes, session, settings } = workerData as Work;
const stop = new AbortController();
const wire = new Wire(session.wire);
const say = (message: FromThread) => parentPort?.postMessage(message);

let saidAt = 0;
parentPort?.on("message", () => stop.abort());
try {
  const source = blobAt(new Session(session, wire), new URL(url), { digest, sizeBytes });
  await download(source, {
    blobs: new Blobs(root),
    settings: { ...settings, limit: new RateLimit(settings.limit) },
    onProgress(completed) {
      const now = performance.now();
      if (completed < sizeBytes && now - saidAt < SAY_EVERY_MS) return;
      saidAt = now;
      say({ completed });
    },
    signal: stop.signal,
    waitsForDisk: true,
  });
  say({ done: true });
} catch (thrown) {
  const error = stop.signal.aborted ? new Canceled() : known(storeError(thrown, root));
  if (error instanceof PunaError) say({ failed: { status: error.status, message: error.message } });
  else say({ fault: thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown) });
} finally {
  wire.close();
  parentPort?.close();
}
