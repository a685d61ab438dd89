/** What a request may do: the scopes and models of the key it came with. */
import { Invalid } from "../errors.ts";

/**
 * `inference` asks models and knowledge bases, `models` manages models, `knowledge` manages bases, `registry` downloads models, `admin` may
 * do all of it and manages keys.
 */
const scopes = ["inference", "models", "knowledge", "registry", "admin"] as const;
export type Scope = (typeof scopes)[number];

export interface Grant {
  /** The key's name, for messages. */
  name: string;
  scopes: readonly Scope[];
  /** Patterns of models; undefined is every model. */
  models: readonly string[] | undefined;
}

/** Whether the grant reaches that far. */
export function hasScope({ scopes }: Pick<Grant, "scopes">, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes("admin");
}

/** Whether a model, by its shortest name with its tag, is one the grant is for. */
export function coversModel({ models }: Pick<Grant, "models">, displayName: string): boolean {
  return models === undefined || models.some((pattern) => matches(pattern, displayName.toLowerCase()));
}

/** The scopes that words name, each once. Throws Invalid. */
export function parseScopes(words: readonly string[]): Scope[] {
  const found = words.map((word) => {
    const scope = scopes.find((known) => known === word.trim().toLowerCase());
    if (!scope)
      throw new Invalid(`unknown scope ${JSON.stringify(word)} (must be ${scopes.slice(0, -1).join(", ")} or ${scopes.at(-1)})`);
    return scope;
  });
  if (found.length === 0) throw new Invalid("a key needs at least one scope");
  return [...new Set(found)];
}

const PATTERN = /^(?:[A-Za-z0-9_*][A-Za-z0-9_.:/*-]{0,399}|kb\/[\p{L}\p{N}\p{M}*._: -]{1,99})$/u;

/**
 * Patterns as they are kept: a model's name, where `*` stands for any text. Without a tag and without a final `*` the tag is
 * `latest`, as everywhere. Throws Invalid.
 */
export function parseModelPatterns(words: readonly string[]): string[] {
  return words.map((word) => {
    const text = word.normalize("NFC").trim().toLowerCase();
    if (!PATTERN.test(text))
      throw new Invalid(`${JSON.stringify(word)} is no model name or pattern (example: qwen3, qwen3:*, me/*, kb/notes)`);
    const hasTag = text.lastIndexOf(":") > text.lastIndexOf("/");
    return hasTag || text.endsWith("*") ? text : `${text}:latest`;
  });
}

/** Compared piece by piece, not as a regular expression: no pattern is slow. */
function matches(pattern: string, text: string): boolean {
  const pieces = pattern.split("*");
  const [first = "", last = ""] = [pieces[0], pieces.at(-1)];
  if (pieces.length === 1) return pattern === text;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
