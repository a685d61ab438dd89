/** Which IP addresses belong to nobody on the public internet: this machine, the local network, and what is set aside. */
import { BlockList, isIP } from "node:net";

/** IANA's registries of special-purpose addresses (RFC 6890 and after), multicast and the reserved rest. */
const special = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const)
  special.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  special.addSubnet(network, bits, "ipv6");

/**
 * Loopback, link-local, RFC 1918, multicast and the like. `address` is an IP address, with or without brackets; a name is not private.
 * IPv4 inside IPv6 (mapped, or behind NAT64) counts as the IPv4 that it reaches.
 */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = isIP(plain);
  if (family === 0) return false;
  if (family === 4) return special.check(plain, "ipv4");
  const groups = groupsOf(plain);
  const within = embeddedIpv4(groups);
  if (within !== undefined) return special.check(within, "ipv4");
  // Only 2000::/3 is given out.
  return ((groups[0] ?? 0) & 0xe000) !== 0x2000 || special.check(plain, "ipv6");
}

/** Of `::ffff:0:0/96` and `64:ff9b::/96`. */
function embeddedIpv4(groups: readonly number[]): string | undefined {
  const prefix = groups.slice(0, 6).map((group) => group.toString(16));
  if (!["0:0:0:0:0:ffff", "64:ff9b:0:0:0:0"].includes(prefix.join(":"))) return undefined;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join(".");
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [a * 256 + Number(b), c * 256 + Number(d)].map((group) => group.toString(16)).join(":"),
  );
  const [left = [], right = []] = hex.split("::").map((part) => part.split(":").filter(Boolean));
  const numbers = (part: string[]) => part.map((group) => Number.parseInt(group, 16));
  return [...numbers(left), ...Array<number>(8 - left.length - right.length).fill(0), ...numbers(right)];
}
