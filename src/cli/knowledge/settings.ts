/** Settings of a base as a person writes and reads them: `key=value`. */
import { Invalid } from "../../errors.ts";
import type { BaseSettings } from "./wire.ts";

interface Setting {
  field: keyof BaseSettings;
  /** Shown where there is no value. */
  unset: string;
  read(text: string, key: string): string | number;
}

const word = (text: string) => text;

const SETTINGS: Record<string, Setting> = {
  model: { field: "model", unset: "any that is here", read: word },
  mode: { field: "mode", unset: "query", read: oneOf("query", "chat") },
  embedder: { field: "embedder", unset: "none, words alone", read: word },
  reranker: { field: "reranker", unset: "none", read: word },
  refusal: { field: "refusal", unset: "in the language of the question", read: word },
  threshold: { field: "threshold", unset: "50", read: within(0, 100) },
  "passage-tokens": { field: "passage_tokens", unset: "-", read: whole },
  "most-passage-tokens": { field: "most_passage_tokens", unset: "-", read: whole },
};

const KEYS = Object.keys(SETTINGS).join(", ");

/** An empty value is null: the setting is taken back. Throws Invalid for a word that is no `key=value`, or no setting. */
export function parseSettings(words: readonly string[]): BaseSettings {
  const pairs = words.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw new Invalid(`${JSON.stringify(text)} sets nothing: write key=value (keys: ${KEYS})`);
    const key = text.slice(0, at).trim().toLowerCase().replaceAll("_", "-");
    const setting = Object.hasOwn(SETTINGS, key) ? SETTINGS[key] : undefined;
    if (!setting) throw new Invalid(`unknown setting ${JSON.stringify(key)} (must be one of ${KEYS})`);
    const value = text.slice(at + 1).trim();
    return [setting.field, value === "" ? null : setting.read(value, key)];
  });
  return Object.fromEntries(pairs);
}

/** Key and value of each, in the order of the help. */
export function settingsTable(settings: BaseSettings): [string, string][] {
  return Object.entries(SETTINGS).map(([key, { field, unset }]) => [key, String(settings[field] ?? `(${unset})`)]);
}

function oneOf(...words: string[]) {
  return (text: string, key: string): string => {
    if (!words.includes(text)) throw new Invalid(`invalid ${key} ${JSON.stringify(text)} (must be ${words.join(" or ")})`);
    return text;
  };
}

function within(least: number, most: number) {
  return (text: string, key: string): number => {
    const value = Number(text);
    if (!(value >= least && value <= most))
      throw new Invalid(`invalid ${key} ${JSON.stringify(text)} (must be a number from ${least} to ${most})`);
    return value;
  };
}

function whole(text: string, key: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new Invalid(`invalid ${key} ${JSON.stringify(text)} (must be a whole number)`);
  return Number(text);
}
