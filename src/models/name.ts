/** Model names: `[scheme://][host/][namespace/]model[:tag]`. */
import path from "node:path";

export interface ModelName {
  host: string;
  namespace: string;
  model: string;
  tag: string;
}

/** The registry of a name that names none. */
export const defaultHost = "registry.ollama.ai";
const defaults = { host: defaultHost, namespace: "library", tag: "latest" } as const;

// A first character that is a letter, digit or underscore rules out "..", "." and hidden files: a name is always a path inside the store.
const PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}$/;
const NAMESPACE = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,79}$/;
const HOST = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,349}$/;

/** The name with defaults filled in, or undefined when the text is no valid name. The scheme is dropped. */
export function parseName(text: string): ModelName | undefined {
  const colon = text.lastIndexOf(":");
  const hasTag = colon > text.lastIndexOf("/");
  const parts = (hasTag ? text.slice(0, colon) : text).split("/");
  const model = parts.pop() ?? "";
  const namespace = parts.pop() ?? defaults.namespace;
  const host = parts.length === 0 ? defaults.host : parts.join("/").replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, "");
  const name = { host, namespace, model, tag: hasTag ? text.slice(colon + 1) : defaults.tag };
  return isValidName(name) ? name : undefined;
}

/** Whether every part has only the characters and lengths that a name may have. */
export function isValidName({ host, namespace, model, tag }: ModelName): boolean {
  return HOST.test(host) && NAMESPACE.test(namespace) && PART.test(model) && PART.test(tag);
}

/** The shortest form that means the same, always with its tag: `llama3.2:latest`, `user/m:tag`, `hf.co/org/repo:Q4_K_M`. */
export function displayName({ host, namespace, model, tag }: ModelName): string {
  const short = `${model}:${tag}`;
  if (!same(host, defaults.host)) return `${host}/${namespace}/${short}`;
  return same(namespace, defaults.namespace) ? short : `${namespace}/${short}`;
}

/** All four parts, as some of Ollama's error texts have them. */
export function fullName({ host, namespace, model, tag }: ModelName): string {
  return `${host}/${namespace}/${model}:${tag}`;
}

/** Names differ only when they differ in more than case. */
export function sameName(a: ModelName, b: ModelName): boolean {
  return same(a.host, b.host) && same(a.namespace, b.namespace) && same(a.model, b.model) && same(a.tag, b.tag);
}

/** Where the manifest lies below `manifests/`. Throws on an invalid name, so that no name can leave the store. */
export function manifestPath(name: ModelName): string {
  if (!isValidName(name)) throw new Error("invalid model name");
  return path.join(name.host, name.namespace, name.model, name.tag);
}

/** Case-insensitive comparison of one part. */
export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
