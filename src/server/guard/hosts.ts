/** Refuses Host headers that a name rebound to this machine would carry (DNS rebinding). */
import { BlockList, isIP } from "node:net";
import os from "node:os";
import type { MiddlewareHandler } from "hono";

const near = new BlockList();
for (const [network, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["0.0.0.0", 32],
] as const)
  near.addSubnet(network, bits);
for (const [network, bits] of [
  ["::1", 128],
  ["::", 128],
  ["fc00::", 7],
] as const)
  near.addSubnet(network, bits, "ipv6");

/** Whether an address to listen on is reachable from this machine only. A name that is not known to be is not. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether a Host header names this machine or one of the local network. */
function isLocalHost(header: string): boolean {
  const host = withoutPort(header).toLowerCase();
  const family = isIP(host);
  if (family !== 0) return near.check(host, family === 6 ? "ipv6" : "ipv4") || isOwnAddress(host);
  return (
    host === "" || host === "localhost" || host === os.hostname().toLowerCase() || /\.(localhost|local|internal)$/.test(host)
  );
}

/** Ollama's rule: only a server on a loopback address needs the guard. An accepted OPTIONS is answered here. */
export function guardHosts(listensOn: string): MiddlewareHandler {
  const active = isLoopback(listensOn);
  return async (c, next) => {
    if (!active) return next();
    if (!isLocalHost(c.req.header("host") ?? "")) return c.body(null, 403);
    return c.req.method === "OPTIONS" ? c.body(null, 204) : next();
  };
}

function withoutPort(header: string): string {
  const bracketed = /^\[([^\]]*)\](:\d*)?$/.exec(header);
  return bracketed ? (bracketed[1] ?? "") : header.replace(/^([^:]*):\d*$/, "$1");
}

function isOwnAddress(host: string): boolean {
  return Object.values(os.networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host));
}
