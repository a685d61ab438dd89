/** Requests to one registry: proven identity, redirects that carry no credentials elsewhere, errors in words. */
import { STATUS_CODES } from "node:http";
import { Failed } from "../errors.ts";
import { isLoopbackName } from "./addresses.ts";
import { type Challenge, parseChallenge, signedAuthorization, tokenUrl } from "./challenge.ts";
import type { DirectReply } from "./direct-gets.ts";
import { type HubSettings, hubCredentials } from "./hugging-face.ts";
import { openKey } from "./ssh-key.ts";
import { Unreachable } from "./unreachable.ts";
import { type Exchange, type Reply, readText, type Wire, type WireSettings } from "./wire.ts";

const MAX_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];
const MAX_TOKEN_BYTES = 1 << 20;
const MAX_ERROR_BYTES = 64 << 10;

/** Everything that makes a session what it is, as another thread can be sent it. */
export interface SessionSettings {
  /** The registry's address. */
  base: string;
  /** Plain HTTP may be tried when the registry does not speak HTTPS. */
  mayFallBack: boolean;
  /** Folder of the key that answers challenges; it is made when first needed. */
  home: string;
  /** For the hub: an access token that it is given without asking. */
  hub?: HubSettings | undefined;
  /** What the registry has given for a signature already. */
  token?: string | undefined;
}

export interface SendOptions extends Omit<Exchange, "publicOnly"> {
  /** `stop` hands a redirect back; `stop-elsewhere` only one to another host. */
  redirects?: "follow" | "stop-elsewhere" | "stop";
}

/** 401 after all that could be proven was proven. */
export class Unauthorized extends Error {
  constructor() {
    super("unauthorized: access denied");
  }
}

/** One registry, for the length of one pull or push. */
export class Session {
  readonly wire: Wire;
  readonly #settings: SessionSettings;
  readonly #credentials: (url: URL) => string | undefined;
  #base: URL;
  #token: string | undefined;
  #renewing: Promise<void> | undefined;
  #isPrivate: Promise<boolean> | undefined;

  constructor(settings: SessionSettings, wire: Wire) {
    this.#settings = settings;
    this.#credentials = settings.hub ? hubCredentials(settings.hub) : () => undefined;
    this.#base = new URL(settings.base);
    this.#token = settings.token;
    this.wire = wire;
  }

  /** What another thread needs to go on with this session. */
  get settings(): SessionSettings & { wire: WireSettings } {
    return { ...this.#settings, base: this.#base.href, token: this.#token, wire: this.wire.settings };
  }

  /** Changes to `http:` when the registry turned out to speak nothing else. */
  get base(): URL {
    return this.#base;
  }

  /** The first request: over HTTPS, or without it when the registry is on this machine and speaks none. */
  async begin(path: (base: URL) => URL, options: Omit<SendOptions, "url">): Promise<Reply> {
    try {
      return await this.send({ ...options, url: path(this.#base) });
    } catch (error) {
      if (!this.#settings.mayFallBack || !(error instanceof Unreachable) || !speaksNoTls(error)) throw error;
      this.#base = new URL(this.#base.href.replace(/^https:/, "http:"));
      return await this.send({ ...options, url: path(this.#base) });
    }
  }

  /** The reply, whatever its status, except 401: then Unauthorized. Throws Failed for a redirect that may not be followed. */
  async send({ redirects = "follow", ...exchange }: SendOptions): Promise<Reply> {
    let { url } = exchange;
    let mayProve = true;
    for (let hops = 0; ; ) {
      const reply = await this.#once({ ...exchange, url });
      if (reply.status === 401 && this.#isOurs(url)) {
        const challenge = parseChallenge(reply.headers["www-authenticate"]);
        reply.body.destroy();
        if (!mayProve || !challenge) throw new Unauthorized();
        mayProve = false;
        await this.#renew(challenge, exchange.signal);
        continue;
      }
      const target = REDIRECTS.includes(reply.status) ? targetOf(reply) : undefined;
      if (!target || redirects === "stop") return reply;
      this.checkRedirect(url, target);
      if (redirects === "stop-elsewhere" && target.host !== url.host) return reply;
      reply.body.destroy();
      if (++hops > MAX_REDIRECTS) throw new Failed(`${url.host} redirects more than ${MAX_REDIRECTS} times`);
      url = target;
    }
  }

  /** As `Wire.sendDirect`: one request, neither redirected nor proven. */
  async sendDirect(exchange: Omit<Exchange, "publicOnly">, blockBytes: number): Promise<DirectReply | undefined> {
    return await this.wire.sendDirect(await this.#guarded(exchange), blockBytes);
  }

  /** One request, neither redirected nor proven. */
  async #once(exchange: Exchange): Promise<Reply> {
    return await this.wire.send(await this.#guarded(exchange));
  }

  /** With what proves who we are, and the protections that hold for every address. */
  async #guarded(exchange: Exchange): Promise<Exchange> {
    const { url } = exchange;
    const isOurs = this.#isOurs(url);
    const authorization = this.#credentials(url) ?? (isOurs && this.#token ? `Bearer ${this.#token}` : undefined);
    const headers = { ...exchange.headers, ...(authorization && { authorization }) };
    const publicOnly = url.hostname !== this.#base.hostname && !(await this.#registryIsPrivate());
    return { ...exchange, headers, publicOnly };
  }

  /** Asks for a token once, however many requests need it. */
  async #renew(challenge: Challenge, signal: AbortSignal): Promise<void> {
    this.#renewing ??= this.#requestToken(challenge, signal).finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  async #requestToken(challenge: Challenge, signal: AbortSignal): Promise<void> {
    const url = tokenUrl(challenge, this.#base);
    const authorization = signedAuthorization(await openKey(this.#settings.home), url);
    const reply = await this.wire.send({ url, method: "GET", headers: { authorization }, signal });
    const text = await readText(reply, { limit: MAX_TOKEN_BYTES, stallMs: this.wire.stallMs });
    if (reply.status === 401 || reply.status === 403) throw new Unauthorized();
    if (reply.status >= 400) throw new HttpError(reply, text?.toString() ?? "");
    this.#token = tokenOf(text);
    if (!this.#token) throw new Failed(`${url.host} answered the request for a token without one`);
  }

  #isOurs(url: URL): boolean {
    return url.origin === this.#base.origin;
  }

  /** Throws Failed for a redirect that may not be followed. */
  checkRedirect(from: URL, to: URL): void {
    if (!["http:", "https:"].includes(to.protocol)) throw new Failed(`redirect from ${from.host} to ${to.protocol} refused`);
    const isPlainDowngrade = to.protocol === "http:" && this.#base.protocol === "https:" && !isLoopbackName(to.hostname);
    if (isPlainDowngrade) throw new Failed(`redirect from ${from.host} to unencrypted http://${to.host} refused`);
  }

  #registryIsPrivate(): Promise<boolean> {
    this.#isPrivate ??= this.wire.addresses.isPrivate(this.#base.hostname);
    return this.#isPrivate;
  }
}

/** A reply that is an error, in Ollama's words: the status and the body. */
export class HttpError extends Error {
  readonly status: number;
  /** What a `Retry-After` header asks for. */
  readonly retryAfterMs: number | undefined;

  constructor({ status, headers }: Pick<Reply, "status" | "headers">, body: string) {
    super(`${status}: ${body.trim().slice(0, 1000) || (STATUS_CODES[status] ?? "no reason given")}`);
    this.status = status;
    this.retryAfterMs = retryAfter(headers["retry-after"], Date.now());
  }
}

/** Reads the body of a reply that is an error. */
export async function httpError(reply: Reply, wire: Wire): Promise<HttpError> {
  const text = await readText(reply, { limit: MAX_ERROR_BYTES, stallMs: wire.stallMs }).catch(() => undefined);
  return new HttpError(reply, text?.toString() ?? "");
}

/** Milliseconds of a Retry-After header, which is seconds or a date. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function targetOf({ url, headers }: Reply): URL | undefined {
  const { location } = headers;
  return location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
}

function tokenOf(text: Buffer | undefined): string | undefined {
  try {
    const { token, access_token } = JSON.parse(text?.toString() ?? "") as { token?: unknown; access_token?: unknown };
    const found = token ?? access_token;
    // It becomes a header: nothing that could end one.
    return typeof found === "string" && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** What Node and OpenSSL say when the other side answers a TLS greeting with something else. */
function speaksNoTls({ code = "", message }: Unreachable): boolean {
  return (
    code === "EPROTO" ||
    code.startsWith("ERR_SSL") ||
    code === "ECONNRESET" ||
    /wrong version number|packet length too long/i.test(message)
  );
}
