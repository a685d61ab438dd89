/** Which proxy a request goes through, by the rules of HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go reads them. */
import { Invalid } from "../errors.ts";
import { isListed } from "./host-list.ts";

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
  return isListed(no.split(","), host, port);
}
