/**
 * One HTTP exchange. Built on node:http and not on fetch, because fetch ends a request whose first byte takes longer
 * than five minutes, which loading a model or reading a long prompt on a slow CPU can.
 */
import http from "node:http";
import os from "node:os";
import { pipeline, type Readable } from "node:stream";
import type { Config } from "../config.ts";
import { Canceled, codeOf, Failed, messageOf } from "../errors.ts";
import { clientVersion } from "./client-version.ts";
import type { Credentials } from "./credentials.ts";

export interface Exchange {
  method: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE";
  path: string;
  /** JSON, or bytes: raw and of a known length, or of another type and as many as there come. */
  body?: string | { stream: Readable; sizeBytes: number } | { stream: Readable; contentType: string };
  signal?: AbortSignal | undefined;
}

export interface Reply {
  status: number;
  /** `404 Not Found` */
  statusLine: string;
  body: AsyncIterable<Uint8Array>;
}

export type Send = (exchange: Exchange) => Promise<Reply>;

interface ConnectOptions {
  credentials?: Credentials;
  /** Which certificates to trust. */
  tls?: Pick<Config, "tlsTrusted" | "tlsCertificate">;
}

/** Speaks to one server. Rejects with Canceled when the signal fires, with Failed when there is no server. */
export function connect(host: Config["host"], { credentials, tls }: ConnectOptions = {}): Send {
  const target = { ...host, hostname: reachable(host.hostname) };
  return async (exchange) => {
    // Loading TLS takes longer than most commands: only who asks for it waits for it.
    const isSecure = target.scheme === "https";
    const { request } = isSecure ? await import("node:https") : http;
    const trust = isSecure && tls ? (await import("./trust.ts")).trustOf(tls) : {};
    const authorization = credentials?.(exchange);
    return new Promise((resolve, reject) => {
      const { body, signal } = exchange;
      const fail = (error: unknown) => reject(explain(error, { target, signal }));
      const outgoing = request(
        {
          hostname: target.hostname,
          port: target.port,
          method: exchange.method,
          path: exchange.path,
          headers: { ...headers(body), ...(authorization !== undefined && { authorization }) },
          signal,
          ...trust,
        },
        (incoming) => {
          const status = incoming.statusCode ?? 0;
          const statusLine = `${status} ${incoming.statusMessage || (http.STATUS_CODES[status] ?? "")}`.trim();
          resolve({ status, statusLine, body: guarded(incoming, { target, signal, isAnswering: true }) });
        },
      );
      outgoing.on("error", fail);
      if (body === undefined || typeof body === "string") outgoing.end(body);
      // A reply may come before all is sent (a blob the server refuses): only an unanswered request fails here.
      else pipeline(body.stream, outgoing, (error) => error && fail(error));
    });
  };
}

function headers(body: Exchange["body"]): Record<string, string> {
  const always = { "user-agent": `puna/${clientVersion} (${os.arch()} ${os.platform()}) Node/${process.version}`, accept: "*/*" };
  if (body === undefined) return always;
  if (typeof body !== "string" && "contentType" in body) return { ...always, "content-type": body.contentType };
  if (typeof body !== "string") {
    return { ...always, "content-type": "application/octet-stream", "content-length": String(body.sizeBytes) };
  }
  return { ...always, "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
}

type Place = { target: Config["host"]; signal: AbortSignal | undefined; isAnswering?: boolean };

async function* guarded(incoming: http.IncomingMessage, place: Place): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of incoming) yield chunk;
  } catch (error) {
    throw explain(error, place);
  }
}

/** An address that listens everywhere cannot be called: its own machine can. */
function reachable(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  return hostname === "::" ? "::1" : hostname;
}

function explain(error: unknown, { target, signal, isAnswering }: Place): Error {
  if (signal?.aborted) return new Canceled(undefined, { cause: error });
  const code = codeOf(error);
  const { hostname, port, scheme } = target;
  const address = `${scheme}://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  if (code === "ECONNREFUSED") {
    const local = hostname === "localhost" || hostname === "::1" || hostname.startsWith("127.");
    return new Failed(
      local
        ? "could not connect to puna server, run 'puna serve' to start it"
        : `could not connect to puna server at ${address}, run 'puna serve' there to start it`,
      { cause: error },
    );
  }
  const secured = typeof code === "string" ? explainTls(code, address) : undefined;
  if (secured !== undefined) return new Failed(secured, { cause: error });
  if (code === "ECONNRESET" || code === "EPIPE") {
    const hint = isAnswering || scheme === "https" ? "" : " (if it speaks HTTPS, write https:// in OLLAMA_HOST)";
    return new Failed(`the server at ${address} closed the connection before its answer was complete${hint}`, { cause: error });
  }
  return new Failed(`could not connect to puna server at ${address}: ${messageOf(error)} (check OLLAMA_HOST)`, { cause: error });
}

const UNTRUSTED = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
];

function explainTls(code: string, address: string): string | undefined {
  if (UNTRUSTED.includes(code)) {
    return `the certificate of ${address} is not signed by anyone this machine trusts: set PUNA_TLS_CA (or NODE_EXTRA_CA_CERTS) to its certificate file`;
  }
  if (code === "CERT_HAS_EXPIRED") return `the certificate of ${address} has expired: it must be renewed there`;
  if (code === "CERT_NOT_YET_VALID") return `the certificate of ${address} is not valid yet: check the clocks of both machines`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `the certificate of ${address} is for another name: set OLLAMA_HOST to a name that it is for`;
  }
  if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return `${address} does not speak HTTPS: write http:// in OLLAMA_HOST`;
  }
  return undefined;
}
