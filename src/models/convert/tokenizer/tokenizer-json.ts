/** tokenizer.json: a vocabulary of Hugging Face's tokenizers, of any of the kinds that language models have. */
import { Invalid } from "../../../errors.ts";
import { isRecord } from "../../manifest.ts";
import type { Json } from "../folder.ts";
import { preTokenizerName } from "./pre-tokenizer.ts";
import { type AddedToken, addTokens, type Token, tokenTypes, type Vocabulary } from "./vocabulary.ts";

const MAX_ID = 1 << 22;

/** Throws Invalid for a kind that llama.cpp has not, or for a damaged file. */
export function readTokenizerJson(json: Json): Vocabulary {
  const model = json.model;
  if (!isRecord(model)) throw fault("it has no model");
  const type = typeof model.type === "string" ? model.type : guessType(model);
  const added = addedTokens(json);
  const ends = endsOf(json.post_processor);
  if (type === "BPE")
    return { ...(isPieces(json, model) ? readPieces(json, model, added) : readBytes(json, model, added)), ...ends };
  if (type === "Unigram") return { ...readUnigram(json, model, added), ...ends };
  if (type === "WordPiece") return { ...readWordPiece(json, model, added), ...ends };
  throw fault(`its model is of type ${JSON.stringify(type)}; BPE, Unigram and WordPiece can be converted`);
}

/** Whether it is a SentencePiece vocabulary written as BPE: then a tokenizer.model beside it holds the same, and the scores too. */
export function isPieces(json: Json, model: unknown = json.model): boolean {
  if (!isRecord(model) || !isRecord(model.vocab)) return false;
  return (
    model.byte_fallback === true || steps(json.normalizer).some(({ type }) => type === "Prepend") || metaspace(json) !== undefined
  );
}

/** Added tokens of the file. */
export function addedTokens(json: Json): AddedToken[] {
  const list = Array.isArray(json.added_tokens) ? json.added_tokens : [];
  return list.filter(isRecord).map(({ id, content, special }) => {
    if (!isId(id) || typeof content !== "string") throw fault("an added token has no id or no text");
    return { id, content, special: special === true };
  });
}

function readBytes(json: Json, model: Json, added: AddedToken[]): Vocabulary {
  const tokens = byId(model.vocab).map((text) => (text === undefined ? undefined : { text, type: tokenTypes.normal }));
  addTokens(tokens, added, { isPiece: false });
  const pre = preTokenizerName(json.pre_tokenizer, { ignoreMerges: model.ignore_merges === true });
  return { model: "gpt2", pre, tokens, merges: mergesOf(model).map(([left, right]) => `${left} ${right}`) };
}

/** The scores that SentencePiece had are lost, but not their order: pieces were merged best first. */
function readPieces(json: Json, model: Json, added: AddedToken[]): Vocabulary {
  const rank = new Map<string, number>();
  for (const [i, [left, right]] of mergesOf(model).entries()) {
    const piece = left + right;
    if (!rank.has(piece)) rank.set(piece, i);
  }
  const unknown = typeof model.unk_token === "string" ? model.unk_token : "<unk>";
  // A piece without a merge is a character; it comes last, and is never the result of one.
  const tokens = byId(model.vocab).map((text): Token | undefined => {
    if (text === undefined) return undefined;
    const score = -(rank.get(text) ?? rank.size);
    if (text === unknown) return { text, type: tokenTypes.unknown, score: 0 };
    if (/^<0x[0-9A-F]{2}>$/.test(text)) return { text, type: tokenTypes.byte, score: 0 };
    return { text, type: tokenTypes.normal, score };
  });
  addTokens(tokens, added, { isPiece: true });
  const prefix = metaspace(json);
  const addSpacePrefix = prefix
    ? prefix.prepend_scheme !== "never"
    : steps(json.normalizer).some(({ type }) => type === "Prepend");
  return { model: "llama", pre: "default", tokens, addSpacePrefix };
}

function readUnigram(json: Json, model: Json, added: AddedToken[]): Vocabulary {
  if (!Array.isArray(model.vocab) || model.vocab.length > MAX_ID) throw fault("its vocabulary is no list");
  const tokens = model.vocab.map((pair: unknown, id): Token | undefined => {
    const [text, score] = Array.isArray(pair) ? pair : [];
    if (typeof text !== "string" || typeof score !== "number" || !Number.isFinite(score))
      throw fault(`its token ${id} is no pair of text and score`);
    const isByte = model.byte_fallback === true && /^<0x[0-9A-F]{2}>$/.test(text);
    return { text, score, type: id === model.unk_id ? tokenTypes.unknown : isByte ? tokenTypes.byte : tokenTypes.normal };
  });
  addTokens(tokens, added, { isPiece: true });
  const charsmap = steps(json.normalizer).find(({ type }) => type === "Precompiled")?.precompiled_charsmap;
  const before = steps(json.pre_tokenizer).map(({ type }) => type);
  return {
    model: "t5",
    pre: "default",
    tokens,
    addSpacePrefix: metaspace(json)?.prepend_scheme !== "never",
    removeExtraWhitespaces: before.includes("WhitespaceSplit") || steps(json.normalizer).some(({ type }) => type === "Replace"),
    ...(typeof charsmap === "string" && { charsmap: Buffer.from(charsmap, "base64") }),
  };
}

/** llama.cpp marks the beginning of a word where WordPiece marks its inside. */
function readWordPiece(json: Json, model: Json, added: AddedToken[]): Vocabulary {
  const inside = typeof model.continuing_subword_prefix === "string" ? model.continuing_subword_prefix : "##";
  const tokens = byId(model.vocab).map((text): Token | undefined => {
    if (text === undefined) return undefined;
    return { text: text.startsWith(inside) ? text.slice(inside.length) : `▁${text}`, type: tokenTypes.normal };
  });
  addTokens(tokens, added, { isPiece: false });
  const normalizer = steps(json.normalizer).find(({ type }) => type === "BertNormalizer");
  const lowercase = normalizer ? normalizer.lowercase !== false : steps(json.normalizer).some(({ type }) => type === "Lowercase");
  const accents = normalizer?.strip_accents;
  const stripAccents = typeof accents === "boolean" ? accents : lowercase;
  return { model: "bert", pre: "default", tokens, lowercase, stripAccents };
}

/** Texts by id. */
function byId(vocab: unknown): (string | undefined)[] {
  if (!isRecord(vocab)) throw fault("its vocabulary is no object");
  const entries = Object.entries(vocab);
  const texts: (string | undefined)[] = [];
  for (const [text, id] of entries) {
    if (!isId(id)) throw fault(`the id of ${JSON.stringify(text)} is no whole number below ${MAX_ID}`);
    if (texts[id] !== undefined)
      throw fault(`its tokens ${JSON.stringify(texts[id])} and ${JSON.stringify(text)} have the same id`);
    texts[id] = text;
  }
  return Array.from(texts);
}

/** `["a", "b"]` or, in older files, `"a b"`. */
function mergesOf(model: Json): [string, string][] {
  const list = Array.isArray(model.merges) ? model.merges : [];
  return list.map((merge: unknown, i): [string, string] => {
    const [left, right, more] = typeof merge === "string" ? merge.split(" ") : Array.isArray(merge) ? merge : [];
    if (typeof left !== "string" || typeof right !== "string" || more !== undefined) throw fault(`its merge ${i} is no pair`);
    return [left, right];
  });
}

/** What stands before and behind a text. Undefined where the file leaves that to others. */
function endsOf(processor: unknown): { addBos?: boolean; addEos?: boolean } {
  const found = [processor, ...(isRecord(processor) && Array.isArray(processor.processors) ? processor.processors : [])].filter(
    isRecord,
  );
  const template = found.find(({ type }) => type === "TemplateProcessing");
  if (!template)
    return found.some(({ type }) => type === "BertProcessing" || type === "RobertaProcessing")
      ? { addBos: true, addEos: true }
      : {};
  const single = Array.isArray(template.single) ? template.single.filter(isRecord) : [];
  const at = single.findIndex((step) => "Sequence" in step);
  return { addBos: at > 0, addEos: at >= 0 && at < single.length - 1 };
}

function metaspace(json: Json): Json | undefined {
  return steps(json.pre_tokenizer).find(({ type }) => type === "Metaspace");
}

function steps(step: unknown): Json[] {
  if (!isRecord(step)) return [];
  const inner = step.normalizers ?? step.pretokenizers;
  return Array.isArray(inner) ? inner.slice(0, 64).filter(isRecord) : [step];
}

/** Files of early releases do not say their type. */
function guessType(model: Json): string | undefined {
  if (Array.isArray(model.vocab)) return "Unigram";
  return Array.isArray(model.merges) ? "BPE" : "continuing_subword_prefix" in model ? "WordPiece" : undefined;
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < MAX_ID;
}

function fault(problem: string): Invalid {
  return new Invalid(`"tokenizer.json" cannot be converted: ${problem}`);
}
