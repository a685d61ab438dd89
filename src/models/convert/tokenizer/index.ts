/** A model folder's tokenizer, whichever of its forms the folder has, as GGUF metadata. */
import { Invalid } from "../../../errors.ts";
import type { Entry } from "../../gguf/write.ts";
import { isRecord } from "../../manifest.ts";
import type { ModelConfigFile } from "../config.ts";
import type { Json, ModelFolder } from "../folder.ts";
import { chatTemplateEntries } from "./chat-template.ts";
import { readSentencePiece } from "./sentencepiece.ts";
import { specialEntries } from "./special.ts";
import { addedTokens, isPieces, readTokenizerJson } from "./tokenizer-json.ts";
import { type AddedToken, addTokens, type Vocabulary, vocabularyEntries } from "./vocabulary.ts";

const PIECES = "tokenizer.model";

/** Vocabulary, special tokens and chat templates, for `rows` rows of embeddings. */
export async function tokenizerEntries(folder: ModelFolder, config: ModelConfigFile, rows: number): Promise<Entry[]> {
  const tokenizerConfig = await folder.json("tokenizer_config.json");
  const vocabulary = await readVocabulary(folder, tokenizerConfig);
  const map = await folder.json("special_tokens_map.json");
  const generation = await folder.json("generation_config.json");
  return [
    ...vocabularyEntries({ ...vocabulary, ...told(tokenizerConfig, vocabulary) }, rows),
    ...specialEntries(vocabulary, rows, { tokenizerConfig, map, generation, config }),
    ...(await chatTemplateEntries(folder, tokenizerConfig)),
  ];
}

/** What tokenizer_config.json says is stronger than what the others imply. */
function told(tokenizerConfig: Json | undefined, vocabulary: Vocabulary): Partial<Vocabulary> {
  const flag = (key: string) => (typeof tokenizerConfig?.[key] === "boolean" ? tokenizerConfig[key] : undefined);
  const [bos, eos] = [flag("add_bos_token"), flag("add_eos_token")];
  // SentencePiece models begin with BOS unless someone says otherwise.
  const addBos = bos ?? vocabulary.addBos ?? (vocabulary.model === "llama" ? true : undefined);
  return { addBos, addEos: eos ?? vocabulary.addEos };
}

async function readVocabulary(folder: ModelFolder, tokenizerConfig: Json | undefined): Promise<Vocabulary> {
  const json = await folder.json("tokenizer.json");
  // The file has the scores themselves; but next to a byte-level tokenizer.json it is of another kind.
  const bytes = !json || isPieces(json) ? await folder.bytes(PIECES) : undefined;
  if (!bytes) {
    if (!json) throw new Invalid('the tokenizer is missing: neither "tokenizer.json" nor "tokenizer.model" is there');
    return readTokenizerJson(json);
  }
  const vocabulary = readSentencePiece(bytes, PIECES);
  const whole = json ? readTokenizerJson(json) : undefined;
  const added = json ? addedTokens(json) : [...(await fromAddedTokens(folder)), ...fromDecoder(tokenizerConfig)];
  addTokens(vocabulary.tokens, added, { isPiece: true });
  // The fast tokenizer is what the model was trained with, where the two disagree.
  const { addSpacePrefix, addBos, addEos } = whole ?? {};
  return { ...vocabulary, ...(addSpacePrefix !== undefined && { addSpacePrefix }), ...(whole && { addBos, addEos }) };
}

/** added_tokens.json: text -> id. */
async function fromAddedTokens(folder: ModelFolder): Promise<AddedToken[]> {
  const json = await folder.json("added_tokens.json");
  return Object.entries(json ?? {}).flatMap(([content, id]) => (isId(id) ? [{ id, content, special: false }] : []));
}

/** added_tokens_decoder of tokenizer_config.json: id -> token. */
function fromDecoder(tokenizerConfig: Json | undefined): AddedToken[] {
  const decoder = tokenizerConfig?.added_tokens_decoder;
  return Object.entries(isRecord(decoder) ? decoder : {}).flatMap(([key, token]) => {
    const id = Number(key);
    if (!isId(id) || !isRecord(token) || typeof token.content !== "string") return [];
    return [{ id, content: token.content, special: token.special === true }];
  });
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 1 << 22;
}
