/** Bytes to text in whatever encoding they are: by mark, by what is declared, as UTF-8, and else by trying and judging. */
import chardet from "chardet";
import { clean } from "./clean.ts";

const SAMPLE_BYTES = 1 << 18;
/** Share of common characters from which a text is taken to be East Asian: right ones reach 0.6, wrong ones 0.1. */
const LEAST_COMMON = 0.25;
/** Characters that fill a large part of any Chinese text, simplified and traditional. */
const COMMON_HAN = new Set(
  "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非則這個們來為國時會說對學開後裡經過還進無長機關問應頭體見產話實點業將兩間發當沒動現與樣車東門",
);
const EAST_ASIAN = ["gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"];

/** @returns undefined when the bytes are no text in any encoding. */
export function decodeText(bytes: Uint8Array, declared?: string): { text: string; notes: string[] } | undefined {
  const marked = byMark(bytes);
  if (marked !== undefined) return { text: clean(marked), notes: [] };
  if (looksUtf16(bytes)) {
    const even = bytes.subarray(0, bytes.length & ~1);
    return { text: clean(new TextDecoder(zerosAtOdd(bytes) ? "utf-16le" : "utf-16be").decode(even)), notes: [] };
  }
  if (isBinary(bytes)) return undefined;
  const guessed = asUtf8(bytes) ?? tryDecode(bytes, declared) ?? byTrying(bytes);
  const lost = guessed.split("\uFFFD").length - 1;
  const notes = lost > 0 ? [`${lost} character${lost === 1 ? "" : "s"} could not be decoded.`] : [];
  return { text: clean(guessed), notes };
}

function byMark(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return new TextDecoder().decode(bytes.subarray(3));
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return utf32(bytes.subarray(4), true);
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return utf32(bytes.subarray(4), false);
  if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le").decode(bytes.subarray(2, bytes.length & ~1));
  if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be").decode(bytes.subarray(2, bytes.length & ~1));
  return undefined;
}

function utf32(bytes: Uint8Array, little: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = view.getUint32(at, little);
    parts.push(point <= 0x10ffff ? String.fromCodePoint(point) : "\uFFFD");
  }
  return parts.join("");
}

/** Latin text in UTF-16 without a mark: every second byte is zero. */
function looksUtf16(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 4096);
  if (sample.length < 8) return false;
  let even = 0;
  let odd = 0;
  for (let at = 0; at + 1 < sample.length; at += 2) {
    if (sample[at] === 0) even++;
    if (sample[at + 1] === 0) odd++;
  }
  const half = sample.length / 2;
  return (odd > half * 0.4 && even < half * 0.02) || (even > half * 0.4 && odd < half * 0.02);
}

function zerosAtOdd(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 4096);
  return (
    sample.filter((byte, at) => at % 2 === 1 && byte === 0).length >
    sample.filter((byte, at) => at % 2 === 0 && byte === 0).length
  );
}

/** Controls that no text has, in more than one byte of fifty. Escape sequences of terminals and page feeds are allowed. */
function isBinary(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 1 << 16);
  const controls = sample.reduce((count, byte) => (byte < 32 && byte !== 27 && (byte < 8 || byte > 13) ? count + 1 : count), 0);
  return controls > sample.length / 50;
}

/** UTF-8, also with a few broken bytes: less than one in fifty of the characters beyond ASCII. */
function asUtf8(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes);
  if (!text.includes("\uFFFD")) return text;
  let broken = 0;
  let beyond = 0;
  for (const character of text) {
    if (character === "\uFFFD") broken++;
    else if (character > "\u007F") beyond++;
  }
  return broken * 50 <= beyond ? text : undefined;
}

/** Of a sample, whose last character may be cut in two, the beginning is enough. */
function tryDecode(bytes: Uint8Array, label: string | undefined, { isSample = false } = {}): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes, { stream: isSample });
  } catch {
    return undefined; // an unknown label, or bytes that it cannot mean
  }
}

/** East Asian encodings by how common their characters come out; the rest by the statistics of chardet. */
function byTrying(bytes: Uint8Array): string {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const ranked = EAST_ASIAN.map((label) => ({ label, score: commonShare(tryDecode(sample, label, { isSample: true }) ?? "") }));
  const best = ranked.reduce((one, other) => (other.score > one.score ? other : one));
  // A few broken bytes further on do not make it another encoding.
  if (best.score >= LEAST_COMMON) return new TextDecoder(best.label).decode(bytes);
  const found = chardet.detect(sample);
  const label = found && !EAST_ASIAN.includes(found.toLowerCase()) && !/^utf-?8|^iso-2022/i.test(found) ? found : "windows-1252";
  return tryDecode(bytes, label) ?? new TextDecoder("windows-1252").decode(bytes);
}

/** Of the characters beyond ASCII, how many are kana, Hangul syllables, marks of East Asia, or common ideographs. */
function commonShare(text: string): number {
  let common = 0;
  let all = 0;
  for (const character of text) {
    if (character <= "\u007F") continue;
    all++;
    if (/[\u3001-\u3002\u3040-\u30FF\uFF01-\uFF1F]/.test(character) || COMMON_HAN.has(character)) common++;
    else if (/[\uAC00-\uD7A3]/.test(character)) common += 0.9;
    else if (/[\uE000-\uF8FF\uFF61-\uFF9F]/.test(character)) common -= 1;
  }
  return all === 0 ? 0 : common / all;
}
