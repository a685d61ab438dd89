/** Opens the port and says where it is. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve as serveHttp } from "@hono/node-server";
import type { Hono } from "hono";
import type { Config } from "../config.ts";
import { codeOf, Failed } from "../errors.ts";
import { readTls } from "./tls.ts";

export interface Listening {
  /** The real address: port 0 asks for any free one. */
  url: string;
  port: number;
  /** Stops taking connections and cuts those that are open. */
  close(): Promise<void>;
}

/** How long answers under way may take to end once the server is told to stop. */
const GRACE_MS = 500;
const IDLE_MS = 10 * 60_000;

type Where = Pick<Config, "host"> & Partial<Pick<Config, "tlsCertificate" | "tlsKey">>;

/** Listens on the configured address, with TLS if a certificate is set. Throws Failed with Ollama's words when the port is taken. */
export async function listen(app: Hono, { host, tlsCertificate, tlsKey }: Where): Promise<Listening> {
  const tls = readTls({ tlsCertificate, tlsKey });
  // Only who serves HTTPS needs its code in memory.
  const secure = tls && { createServer: (await import("node:https")).createServer, serverOptions: tls };
  const server = await new Promise<Server>((resolve, reject) => {
    const starting = serveHttp({ fetch: app.fetch, hostname: host.hostname, port: host.port, ...secure }, () =>
      resolve(starting as Server),
    );
    starting.once("error", (error) => reject(listenError(error, host)));
  });
  // A model may take minutes to load and a blob hours to arrive: neither is a client that does not send.
  server.requestTimeout = 0;
  // Go's servers keep idle connections; clients that reuse one must not find it cut.
  server.keepAliveTimeout = IDLE_MS;
  const { port } = server.address() as AddressInfo;
  const shown = host.hostname.includes(":") ? `[${host.hostname}]` : host.hostname;
  return { url: `${tls ? "https" : "http"}://${shown}:${port}`, port, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(timer);
}

function listenError(error: Error, host: Config["host"]): Error {
  const shown = host.hostname.includes(":") ? `[${host.hostname}]` : host.hostname;
  const reasons: Record<string, string> = {
    EADDRINUSE: "bind: address already in use",
    EACCES: "bind: permission denied",
    EADDRNOTAVAIL: "bind: cannot assign requested address",
    ENOTFOUND: "no such host",
  };
  const reason = reasons[codeOf(error) ?? ""] ?? error.message;
  return new Failed(`listen tcp ${shown}:${host.port}: ${reason}`, { cause: error });
}
