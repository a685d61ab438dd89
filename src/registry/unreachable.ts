/** What goes wrong between two machines and may pass. */
import { messageOf } from "../errors.ts";
import { codeOf } from "../models/files.ts";

/** The other side accepted a connection and then said nothing for too long. */
export class Stalled extends Error {
  constructor(host: string, ms: number) {
    super(`${host} sent nothing for ${Math.round(ms / 1000)} s`);
  }
}

/** The other side could not be reached, or broke off. `code` is the system's. */
export class Unreachable extends Error {
  readonly code: string | undefined;
  constructor(url: URL, cause: unknown, what = `cannot reach ${url.host}`) {
    super(`${what}: ${reasonOf(cause)}`, { cause });
    this.code = codeOf(cause);
  }
}

/** An AggregateError of every address that was tried has no message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return messageOf(error.errors[0]);
  return messageOf(error);
}
