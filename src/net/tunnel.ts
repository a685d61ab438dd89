/** HTTPS through an HTTP proxy: one CONNECT, then the connection is ours. */
import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { Failed } from "../errors.ts";
import { reasonOf } from "./reason.ts";

/** A connection through an HTTP proxy. Throws Failed when the proxy refuses. */
export async function openTunnel(
  url: URL,
  proxy: URL,
  { authorization, signal }: { authorization: string | undefined; signal: AbortSignal },
): Promise<Duplex> {
  const target = `${url.hostname}:${url.port || 443}`;
  const headers = { host: target, ...(authorization && { "proxy-authorization": authorization }) };
  const request = (proxy.protocol === "https:" ? https : http).request(proxy, {
    method: "CONNECT",
    path: target,
    headers,
    agent: false,
    signal,
  });
  return await new Promise((resolve, reject) => {
    request.once("connect", (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      const remedy = answer.statusCode === 407 ? "; put user and password into its address" : "";
      reject(
        new Failed(
          `the proxy ${proxy.host} refuses to connect to ${target}: ${answer.statusCode} ${answer.statusMessage}${remedy}`,
        ),
      );
    });
    request.once("response", (answer) => {
      answer.destroy();
      reject(new Failed(`the proxy ${proxy.host} refuses to connect to ${target}: ${answer.statusCode} ${answer.statusMessage}`));
    });
    request.once("error", (error) => reject(new Error(`through the proxy ${proxy.host}: ${reasonOf(error)}`, { cause: error })));
    request.end();
  });
}
