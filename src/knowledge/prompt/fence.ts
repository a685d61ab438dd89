/** Text of documents, made harmless: nothing in it can end its own quotation, or begin a turn of the conversation. */

/** Control words of the templates of known models, and our own fence. */
const CONTROL =
  /<(?=\s*\/?\s*(?:source\b|[|｜]|s>|\/s>|unk>|pad>|bos>|eos>|start_of|end_of|think|tool|function|system|user|assistant|im_))|\[(?=\s*\/?\s*(?:INST|SYS|TOOL|AVAILABLE|SYSTEM)\b)|<(?=<\s*\/?SYS)/gi;

/** A space breaks such a word and leaves the text readable. */
export function defused(text: string): string {
  return text.replace(CONTROL, (bracket) => `${bracket} `);
}

/** For a model whose control words are others: no bracket is left next to anything. */
export function defusedThoroughly(text: string): string {
  return text.replace(/[<>[\]{}|｜▁]/gu, (bracket) => ` ${bracket} `);
}

/** A value between double quotes. */
export function attribute(text: string): string {
  return defused(text).replace(/\s+/g, " ").replaceAll('"', "'").replace(/[<>]/g, "").slice(0, 200);
}
