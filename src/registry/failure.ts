/** What the network or the registry did wrong, as an error for users. */
import { Failed, messageOf } from "../errors.ts";
import { PrivateAddress } from "./addresses.ts";
import { HttpError, Unauthorized } from "./session.ts";
import { Stalled, Unreachable } from "./unreachable.ts";

const EXPECTED = [HttpError, Unauthorized, Stalled, Unreachable, PrivateAddress];

/** Failed with the same text; anything else, such as a mistake of ours, stays what it is. */
export function known(error: unknown): unknown {
  return EXPECTED.some((kind) => error instanceof kind) ? new Failed(messageOf(error), { cause: error }) : error;
}
