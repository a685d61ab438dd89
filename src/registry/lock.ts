/** One process at a time writes to an unfinished download. A lock whose holder is gone counts for nothing. */
import { readFileSync } from "node:fs";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import os from "node:os";
import { Busy, codeOf } from "../errors.ts";

/** How often a holder shows that it lives, and after how long others stop believing it. */
const BEAT_MS = 15_000;
const STALE_MS = 90_000;

export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock, or throws Busy naming who holds it. `what` is what is locked. */
export async function takeLock(file: string, what: string): Promise<Lock> {
  const mine = JSON.stringify({ host: os.hostname(), pid: process.pid, started: startOf(process.pid) });
  for (let tries = 0; ; tries++) {
    try {
      const handle = await open(file, "wx");
      await handle.writeFile(mine).finally(() => handle.close());
      const beat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), BEAT_MS).unref();
      return {
        async release() {
          clearInterval(beat);
          await rm(file, { force: true });
        },
      };
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
      const holder = await holderOf(file);
      if (tries >= 3 || (holder && (await isAlive(holder, file)))) {
        throw new Busy(
          `${what} is being downloaded by another process${holder ? ` (${holder.pid} on ${holder.host})` : ""}; wait for it, or stop it`,
        );
      }
      await rm(file, { force: true });
    }
  }
}

interface Holder {
  host: string;
  pid: number;
  started: string;
}

/** Undefined for a file that is gone, or was torn when its writer died. */
async function holderOf(file: string): Promise<Holder | undefined> {
  try {
    const { host, pid, started } = JSON.parse(await readFile(file, "utf8")) as Partial<Holder>;
    return typeof pid === "number" && host !== undefined && started !== undefined ? { host, pid, started } : undefined;
  } catch {
    return undefined;
  }
}

/** A number that was given anew belongs to a process that started at another time. Another machine's process must show itself. */
async function isAlive({ host, pid, started }: Holder, file: string): Promise<boolean> {
  if (host !== os.hostname()) {
    const touched = (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
    return Date.now() - touched < STALE_MS;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  return started === startOf(pid);
}

/** When the process started, in a form that only compares. Empty where the system does not say. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
