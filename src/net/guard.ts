/** Where a request on somebody's behalf may go: the public internet, and what the setting allows besides. */
import dns from "node:dns";
import { isIP } from "node:net";
import { Invalid, messageOf, PunaError } from "../errors.ts";
import { until } from "../until.ts";
import { isPrivateAddress } from "./addresses.ts";
import { isListed } from "./host-list.ts";

export interface Address {
  address: string;
  family: number;
}

/** All addresses of a name, as the system finds them. Tests give their own. */
export type Lookup = (hostname: string) => Promise<Address[]>;

export class AddressGuard {
  readonly #allowed: readonly string[];
  readonly #lookup: Lookup;

  /** `allowed` is of PUNA_ALLOW_PRIVATE_URLS: hosts and networks in the way of NO_PROXY, `*` for all. */
  constructor(allowed: readonly string[], lookup: Lookup = (hostname) => dns.promises.lookup(hostname, { all: true })) {
    this.#allowed = allowed;
    this.#lookup = lookup;
  }

  /**
   * The addresses that may be connected to, and no others: asking again could give another answer. Throws Invalid for a private one
   * (code `private_address`), PunaError 502 for a name that nobody knows (code `host_not_found`).
   */
  async check(url: URL, signal?: AbortSignal): Promise<Address[]> {
    const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    const family = isIP(host);
    const found = family === 0 ? await this.#find(host, signal) : [{ address: host, family }];
    const isNamed = isListed(this.#allowed, host, port);
    const open = found.filter(({ address }) => isNamed || !isPrivateAddress(address) || isListed(this.#allowed, address, port));
    if (open.length > 0) return open;
    throw new Invalid(
      `${url.host} is refused: it is a private address; the server's setting PUNA_ALLOW_PRIVATE_URLS=${host} would allow it`,
      { code: "private_address" },
    );
  }

  async #find(host: string, signal: AbortSignal | undefined): Promise<Address[]> {
    try {
      // The system's lookup cannot be ended: it is left alone.
      const looked = this.#lookup(host);
      const found = await (signal ? until(looked, signal) : looked);
      if (found.length === 0) throw new Error("no address");
      return found;
    } catch (error) {
      if (error instanceof PunaError) throw error;
      throw new PunaError(502, `the host ${host} cannot be found: ${messageOf(error)}`, { cause: error, code: "host_not_found" });
    }
  }
}
