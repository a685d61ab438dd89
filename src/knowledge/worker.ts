/** Who works on something that is written down in the database: a host, a process of it, and which one of its workers. */
import { randomBytes } from "node:crypto";
import os from "node:os";
import { isAlive } from "./import/alive.ts";

export function newWorker(): string {
  return `${os.hostname()} ${process.pid} ${randomBytes(6).toString("hex")}`;
}

/** Whether a worker of this host is not there any more. `self` is who asks; one of before may have had the number that this process has. */
export function isGone(worker: string, self: string): boolean {
  const [host, pid] = worker.split(" ");
  return host === os.hostname() && worker !== self && (Number(pid) === process.pid || !isAlive(Number(pid)));
}
