/**
 * Who may pull. Besides keys there is what Ollama's clients can do: they sign a request for a token with their own ed25519 key, and fetch
 * the parts of a blob from the address they were told, without any credentials.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { signerOf } from "../../accounts/client-key.ts";
import { type Grant, hasScope } from "../../accounts/grant.ts";
import { PunaError } from "../../errors.ts";
import type { Deps } from "../deps.ts";
import { needsKeys, presentedGrant } from "../guard/keys.ts";

const TOKEN_S = 3600;
/** A large model over a slow line takes a while. */
const TICKET_S = 24 * 3600;
/** How far the clocks of both machines may lie apart. */
const CLOCKS_S = 300;
const EMPTY = Buffer.from(createHash("sha256").digest("hex")).toString("base64");

/** Access to one server's models. What it signs is void after a restart. */
export class Access {
  readonly #deps: Pick<Deps, "config" | "keys" | "localSecret">;
  readonly #secret = randomBytes(32);
  readonly #required: boolean;

  constructor(deps: Pick<Deps, "config" | "keys" | "localSecret">) {
    this.#deps = deps;
    this.#required = needsKeys(deps.config);
  }

  /** What the request may have; undefined when none is needed and none was sent. Throws 401 and 403. */
  grant(c: Context): Grant | undefined {
    if (this.#isTicket(c)) return { name: "ticket", scopes: ["registry"], models: undefined };
    const client = this.#clientOf(c);
    const found = client === undefined ? presentedGrant(c, this.#deps) : this.#deps.keys.ofClient(client);
    if (typeof found === "string") throw this.#refusal(c, "access denied: the key of this client is not known here");
    if ("refusal" in found) {
      if (!this.#required && found.ignorable) return undefined;
      throw this.#refusal(c, found.refusal.message);
    }
    if (hasScope(found, "registry")) return found;
    throw new PunaError(403, `the API key '${found.name}' lacks the scope 'registry' (it has: ${found.scopes.join(", ")})`);
  }

  /** A token for the client that signed this request, or for a key that came with it. Throws 401. */
  token(c: Context): { token: string; expires_in: number } {
    const client = this.#signer(c);
    if (client !== undefined && typeof this.#deps.keys.ofClient(client) !== "string") {
      return { token: `${client}.${this.#seal(`token ${client}`, TOKEN_S)}`, expires_in: TOKEN_S };
    }
    const [, password] = /^Basic +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    const key =
      password &&
      Buffer.from(password, "base64")
        .toString("utf8")
        .replace(/^[^:]*:/, "");
    if (key && typeof this.#deps.keys.check(key) !== "string") return { token: key, expires_in: TOKEN_S };
    throw new PunaError(401, "access denied: this server knows neither the key of this client nor an API key of it", {
      code: "DENIED",
    });
  }

  /** The blob's own address, good without credentials for a day. Ollama's client wants one in `Location`. */
  location(c: Context): string {
    if (!this.#required) return c.req.path;
    return `${c.req.path}?ticket=${this.#seal(`blob ${c.req.path}`, TICKET_S)}`;
  }

  #refusal(c: Context, message: string): PunaError {
    const [, repository] = /^\/v2\/(.+)\/(?:manifests|blobs|tags)\//.exec(c.req.path) ?? [];
    const scope = repository === undefined ? "" : `,scope="repository:${repository.replaceAll('"', "")}:pull"`;
    const [address = ""] = addressesOf(c);
    c.header("WWW-Authenticate", `Bearer realm="${address}/v2/token",service="puna"${scope}`);
    return new PunaError(401, message);
  }

  #isTicket(c: Context): boolean {
    return this.#opens(`blob ${c.req.path}`, c.req.query("ticket"));
  }

  #clientOf(c: Context): string | undefined {
    const [, client, seal] = /^Bearer ([0-9a-f]{64})\.(\S+)$/.exec(c.req.header("authorization") ?? "") ?? [];
    return client !== undefined && this.#opens(`token ${client}`, seal) ? client : undefined;
  }

  /** The signature covers the address as the client sees it, which a proxy may serve as https. */
  #signer(c: Context): string | undefined {
    const seconds = Number(c.req.query("ts"));
    if (!(Math.abs(Date.now() / 1000 - seconds) <= CLOCKS_S)) return undefined;
    const header = c.req.header("authorization") ?? "";
    const path = c.req.url.slice(new URL(c.req.url).origin.length);
    for (const address of addressesOf(c)) {
      const signer = signerOf(header, `GET,${address}${path},${EMPTY}`);
      if (signer !== undefined) return signer;
    }
    return undefined;
  }

  #seal(what: string, seconds: number, until = Math.floor(Date.now() / 1000) + seconds): string {
    return `${until}.${createHmac("sha256", this.#secret).update(`${what} ${until}`).digest("hex")}`;
  }

  #opens(what: string, seal: string | undefined): boolean {
    const until = Number(/^(\d{1,12})\.[0-9a-f]{64}$/.exec(seal ?? "")?.[1] ?? 0);
    if (until * 1000 < Date.now()) return false;
    return timingSafeEqual(Buffer.from(seal ?? ""), Buffer.from(this.#seal(what, 0, until)));
  }
}

/** Where the client sees this server, the likelier first. */
function addressesOf(c: Context): string[] {
  const { protocol, host } = new URL(c.req.url);
  const isSecure = protocol === "https:" || c.req.header("x-forwarded-proto") === "https";
  const name = c.req.header("host") ?? host;
  return (isSecure ? ["https", "http"] : ["http", "https"]).map((scheme) => `${scheme}://${name}`);
}
