/** Which hosts are private, so that no answer from outside can turn a request on the local network. */
import dns from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { isPrivateAddress } from "../net/addresses.ts";

/** Only this machine answers there, whatever a name server says. */
export function isLoopbackName(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

export interface Addresses {
  /** Whether the host is, or has, a private address. One that cannot be found is not. */
  isPrivate(hostname: string): Promise<boolean>;
  /** A lookup that gives public addresses only: the check and the connection see the same answer. */
  publicLookup: LookupFunction;
}

/** `isPrivateIp` and `lookup` can be replaced by tests. */
export function addresses({ isPrivateIp = isPrivateAddress, lookup = dns.lookup } = {}): Addresses {
  return {
    async isPrivate(hostname) {
      const host = hostname.replace(/^\[|\]$/g, "");
      if (isIP(host) !== 0) return isPrivateIp(host);
      if (isLoopbackName(host)) return true;
      const found = await new Promise<dns.LookupAddress[]>((resolve) =>
        lookup(host, { all: true }, (error, all) => resolve(error ? [] : all)),
      );
      return found.some(({ address }) => isPrivateIp(address));
    },
    publicLookup(hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, all) => {
        const open = error ? [] : all.filter(({ address }) => !isPrivateIp(address));
        const [first] = open;
        if (error) callback(error, []);
        else if (!first) callback(new PrivateAddress(hostname), []);
        else if (options.all) callback(null, open);
        else callback(null, first.address, first.family);
      });
    },
  };
}

/** A public registry sent us to a host of the local network. */
export class PrivateAddress extends Error {
  constructor(hostname: string) {
    super(`redirect to ${hostname} refused: it is a private address, and the registry is not`);
  }
}
