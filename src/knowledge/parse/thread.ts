/** The thread of in-thread.ts: one document after the other. */
import { parentPort } from "node:worker_threads";
import { messageOf } from "../../errors.ts";
import { type ParsedDocument, Unreadable, type UnreadableReason } from "../types.ts";
import type { Source } from "./limits.ts";
import { readDocument } from "./read.ts";

export interface Task {
  bytes: Uint8Array;
  source: Source;
}
export type Outcome = { document: ParsedDocument } | { reason: UnreadableReason; message: string };

// A promise that pdf.js forgot must not cost the document; the one that counts is awaited below.
process.on("unhandledRejection", () => {});

parentPort?.on("message", ({ bytes, source }: Task) => {
  readDocument(bytes, source).then(
    (document) => parentPort?.postMessage({ document } satisfies Outcome),
    (error) => {
      const reason = error instanceof Unreadable ? error.reason : "damaged";
      parentPort?.postMessage({ reason, message: messageOf(error) } satisfies Outcome);
    },
  );
});
