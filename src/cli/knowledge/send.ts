/** Sends to a base what is to be added. Every request is an import of its own. */
import { messageOf, PunaError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { Progress } from "../terminal/progress.ts";
import { formOf } from "./form.ts";
import type { Gathered, LocalFile } from "./gather.ts";
import type { Failure } from "./outcome.ts";

/** Of one request. The server takes more; an upload that breaks off loses no more than this. */
const MOST_FILES = 500;
const MOST_BYTES = 256 * 1024 * 1024;
/** Larger files go alone: should one be refused, the others are not. */
const LARGE_BYTES = 32 * 1024 * 1024;

export interface Sent {
  jobs: number[];
  /** Files that did not even reach the server. */
  failures: Failure[];
}

export async function send(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  base: string,
  { files, items, unread }: Gathered,
  signal: AbortSignal,
): Promise<Sent> {
  const sent: Sent = { jobs: [], failures: [...unread] };
  if (items.length > 0) sent.jobs.push((await client.knowledge.addItems(base, items, { signal })).job.id);
  const progress = new Progress(terminal);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let completed = 0;
  const onBytes = (count: number) => {
    completed += count;
    progress.update({ status: "sending", digest: "files", total, completed });
  };
  try {
    for (const batch of batches(files)) {
      const unreadable: Failure[] = [];
      const onUnreadable = ({ place }: LocalFile, reason: string) =>
        void unreadable.push({ place, reason, code: "unreadable_source" });
      try {
        const { job } = await client.knowledge.addFiles(base, formOf(batch, { onBytes, onUnreadable }), { signal });
        sent.jobs.push(job.id);
      } catch (error) {
        // One file alone, or none that could be read: no reason to leave out the others.
        const [only] = batch;
        if (unreadable.length < batch.length && !(batch.length === 1 && only && isAboutTheFile(error))) throw error;
        if (unreadable.length === 0 && only) unreadable.push({ place: only.place, reason: messageOf(error), code: null });
      }
      sent.failures.push(...unreadable);
    }
  } finally {
    progress.clear();
  }
  return sent;
}

function isAboutTheFile(error: unknown): boolean {
  return error instanceof PunaError && (error.status === 413 || error.status === 400);
}

function batches(files: readonly LocalFile[]): LocalFile[][] {
  const made: LocalFile[][] = [];
  let [batch, bytes]: [LocalFile[], number] = [[], 0];
  for (const file of files) {
    if (file.bytes > LARGE_BYTES) {
      made.push([file]);
      continue;
    }
    if (batch.length === MOST_FILES || bytes + file.bytes > MOST_BYTES) {
      made.push(batch);
      [batch, bytes] = [[], 0];
    }
    batch.push(file);
    bytes += file.bytes;
  }
  return batch.length > 0 ? [...made, batch] : made;
}
