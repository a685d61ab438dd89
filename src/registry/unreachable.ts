/** What goes wrong between two machines and may pass. */
import { codeOf } from "../errors.ts";
import { reasonOf } from "../net/reason.ts";

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
