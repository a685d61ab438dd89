/**
 * One HTTP exchange with a registry. Built on node:http, not on fetch: fetch of Node 20 knows no proxies, follows redirects
 * without asking, and cannot be told which addresses to leave alone.
 */
import http from "node:http";
import https from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import tls from "node:tls";
import { Canceled, Failed } from "../errors.ts";
import { isPrivateAddress } from "../net/addresses.ts";
import { type ProxySettings, proxyAuthorization, proxyFor } from "../net/proxy.ts";
import { openTunnel } from "../net/tunnel.ts";
import { type Addresses, addresses, PrivateAddress } from "./addresses.ts";
import { DirectGets, type DirectReply } from "./direct-gets.ts";
import { Stalled, Unreachable } from "./unreachable.ts";

export interface Exchange {
  url: URL;
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  headers?: Record<string, string>;
  /** A stream is made anew when the request has to be sent again. */
  body?: Uint8Array | { stream: () => AsyncIterable<Uint8Array>; sizeBytes: number };
  /** Refuses to connect to a private address. */
  publicOnly?: boolean;
  signal: AbortSignal;
}

export interface Reply {
  url: URL;
  status: number;
  headers: http.IncomingHttpHeaders;
  /** To be read to its end or destroyed. */
  body: Readable;
}

export interface WireSettings {
  proxy: ProxySettings;
  userAgent: string;
  /** How long the other side may be silent. */
  stallMs: number;
}

/** Keeps connections open between exchanges. */
export class Wire {
  readonly addresses: Addresses;
  readonly stallMs: number;
  readonly settings: WireSettings;
  readonly #isPrivateIp: (address: string) => boolean;
  readonly #agents = new Map<string, http.Agent>();
  readonly #direct: DirectGets;

  /** `isPrivateIp` can be replaced by tests, which have no public addresses. */
  constructor(settings: WireSettings, { isPrivateIp = isPrivateAddress } = {}) {
    this.settings = settings;
    this.stallMs = settings.stallMs;
    this.#isPrivateIp = isPrivateIp;
    this.addresses = addresses({ isPrivateIp });
    this.#direct = new DirectGets(settings.stallMs);
  }

  /** The reply's head. Throws Canceled, Stalled, Unreachable, PrivateAddress, or Failed for a proxy that refuses. */
  async send(exchange: Exchange): Promise<Reply> {
    const { url, body, signal } = exchange;
    if (signal.aborted) throw new Canceled();
    this.#checkAddress(exchange);
    const abort = new AbortController();
    const leave = () => abort.abort();
    signal.addEventListener("abort", leave, { once: true });
    let stalled = false;
    const timer = setTimeout(() => {
      stalled = true;
      abort.abort();
    }, this.stallMs);
    try {
      const request = await this.#open(exchange, abort.signal);
      const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
        request.once("response", resolve);
        request.once("error", reject);
      });
      // Once the answer has come, a broken connection is told by its body.
      request.on("error", () => {});
      if (body === undefined || body instanceof Uint8Array) request.end(body);
      else {
        // A body that is sent is no silence: the clock starts again with every piece. An early answer ends the sending.
        pipeline(ticking(body.stream(), timer), request).catch(() => {});
      }
      const answer = await answered;
      answer.once("close", () => signal.removeEventListener("abort", leave));
      return { url, status: answer.statusCode ?? 0, headers: answer.headers, body: answer };
    } catch (error) {
      signal.removeEventListener("abort", leave);
      if (signal.aborted) throw new Canceled(undefined, { cause: error });
      if (stalled) throw new Stalled(url.host, this.stallMs);
      if (error instanceof PrivateAddress || error instanceof Failed) throw error;
      throw new Unreachable(url, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * A GET over a connection whose body costs less. Undefined where there can be none, or where the answer is not one of known length:
   * `send` will tell. Throws what `send` throws.
   */
  async sendDirect(exchange: Exchange, blockBytes: number): Promise<DirectReply | undefined> {
    const { url, publicOnly, signal } = exchange;
    if (url.protocol !== "http:" || proxyFor(url, this.settings.proxy)) return undefined;
    this.#checkAddress(exchange);
    const lookup = publicOnly ? { lookup: this.addresses.publicLookup } : {};
    return await this.#direct.get({ url, headers: this.#headers(exchange), blockBytes, signal, ...lookup });
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#direct.close();
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #checkAddress({ url, publicOnly }: Exchange): void {
    if (publicOnly && this.#isPrivateIp(url.hostname)) throw new PrivateAddress(url.hostname);
  }

  #headers({ url, method, headers, body }: Exchange): Record<string, string> {
    const own = { host: url.host, "user-agent": this.settings.userAgent, "accept-encoding": "identity" };
    return { ...own, ...headers, ...lengthOf(body, method) };
  }

  async #open(exchange: Exchange, signal: AbortSignal): Promise<http.ClientRequest> {
    const { url, method, publicOnly = false } = exchange;
    const all = this.#headers(exchange);
    const proxy = proxyFor(url, this.settings.proxy);
    if (!proxy) {
      const agent = this.#agent(url.protocol, publicOnly);
      return (url.protocol === "https:" ? https : http).request(url, { method, headers: all, agent, signal });
    }
    const authorization = proxyAuthorization(proxy);
    if (url.protocol === "http:") {
      const through = authorization ? { ...all, "proxy-authorization": authorization } : all;
      // The address as a whole in the request line: that is what makes a proxy of the other side.
      const options = { method, headers: through, path: url.href, agent: this.#agent(proxy.protocol, false), signal };
      return (proxy.protocol === "https:" ? https : http).request(proxy, options);
    }
    const tunnel = await openTunnel(url, proxy, { authorization, signal });
    const createConnection = () => tls.connect({ socket: tunnel, servername: url.hostname, ALPNProtocols: ["http/1.1"] });
    return https.request(url, { method, headers: all, createConnection, signal });
  }

  #agent(protocol: string, publicOnly: boolean): http.Agent {
    const key = `${protocol} ${publicOnly}`;
    const known = this.#agents.get(key);
    if (known) return known;
    const options = { keepAlive: true, ...(publicOnly && { lookup: this.addresses.publicLookup }) };
    const made = protocol === "https:" ? new https.Agent(options) : new http.Agent(options);
    this.#agents.set(key, made);
    return made;
  }
}

/** The pieces of a body. Throws Stalled when the next takes too long; time that the reader takes does not count. */
export async function* pieces({ body, url }: Reply, stallMs: number): AsyncGenerator<Uint8Array> {
  let waiting = true;
  let stalled = false;
  const timer = setTimeout(() => {
    if (!waiting) return;
    stalled = true;
    body.destroy();
  }, stallMs);
  try {
    for await (const piece of body) {
      waiting = false;
      yield piece;
      waiting = true;
      timer.refresh();
    }
    // A destroyed body may end its iteration without an error.
    if (stalled) throw new Stalled(url.host, stallMs);
  } catch (error) {
    throw stalled ? new Stalled(url.host, stallMs) : new Unreachable(url, error, `${url.host} broke off`);
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}

/** A small body as text, or undefined when it is larger than `limit`. */
export async function readText(
  reply: Reply,
  { limit, stallMs }: { limit: number; stallMs: number },
): Promise<Buffer | undefined> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces(reply, stallMs)) {
    size += piece.length;
    if (size > limit) return undefined;
    read.push(piece);
  }
  return Buffer.concat(read);
}

async function* ticking(stream: AsyncIterable<Uint8Array>, timer: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) {
    yield piece;
    timer.refresh();
  }
}

function lengthOf(body: Exchange["body"], method: Exchange["method"]): Record<string, string> {
  if (body === undefined) return method === "GET" || method === "HEAD" ? {} : { "content-length": "0" };
  return { "content-length": String(body instanceof Uint8Array ? body.length : body.sizeBytes) };
}
