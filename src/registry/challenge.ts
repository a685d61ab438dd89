/** How a registry asks for a token: its `WWW-Authenticate` header, and the signed request that answers it. */
import { createHash, randomBytes } from "node:crypto";
import { Failed } from "../errors.ts";
import type { SigningKey } from "./ssh-key.ts";

export interface Challenge {
  realm: string;
  service: string | undefined;
  scopes: string[];
}

/** `Bearer realm="…",service="…",scope="a b"`. Undefined for another scheme, or without a realm. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const [, parameters] = /^\s*Bearer\s+(.*)$/is.exec(header ?? "") ?? [];
  if (parameters === undefined) return undefined;
  const found = new Map<string, string>();
  for (const [, name = "", quoted, bare] of parameters.matchAll(/([A-Za-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/g)) {
    found.set(name.toLowerCase(), quoted ?? bare ?? "");
  }
  const realm = found.get("realm");
  if (!realm) return undefined;
  return { realm, service: found.get("service"), scopes: (found.get("scope") ?? "").split(/\s+/).filter(Boolean) };
}

/**
 * Where to ask for the token. The realm must be on the registry itself, and no less protected: whoever can write a header
 * could otherwise have our signature sent elsewhere.
 */
export function tokenUrl(challenge: Challenge, registry: URL, { now = Date.now(), nonce = randomBytes(16) } = {}): URL {
  const { realm, service, scopes } = challenge;
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol))
    throw new Failed(`the registry names no usable realm: ${JSON.stringify(realm)}`);
  if (url.host !== registry.host) throw new Failed(`realm host "${url.host}" does not match original host "${registry.host}"`);
  if (url.protocol === "http:" && registry.protocol === "https:")
    throw new Failed(`the realm of ${registry.host} is not encrypted`);
  if (service !== undefined) url.searchParams.append("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  url.searchParams.append("ts", String(Math.floor(now / 1000)));
  url.searchParams.append("nonce", nonce.toString("base64url"));
  url.searchParams.sort();
  return url;
}

/** The Authorization header for a token request: who we are, and a signature over method, address and an empty body. */
export function signedAuthorization(key: SigningKey, url: URL): string {
  const emptyBody = Buffer.from(createHash("sha256").digest("hex")).toString("base64");
  return `${key.publicKey}:${key.sign(`GET,${url.href},${emptyBody}`)}`;
}
