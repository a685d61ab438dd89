/** Whether the sources say what one sentence of an answer says, and where. */
import type { Alignment, Match } from "./align.ts";
import { gramsOf } from "./grams.ts";
import { statedNumbers } from "./numbers.ts";
import { soundsLikeRefusal } from "./refusals.ts";

/**
 * `neutral`: it states nothing that a source could say. `refusal`: it says that the sources are silent. `unchecked`: source and answer
 * are in different writings.
 */
type Support = "supported" | "unsupported" | "neutral" | "refusal" | "unchecked";

export interface Verdict {
  support: Support;
  /** The places to cite; empty unless supported. */
  matches: Match[];
  /** Nothing in the sources is even near to it. */
  isForeign: boolean;
}

/**
 * Share of what a claim says that a source must say. On question and answer put side by side (XQuAD), with the answer's paragraph there
 * or not: English keeps 95 % and lets 8 % through; Chinese, whose pairs of characters agree far less by chance, 90 % and 3 %.
 */
const ENOUGH = { spaced: 0.5, unspaced: 0.25 };
/** Below this, 1 % of such pairs have their paragraph, and 70 to 80 % of those without lie there. */
const FOREIGN = { spaced: 0.35, unspaced: 0.13 };
/** Other sources that the model named are kept down to this much less. */
const NAMED_MARGIN = 0.1;
/** A source that the model did not name is cited beside those that it did only when it says this much more. */
const BETTER = 0.2;
const FEWEST_GRAMS = 3;
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/gu;

/** Words around an answer that state nothing. */
const FILLERS =
  /^(?:sure|certainly|of course|yes|no|okay|ok|hello|hi|thanks|according to the (?:sources?|passages?|documents?)|in summary|i hope this helps|let me know|好的|当然|是的|不是|是|否|您好|你好|根据(?:以上|这些)?(?:资料|文档|来源)|总之|综上所述|希望对你有帮助|希望对您有帮助)[^\p{L}\p{N}]*$/iu;

export interface Asked {
  alignment: Alignment;
  /** Numbers that the question itself brings. */
  given: ReadonlySet<string>;
  /** Of each source: it is written without spaces, as Chinese is. */
  unspaced: ReadonlyMap<number, boolean>;
}

/** `text` without markers; `named` are the numbers that the model put beside it. */
export function verdictOn(text: string, named: readonly number[], { alignment, given, unspaced }: Asked): Verdict {
  const bare = text.replace(/^[\s>*_#-]*(?:\d{1,3}[.)、]\s+)?/, "").trim();
  const found = alignment.matches(bare);
  const none = (support: Support, isForeign = false): Verdict => ({ support, matches: [], isForeign });
  const size = gramsOf(bare).size;
  if (size === 0 || FILLERS.test(bare) || /[?？][\s"'”’」』*_]*$|[:：][\s*_]*$/.test(bare)) return none("neutral");
  const numbers = [...statedNumbers(bare)].filter((number) => !given.has(number));
  // Of a word or two, all must be there.
  const least = size < FEWEST_GRAMS ? 1 : between(ENOUGH, bare);
  const fits = (match: Match, margin = 0) =>
    match.verbatim || (match.support >= least - margin && numbers.every((number) => match.numbers.has(number)));
  const best = found.find((match) => fits(match));
  if (!best) {
    if (soundsLikeRefusal(bare)) return none("refusal");
    if (size < FEWEST_GRAMS) return none("neutral");
    const isForeign = (found[0]?.support ?? 0) < between(FOREIGN, bare);
    const own = isUnspaced(bare);
    const isOther = (number: number) => unspaced.get(number) === !own;
    const readable = named.length > 0 ? !named.some(isOther) : ![...unspaced.keys()].every(isOther);
    if (isForeign && !readable) return none("unchecked");
    return none("unsupported", isForeign);
  }
  const kept = found.filter((match) => named.includes(match.number) && fits(match, NAMED_MARGIN));
  const namedBest = Math.max(0, ...kept.map(({ support }) => support));
  if (best.support > namedBest + (kept.length > 0 ? BETTER : 0) && !kept.includes(best)) kept.unshift(best);
  return { support: "supported", matches: kept.sort((a, b) => a.number - b.number), isForeign: false };
}

/** Whether most of a text is in writing without spaces. */
export function isUnspaced(text: string): boolean {
  return unspacedShare(text) > 0.5;
}

function between({ spaced, unspaced }: { spaced: number; unspaced: number }, text: string): number {
  return spaced + (unspaced - spaced) * Math.min(1, unspacedShare(text) * 1.5);
}

/** A character without spaces says as much as three letters. */
function unspacedShare(text: string): number {
  const sample = text.slice(0, 2000);
  const unspaced = (sample.match(UNSPACED) ?? []).length * 3;
  const spaced = (sample.match(/\p{L}/gu) ?? []).length - unspaced / 3;
  return unspaced + spaced === 0 ? 0 : unspaced / (unspaced + spaced);
}
