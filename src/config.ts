/** Every setting in one table: its environment variable, default and one line of meaning. */
import os from "node:os";
import path from "node:path";
import { parseDuration } from "./duration.ts";

export interface Setting {
  name: string;
  /** As a user would write it; empty when the default is decided at run time. */
  default: string;
  meaning: string;
}

/** The table that `puna serve --help`, the docs and `readConfig` share. OLLAMA_ names keep Ollama's meaning. */
export const settings = [
  { name: "OLLAMA_HOST", default: "127.0.0.1:11434", meaning: "Address to listen on, and to connect to" },
  { name: "OLLAMA_ORIGINS", default: "", meaning: "Comma-separated extra origins that may call the API from a browser" },
  { name: "OLLAMA_MODELS", default: "$PUNA_HOME/models", meaning: "Folder of the model store" },
  { name: "OLLAMA_KEEP_ALIVE", default: "5m", meaning: "How long a model stays in memory after its last request" },
  { name: "OLLAMA_LOAD_TIMEOUT", default: "5m", meaning: "How long a load may go on without progress" },
  { name: "OLLAMA_CONTEXT_LENGTH", default: "4096", meaning: "Context length of a request that names none" },
  {
    name: "OLLAMA_NUM_PARALLEL",
    default: "",
    meaning: "Sequences a model serves at once (default: 8, fewer for embedding models)",
  },
  { name: "OLLAMA_MAX_LOADED_MODELS", default: "3", meaning: "Models in memory at once" },
  { name: "OLLAMA_MAX_QUEUE", default: "512", meaning: "Requests that may wait before new ones get 503" },
  { name: "OLLAMA_NOPRUNE", default: "false", meaning: "Keep unused blobs" },
  { name: "OLLAMA_NOHISTORY", default: "false", meaning: "Keep no history of `puna run`" },
  { name: "OLLAMA_EDITOR", default: "", meaning: "Editor that Ctrl-G opens in `puna run` (default: VISUAL, EDITOR, or vi)" },
  { name: "OLLAMA_DEBUG", default: "false", meaning: "Log more" },
  { name: "OLLAMA_FLASH_ATTENTION", default: "", meaning: "Force flash attention on or off (default: as the kernels prefer)" },
  { name: "OLLAMA_KV_CACHE_TYPE", default: "f16", meaning: "Type of the KV cache: f16, f32, bf16, q8_0, q4_0, q4_1, q5_0, q5_1" },
  {
    name: "OLLAMA_GO_TEMPLATE",
    default: "",
    meaning: "1: always a model's Go template, 0: never (default: whichever can do more)",
  },
  { name: "PUNA_HOME", default: "~/.puna", meaning: "The one folder for everything Puna keeps" },
  { name: "PUNA_MODELS", default: "", meaning: "Like OLLAMA_MODELS, and stronger" },
  {
    name: "PUNA_PG_URL",
    default: "",
    meaning: "PostgreSQL database for the search index: postgres://user:password@host:5432/database (default: SQLite)",
  },
  { name: "PUNA_LLAMA_LIB", default: "", meaning: "Folder of a llama.cpp build of your own" },
  { name: "PUNA_THREADS", default: "", meaning: "Threads per model (default: physical cores, one for models up to 64 MB)" },
  {
    name: "PUNA_PREFIX_CACHE",
    default: "",
    meaning: "RAM for kept prompt prefixes, in bytes or as 512MB (default: 5 % of memory)",
  },
  { name: "PUNA_API_KEY", default: "", meaning: "API key that the command line sends" },
  { name: "OLLAMA_API_KEY", default: "", meaning: "Like PUNA_API_KEY, and weaker" },
  {
    name: "PUNA_REQUIRE_KEY",
    default: "",
    meaning: "1: every request needs an API key, 0: none does (default: where other machines can reach the server)",
  },
  { name: "PUNA_TLS_CERT", default: "", meaning: "Certificate (PEM, with its chain): the server then speaks HTTPS only" },
  { name: "PUNA_TLS_KEY", default: "", meaning: "Private key of the certificate (PEM)" },
  { name: "PUNA_TLS_CA", default: "", meaning: "Certificate (PEM) that the command line trusts besides the system's" },
  { name: "PUNA_REGISTRY", default: "false", meaning: "Let other machines pull this one's models, as from a registry" },
  { name: "OLLAMA_MAX_TRANSFER_STREAMS", default: "8", meaning: "Connections that the download of one file uses at once" },
  {
    name: "PUNA_TRANSFER_RATE",
    default: "",
    meaning: "Most bytes a second that all pulls and pushes take together, as 10MB (default: no limit)",
  },
  {
    name: "PUNA_MIRRORS",
    default: "",
    meaning: "Where to go in place of a registry: host=address, several with commas",
  },
  { name: "HF_TOKEN", default: "", meaning: "Access token for private repositories of the Hugging Face hub" },
  { name: "HF_ENDPOINT", default: "", meaning: "Another address of the Hugging Face hub; it is given HF_TOKEN" },
  { name: "HTTPS_PROXY", default: "", meaning: "Proxy for registries and web pages: http://user:password@host:port" },
  { name: "HTTP_PROXY", default: "", meaning: "Proxy for registries and web pages without encryption" },
  { name: "NO_PROXY", default: "", meaning: "Hosts, domains, addresses and networks called without a proxy, with commas" },
  {
    name: "PUNA_ALLOW_PRIVATE_URLS",
    default: "",
    meaning:
      "Hosts, addresses and networks of the local network that web pages may be read from, with commas; 1: all (default: none)",
  },
  {
    name: "PUNA_METRICS",
    default: "",
    meaning: "1: /metrics for Prometheus, 0: none (default: only when listening on a loopback address)",
  },
  { name: "PUNA_ON_OVERFLOW", default: "truncate", meaning: "When a prompt exceeds the context: truncate (and say so) or error" },
] as const satisfies readonly Setting[];

export interface Config {
  host: { hostname: string; port: number; scheme: "http" | "https" };
  origins: string[];
  home: string;
  models: string;
  /** Address of the database that holds the search index. It may hold a password: never shown. */
  postgres: string | undefined;
  /** Milliseconds; Infinity is forever. */
  keepAliveMs: number;
  loadTimeoutMs: number;
  contextLength: number | undefined;
  numParallel: number | undefined;
  maxLoadedModels: number;
  maxQueue: number;
  noPrune: boolean;
  noHistory: boolean;
  debug: boolean;
  flashAttention: boolean | undefined;
  kvType: KvType;
  goTemplate: boolean | undefined;
  llamaLibrary: string | undefined;
  threads: number | undefined;
  prefixBytes: number;
  /** Undefined: only on a loopback address. */
  metrics: boolean | undefined;
  onOverflow: "truncate" | "error";
  apiKey: string | undefined;
  requireKey: boolean | undefined;
  /** Files. */
  tlsCertificate: string | undefined;
  tlsKey: string | undefined;
  tlsTrusted: string | undefined;
  registry: boolean;
  transfer: TransferSettings;
  /** Private hosts and networks that may be asked on a user's behalf; `*` is all. */
  allowPrivateUrls: string[];
}

/** How models come from registries and go there. */
interface TransferSettings {
  streams: number;
  bytesPerSecond: number | undefined;
  /** Addresses by lower-case host. */
  mirrors: ReadonlyMap<string, string>;
  hub: { token: string; endpoint: string };
  proxy: { http: string; https: string; no: string };
}

const kvTypes = ["f16", "f32", "bf16", "q8_0", "q4_0", "q4_1", "q5_0", "q5_1"] as const;
export type KvType = (typeof kvTypes)[number];

type Environment = Record<string, string | undefined>;

/** Reads the environment. Values that make no sense fall back to the default, as Ollama's do. */
export function readConfig(env: Environment = process.env): Config {
  const text: Text = (name) => (env[name] ?? "").trim().replace(/^["']+|["']+$/g, "");
  const home = path.resolve(expandHome(text("PUNA_HOME") || "~/.puna"));
  return {
    // One environment for server and command line: with a certificate, an address that names no scheme is an https one.
    host: parseHost(text("OLLAMA_HOST"), text("PUNA_TLS_CERT") ? "https" : "http"),
    origins: text("OLLAMA_ORIGINS")
      .split(",")
      .map((origin) => origin.trim())
      .filter(Boolean),
    home,
    models: path.resolve(expandHome(text("PUNA_MODELS") || text("OLLAMA_MODELS") || path.join(home, "models"))),
    postgres: text("PUNA_PG_URL") || undefined,
    keepAliveMs: keepAlive(text("OLLAMA_KEEP_ALIVE")),
    loadTimeoutMs: forever(duration(text("OLLAMA_LOAD_TIMEOUT")) ?? 300_000),
    contextLength: count(text("OLLAMA_CONTEXT_LENGTH")) || undefined,
    numParallel: count(text("OLLAMA_NUM_PARALLEL")) || undefined,
    maxLoadedModels: count(text("OLLAMA_MAX_LOADED_MODELS")) || 3,
    maxQueue: count(text("OLLAMA_MAX_QUEUE")) ?? 512,
    noPrune: flag(text("OLLAMA_NOPRUNE")) ?? false,
    noHistory: flag(text("OLLAMA_NOHISTORY")) ?? false,
    debug: flag(text("OLLAMA_DEBUG")) ?? false,
    flashAttention: flag(text("OLLAMA_FLASH_ATTENTION")),
    kvType: kvTypes.find((type) => type === text("OLLAMA_KV_CACHE_TYPE").toLowerCase()) ?? "f16",
    goTemplate: flag(text("OLLAMA_GO_TEMPLATE")),
    llamaLibrary: text("PUNA_LLAMA_LIB") || undefined,
    threads: count(text("PUNA_THREADS")) || undefined,
    prefixBytes: bytes(text("PUNA_PREFIX_CACHE")) ?? Math.round(os.totalmem() * 0.05),
    metrics: flag(text("PUNA_METRICS")),
    onOverflow: text("PUNA_ON_OVERFLOW") === "error" ? "error" : "truncate",
    apiKey: text("PUNA_API_KEY") || text("OLLAMA_API_KEY") || undefined,
    requireKey: flag(text("PUNA_REQUIRE_KEY")),
    tlsCertificate: file(text("PUNA_TLS_CERT")),
    tlsKey: file(text("PUNA_TLS_KEY")),
    tlsTrusted: file(text("PUNA_TLS_CA")),
    registry: flag(text("PUNA_REGISTRY")) ?? false,
    transfer: transferSettings(text, env),
    allowPrivateUrls: privateUrls(text("PUNA_ALLOW_PRIVATE_URLS")),
  };
}

/** 1 and true are all, 0 and false none, everything else a list. */
function privateUrls(text: string): string[] {
  if (/^(?:1|t|true)$/i.test(text)) return ["*"];
  if (/^(?:0|f|false)$/i.test(text)) return [];
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/** `host`, `host:port`, `:port`, `[v6]:port`, each with or without `http://` or `https://` and a path. */
export function parseHost(text: string, usual: "http" | "https" = "http"): Config["host"] {
  const found = /^(?:(https?):\/\/)?(\[[^\]]*\]|[^:/]*)(?::([^/]*))?(?:\/.*)?$/i.exec(text);
  const scheme = (found?.[1]?.toLowerCase() ?? usual) === "https" ? "https" : "http";
  const fallback = found?.[1] ? (scheme === "https" ? 443 : 80) : 11434;
  const port = /^\d{1,5}$/.test(found?.[3] ?? "") ? Number(found?.[3]) : fallback;
  const hostname = (found?.[2] ?? "").replace(/^\[|\]$/g, "") || "127.0.0.1";
  return { hostname, port: port <= 65_535 ? port : fallback, scheme };
}

type Text = (name: (typeof settings)[number]["name"]) => string;

function transferSettings(text: Text, env: Environment): TransferSettings {
  // Other programs read these in either case; the lower one is the older.
  const proxy = (name: "HTTPS_PROXY" | "HTTP_PROXY" | "NO_PROXY") => text(name) || (env[name.toLowerCase()] ?? "").trim();
  const endpoint = text("HF_ENDPOINT");
  const mirrors = new Map(endpoint ? ["hf.co", "huggingface.co"].map((host) => [host, endpoint]) : []);
  for (const pair of text("PUNA_MIRRORS").split(",")) {
    const [, host, address] = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(pair) ?? [];
    if (host && address) mirrors.set(host.toLowerCase(), address);
  }
  return {
    streams: Math.min(64, count(text("OLLAMA_MAX_TRANSFER_STREAMS")) || 8),
    bytesPerSecond: bytes(text("PUNA_TRANSFER_RATE")) || undefined,
    mirrors,
    hub: { token: text("HF_TOKEN"), endpoint },
    proxy: { http: proxy("HTTP_PROXY"), https: proxy("HTTPS_PROXY"), no: proxy("NO_PROXY") },
  };
}

/** Go's ParseBool, where any other non-empty word counts as true. Undefined when empty. */
function flag(text: string): boolean | undefined {
  if (text === "") return undefined;
  return !["0", "f", "F", "false", "FALSE", "False"].includes(text);
}

function count(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function duration(text: string): number | undefined {
  try {
    return text === "" ? undefined : parseDuration(text);
  } catch {
    return undefined;
  }
}

/** Here, unlike in JSON, a bare integer is seconds. */
function keepAlive(text: string): number {
  const ms = /^-?\d+$/.test(text) ? Number(text) * 1000 : (duration(text) ?? 300_000);
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}

function forever(ms: number): number {
  return ms <= 0 ? Number.POSITIVE_INFINITY : ms;
}

function bytes(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text);
  if (!found) return undefined;
  return Math.round(Number(found[1]) * 1024 ** " kmgt".indexOf((found[2] || " ").toLowerCase()));
}

function file(text: string): string | undefined {
  return text === "" ? undefined : path.resolve(expandHome(text));
}

function expandHome(file: string): string {
  return file === "~" || file.startsWith("~/") ? path.join(os.homedir(), file.slice(1)) : file;
}
