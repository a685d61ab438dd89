/**
 * tokenizer.model: a vocabulary of SentencePiece. Only the fields that a GGUF keeps are read.
 * Field numbers: sentencepiece_model.proto of https://github.com/google/sentencepiece
 */
import { Invalid, messageOf } from "../../../errors.ts";
import { fields } from "./protobuf.ts";
import { type Token, tokenTypes, type Vocabulary } from "./vocabulary.ts";

const MODEL = { piece: 1, trainer: 2, normalizer: 3 } as const;
const PIECE = { text: 1, score: 2, type: 3 } as const;
const TRAINER = { modelType: 3 } as const;
const NORMALIZER = { charsmap: 2, addDummyPrefix: 3, removeExtraWhitespaces: 4 } as const;
/** TrainerSpec.ModelType. */
const UNIGRAM = 1;
const BPE = 2;
const MAX_PIECES = 1 << 22;

/** Throws Invalid naming the file, for bytes that are no such model or one of whole words or characters. */
export function readSentencePiece(bytes: Buffer, name: string): Vocabulary {
  const fault = (problem: string, cause?: unknown) =>
    new Invalid(`"${name}" is no SentencePiece model: ${problem}`, cause === undefined ? {} : { cause });
  const tokens: Token[] = [];
  let type = UNIGRAM;
  const rules: { addSpacePrefix: boolean; removeExtraWhitespaces: boolean; charsmap?: Uint8Array } = {
    addSpacePrefix: true,
    removeExtraWhitespaces: true,
  };
  try {
    for (const field of fields(bytes)) {
      if (field.kind !== "bytes") continue;
      if (field.number === MODEL.piece) tokens.push(readPiece(field.bytes));
      else if (field.number === MODEL.trainer) type = readNumber(field.bytes, TRAINER.modelType) ?? type;
      else if (field.number === MODEL.normalizer) readRules(field.bytes, rules);
      if (tokens.length > MAX_PIECES) throw new Error(`it has more than ${MAX_PIECES} pieces`);
    }
  } catch (error) {
    throw fault(messageOf(error), error);
  }
  if (tokens.length === 0) throw fault("it has no pieces");
  if (type !== BPE && type !== UNIGRAM) throw fault(`it is of type ${type}; only BPE and Unigram can be converted`);
  if (type === BPE) {
    const { addSpacePrefix } = rules;
    return { model: "llama", pre: "default", tokens, addSpacePrefix };
  }
  return { model: "t5", pre: "default", tokens, ...rules };
}

function readPiece(bytes: Buffer): Token {
  // The numbers of SentencePiece's types are those of llama.cpp.
  const token = { text: "", score: 0, type: tokenTypes.normal as number };
  for (const field of fields(bytes)) {
    if (field.number === PIECE.text && field.kind === "bytes") token.text = field.bytes.toString("utf8");
    else if (field.number === PIECE.score && field.kind === "fixed32") token.score = field.bytes.readFloatLE();
    else if (field.number === PIECE.type && field.kind === "varint") token.type = field.value;
  }
  if (!Object.values<number>(tokenTypes).includes(token.type)) throw new Error(`a piece has the unknown type ${token.type}`);
  if (!Number.isFinite(token.score)) throw new Error(`the score of a piece is ${token.score}`);
  // llama.cpp looks for these in the text as it came.
  if (token.type === tokenTypes.userDefined) token.text = token.text.replaceAll("▁", " ");
  return token;
}

function readRules(
  bytes: Buffer,
  rules: { addSpacePrefix: boolean; removeExtraWhitespaces: boolean; charsmap?: Uint8Array },
): void {
  for (const field of fields(bytes)) {
    if (field.number === NORMALIZER.charsmap && field.kind === "bytes") rules.charsmap = field.bytes;
    else if (field.kind !== "varint") continue;
    else if (field.number === NORMALIZER.addDummyPrefix) rules.addSpacePrefix = field.value !== 0;
    else if (field.number === NORMALIZER.removeExtraWhitespaces) rules.removeExtraWhitespaces = field.value !== 0;
  }
}

function readNumber(bytes: Buffer, number: number): number | undefined {
  let found: number | undefined;
  for (const field of fields(bytes)) if (field.number === number && field.kind === "varint") found = field.value;
  return found;
}
