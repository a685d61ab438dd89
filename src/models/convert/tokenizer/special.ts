/** The tokens with a meaning of their own: which begins a text, ends an answer, pads, and so on. */
import type { Entry } from "../../gguf/write.ts";
import { isRecord } from "../../manifest.ts";
import type { ModelConfigFile } from "../config.ts";
import type { Json } from "../folder.ts";
import { u32 } from "../metadata.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** GGUF's names, `seperator` misspelled as it is, and those of tokenizer_config.json and config.json. */
const kinds = [
  ["bos", "bos", "bos"],
  ["eos", "eos", "eos"],
  ["unknown", "unk", "unk"],
  ["seperator", "sep", "sep"],
  ["padding", "pad", "pad"],
  ["cls", "cls", "cls"],
  ["mask", "mask", "mask"],
] as const;

export interface SpecialSources {
  /** tokenizer_config.json. */
  tokenizerConfig: Json | undefined;
  /** special_tokens_map.json, which older models have. */
  map: Json | undefined;
  /** generation_config.json. */
  generation: Json | undefined;
  config: ModelConfigFile;
}

/** Ids by name, those that exist in this vocabulary. */
export function specialEntries(vocabulary: Vocabulary, rows: number, sources: SpecialSources): Entry[] {
  const idOf = new Map(vocabulary.tokens.flatMap((token, id) => (token ? [[token.text, id] as const] : [])));
  const found = new Map<string, number>();
  for (const [name, word, key] of kinds) {
    const text = contentOf(sources.tokenizerConfig?.[`${word}_token`]) ?? contentOf(sources.map?.[`${word}_token`]);
    const byText = text === undefined ? undefined : (idOf.get(text) ?? idOf.get(`▁${text}`));
    const id = byText ?? ids(sources.generation?.[`${key}_token_id`])[0] ?? ids(sources.config.value(`${key}_token_id`))[0];
    if (id !== undefined && id < rows) found.set(name, id);
  }
  if (vocabulary.model === "bert" || found.has("cls")) stand(found);
  addEnds(
    found,
    ends(sources).filter((id) => id < rows),
  );
  return [...found].map(([name, id]) => u32(`tokenizer.ggml.${name}_token_id`, id));
}

/** Encoders begin with [CLS] and end with [SEP]; llama.cpp asks for them by the other names. */
function stand(found: Map<string, number>): void {
  const [cls, sep] = [found.get("cls"), found.get("seperator")];
  if (cls !== undefined && !found.has("bos")) found.set("bos", cls);
  if (sep !== undefined && !found.has("eos")) found.set("eos", sep);
}

/** Every token that ends an answer: llama.cpp keeps two more besides the end of text. */
function addEnds(found: Map<string, number>, all: number[]): void {
  const eos = found.get("eos");
  const others = [...new Set(all)].filter((id) => id !== eos);
  for (const name of ["eot", "eom"]) {
    const id = others.shift();
    if (id !== undefined) found.set(name, id);
  }
}

function ends({ generation, config }: SpecialSources): number[] {
  return [...ids(generation?.eos_token_id), ...ids(config.value("eos_token_id"))];
}

function ids(value: unknown): number[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((id): id is number => Number.isInteger(id) && Number(id) >= 0);
}

/** `"<s>"` or `{ "content": "<s>" }`. */
function contentOf(value: unknown): string | undefined {
  const text = isRecord(value) ? value.content : value;
  return typeof text === "string" ? text : undefined;
}
