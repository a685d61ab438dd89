/** Which web pages may call the API, and the CORS headers that tell them so. */
import type { MiddlewareHandler } from "hono";

const LOCAL = ["localhost", "127.0.0.1", "0.0.0.0"].flatMap((host) =>
  ["http", "https"].flatMap((scheme) => [`${scheme}://${host}`, `${scheme}://${host}:*`]),
);
const APPS = ["app://*", "file://*", "tauri://*", "vscode-webview://*", "vscode-file://*"];
const STAINLESS = [
  "arch",
  "async",
  "custom-poll-interval",
  "helper-method",
  "lang",
  "os",
  "package-version",
  "poll-helper",
  "retry-count",
  "runtime",
  "runtime-version",
  "timeout",
];

const PREFLIGHT = {
  "Access-Control-Allow-Methods": "GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS",
  "Access-Control-Allow-Headers": [
    ...["Authorization", "Content-Type", "User-Agent", "Accept", "X-Requested-With", "OpenAI-Beta"],
    ...["X-API-Key", "anthropic-version", "anthropic-beta", "anthropic-dangerous-direct-browser-access"],
    ...STAINLESS.map((name) => `x-stainless-${name}`),
  ].join(","),
  "Access-Control-Max-Age": "43200",
};

/** Pages see no other headers than these. */
const EXPOSED = "Puna-Prompt-Truncated,Puna-Truncated-Inputs,Puna-Truncated-Documents,request-id";

/** Whether a page of this origin may call. `allowed` holds the user's own entries; each may have one `*`. */
function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  return [...allowed, ...LOCAL, ...APPS].some((pattern) => matches(pattern, origin));
}

/** 403 for pages from elsewhere; preflights of the others are answered here. Requests without an Origin pass. */
export function guardOrigins(allowed: readonly string[]): MiddlewareHandler {
  const everybody = allowed.includes("*");
  return async (c, next) => {
    const origin = c.req.header("origin");
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    if (!origin || origin === `http://${host}` || origin === `https://${host}`) return next();
    if (!everybody && !isAllowedOrigin(origin, allowed)) return c.body(null, 403);
    c.header("Access-Control-Allow-Origin", everybody ? "*" : origin);
    if (!everybody) c.header("Vary", "Origin");
    c.header("Access-Control-Expose-Headers", EXPOSED);
    if (c.req.method !== "OPTIONS") return next();
    return c.body(null, 204, PREFLIGHT);
  };
}

function matches(pattern: string, origin: string): boolean {
  const [prefix = "", suffix] = pattern.split("*", 2);
  if (suffix === undefined) return pattern === origin;
  return origin.length >= prefix.length + suffix.length && origin.startsWith(prefix) && origin.endsWith(suffix);
}
