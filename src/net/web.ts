/**
 * Every request that somebody else's words cause goes through here: URLs that users give, links in pages, redirects. Only HTTP, only to
 * addresses that the guard has checked (the connection goes to exactly those), each redirect checked anew, and with an end to everything.
 */
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import tls from "node:tls";
import { Canceled, Invalid, PunaError } from "../errors.ts";
import { readBody } from "./body.ts";
import type { Address, AddressGuard } from "./guard.ts";
import { type ProxySettings, proxyAuthorization, proxyFor } from "./proxy.ts";
import { reasonOf } from "./reason.ts";
import { openTunnel } from "./tunnel.ts";

export interface WebLimits {
  /** Of the body, unpacked. */
  bytes: number;
  /** From the first request to the last byte, redirects included. */
  totalMs: number;
  /** How long the other side may be silent. */
  silentMs: number;
  redirects: number;
}

const WEB_LIMITS: WebLimits = { bytes: 100 << 20, totalMs: 120_000, silentMs: 20_000, redirects: 10 };

/** What came before the body; `url` is where the last redirect led. */
export interface Head {
  url: URL;
  status: number;
  headers: http.IncomingHttpHeaders;
}

export interface Answer extends Head {
  /** Undefined when it was not wanted. */
  body: Buffer | undefined;
}

export interface Visit {
  /** Sent to the first address only. */
  headers?: Record<string, string>;
  limits?: Partial<WebLimits>;
  /** Whether to read the body; by default that of a 200. */
  wants?: (head: Head) => boolean;
  /** Called before each redirect is followed; may throw. */
  onRedirect?: (to: URL) => void | Promise<void>;
  signal: AbortSignal;
}

export interface WebOptions {
  guard: AddressGuard;
  userAgent: string;
  proxy: ProxySettings;
  limits?: Partial<WebLimits>;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export class Web {
  readonly #options: WebOptions;

  constructor(options: WebOptions) {
    this.#options = options;
  }

  /** Any status is an answer. Throws Canceled; Invalid for what must not be asked; PunaError 502 for what does not answer as it should. */
  async get(start: URL, { headers = {}, limits, wants, onRedirect, signal }: Visit): Promise<Answer> {
    const { bytes, totalMs, silentMs, redirects } = { ...WEB_LIMITS, ...this.#options.limits, ...limits };
    const end = AbortSignal.timeout(totalMs);
    const both = AbortSignal.any([signal, end]);
    let url = start;
    try {
      for (let hop = 0; hop <= redirects; hop++) {
        const answer = await this.#send(url, hop === 0 ? headers : {}, { signal: both, silentMs });
        const head: Head = { url, status: answer.statusCode ?? 0, headers: answer.headers };
        const to = REDIRECTS.has(head.status) ? head.headers.location : undefined;
        if (to === undefined) {
          const isWanted = wants ? wants(head) : head.status === 200;
          if (!isWanted) answer.destroy();
          return { ...head, body: isWanted ? await readBody(answer, { url, bytes, silentMs }) : undefined };
        }
        answer.destroy();
        if (!URL.canParse(to, url.href))
          throw new PunaError(502, `${url.href} leads to ${JSON.stringify(to)}, which is no address`, { code: "bad_redirect" });
        url = new URL(to, url);
        await onRedirect?.(url);
      }
      throw new PunaError(502, `${start.href} leads from one address to the next, more than ${redirects} times`, {
        code: "too_many_redirects",
      });
    } catch (error) {
      if (signal.aborted) throw new Canceled(undefined, { cause: error });
      if (end.aborted)
        throw new PunaError(502, `${url.href} did not end within ${totalMs / 1000} s`, { code: "too_slow", cause: error });
      if (error instanceof PunaError) throw error;
      throw new PunaError(502, `${url.href} cannot be read: ${reasonOf(error)}`, { code: "unreachable", cause: error });
    }
  }

  /** Where a connection for this URL may go. None: the proxy is to find it. Throws as the guard does. */
  async addresses(url: URL, signal?: AbortSignal): Promise<Address[]> {
    try {
      return await this.#options.guard.check(url, signal);
    } catch (error) {
      // A network behind a proxy may know no names of the world outside.
      const isUnknown = error instanceof PunaError && error.code === "host_not_found";
      if (isUnknown && proxyFor(url, this.#options.proxy)) return [];
      throw error;
    }
  }

  async #send(
    url: URL,
    headers: Record<string, string>,
    { signal, silentMs }: { signal: AbortSignal; silentMs: number },
  ): Promise<http.IncomingMessage> {
    checkUrl(url);
    const proxy = proxyFor(url, this.#options.proxy);
    const addresses = await this.addresses(url, signal);
    const request = await this.#open(url, { headers, proxy, addresses, signal });
    request.setTimeout(silentMs, () => request.destroy(new Error(`${url.host} sent nothing for ${silentMs / 1000} s`)));
    return await new Promise((resolve, reject) => {
      request.once("response", resolve);
      request.on("error", reject);
      request.end();
    });
  }

  async #open(
    url: URL,
    {
      headers,
      proxy,
      addresses,
      signal,
    }: { headers: Record<string, string>; proxy: URL | undefined; addresses: Address[]; signal: AbortSignal },
  ): Promise<http.ClientRequest> {
    const all = { host: url.host, "user-agent": this.#options.userAgent, "accept-encoding": "gzip, br", ...headers };
    const common = { method: "GET", headers: all, signal, agent: false } as const;
    if (!proxy) {
      return (url.protocol === "https:" ? https : http).request(url, { ...common, lookup: only(addresses) });
    }
    const authorization = proxyAuthorization(proxy);
    if (url.protocol === "http:") {
      const through = { ...all, ...(authorization && { "proxy-authorization": authorization }) };
      return (proxy.protocol === "https:" ? https : http).request(proxy, { ...common, headers: through, path: url.href });
    }
    const socket = await openTunnel(url, proxy, { authorization, signal });
    const createConnection = () => tls.connect({ socket, servername: url.hostname, ALPNProtocols: ["http/1.1"] });
    return https.request(url, { method: "GET", headers: all, signal, createConnection });
  }
}

/** Throws Invalid for a URL that is not to be asked, whoever wrote it. */
export function checkUrl(url: URL): void {
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Invalid(`${url.protocol}// is no address of a web page: only http:// and https:// are`, { code: "bad_url" });
  }
  // It would stand in every citation.
  if (url.username !== "" || url.password !== "") {
    throw new Invalid(`${url.host}: a URL with a user name or password is not taken`, { code: "bad_url" });
  }
}

/** A lookup that knows nothing but what was checked. */
function only(addresses: readonly Address[]): LookupFunction {
  return (_, options, callback) => {
    const wanted = addresses.filter(
      ({ family }) => !options.family || options.family === family || options.family === `IPv${family}`,
    );
    const [first] = wanted;
    if (options.all) callback(null, [...wanted]);
    else if (first) callback(null, first.address, first.family);
    else callback(Object.assign(new Error("no address of this family"), { code: "ENOTFOUND" }), []);
  };
}
