/** Which addresses are private, so that no answer from outside can turn a request on the local network. */
import dns from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

const blocked = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
] as const)
  blocked.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  blocked.addSubnet(network, bits, "ipv6");

/** Loopback, link-local, RFC 1918 and the like. `address` is an IP address; IPv4 inside IPv6 counts as IPv4. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = isIP(plain);
  if (family === 0) return false;
  // BlockList itself sees ::ffff:10.0.0.1 as 10.0.0.1.
  return blocked.check(plain, family === 6 ? "ipv6" : "ipv4");
}

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
