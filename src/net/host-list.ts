/** Lists of hosts as NO_PROXY writes them: names, domains, addresses, networks, each perhaps with a port, and * for all. */
import { BlockList, isIP } from "node:net";

/** `host` in lower case and without brackets. */
export function isListed(list: readonly string[], host: string, port: string): boolean {
  return list.some((entry) => matches(entry.trim().toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  const network = /^([0-9a-f.:]+)\/(\d+)$/.exec(entry);
  if (network) return inNetwork(host, network[1] ?? "", Number(network[2]));
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry);
  const plain = isIP(entry) === 6 ? undefined : /^([^:]*):(\d+)$/.exec(entry);
  const [, name = entry, wantedPort] = bracketed ?? plain ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  if (isIP(name) !== 0) return name === host;
  // ".example.com" and "*.example.com" mean what is below the domain, "example.com" means it as well.
  const domain = name.replace(/^\*?\./, "");
  return host.endsWith(`.${domain}`) || (name === domain && host === domain);
}

function inNetwork(host: string, address: string, bits: number): boolean {
  const [family, hostFamily] = [isIP(address), isIP(host)];
  if (family === 0 || family !== hostFamily || bits > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(address, bits, type);
  return list.check(host, type);
}
