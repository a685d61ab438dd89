/** Which proxy a request goes through, by the rules of HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go reads them. */
import { BlockList, isIP } from "node:net";
import { Invalid } from "../errors.ts";

export interface ProxySettings {
  http: string;
  https: string;
  /** Comma-separated hosts, domains, addresses and networks that are called directly. */
  no: string;
}

/** The proxy for this address; undefined means a direct call. Throws Invalid when the setting is no proxy address. */
export function proxyFor(url: URL, { http, https, no }: ProxySettings): URL | undefined {
  const text = url.protocol === "https:" ? https : http;
  if (text === "" || isBypassed(url, no)) return undefined;
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const proxy = URL.canParse(full) ? new URL(full) : undefined;
  if (!proxy || !["http:", "https:"].includes(proxy.protocol)) {
    const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
    throw new Invalid(`${name} is no address of an HTTP proxy; write it as http://host:port`);
  }
  return proxy;
}

/** `Basic …` when the proxy's address holds a user name. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === "") return undefined;
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString("base64")}`;
}

/** This machine is never called through a proxy. */
function isBypassed(url: URL, no: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || host === "::1" || /^127\./.test(host)) return true;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return no.split(",").some((entry) => matches(entry.trim().toLowerCase(), host, port));
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
