/** Citations, verified: every sentence of an answer against the sources that the model was given, whatever numbers the model wrote. */
import { Alignment, type Match } from "./cite/align.ts";
import { type Cited, citationOf } from "./cite/citation.ts";
import { type Claim, Claims } from "./cite/claims.ts";
import { firstBracket } from "./cite/markers.ts";
import { numbersOf } from "./cite/numbers.ts";
import { type Asked, isUnspaced, type Verdict, verdictOn } from "./cite/verdict.ts";
import { withNumbers, withoutMarkers } from "./cite/write.ts";
import type { Source } from "./sources.ts";

export interface CiteOptions {
  question: string;
  /** The model was asked for whole sentences of the sources: one that is nearly there is given as it stands there. */
  quotes?: boolean;
  /** Nothing is given back before a sentence has support; an answer that is foreign to the sources as a whole never is. */
  strict?: boolean;
  /** Nothing of the text may change, as of JSON. */
  asIs?: boolean;
}

/** Two sentences that are the same but for slips; strangers of one article stay below 0.1. */
const LIKE_ENOUGH = 0.2;

/** Takes an answer as it comes and gives it back with its numbers put right. */
export class Citer {
  readonly #sources: Map<number, Source>;
  readonly #options: CiteOptions;
  readonly #asked: Asked;
  readonly #claims = new Claims();
  readonly #result: Cited = { citations: [], unsupported: [], repaired: 0, restored: 0, leftOut: 0, refused: false };
  readonly #quoted = new Set<string>();
  /** Length of all finished claims, as they are given back. */
  #length = 0;
  /** How much of the unfinished claim was rendered already. */
  #given = 0;
  /** What waits for a sentence with support. */
  #held: string | undefined;
  #hasForeign = false;
  #hasNear = false;
  #saysSilent = false;
  #last: Verdict | undefined;

  constructor(sources: readonly Source[], options: CiteOptions) {
    this.#sources = new Map(sources.map((source) => [source.number, source]));
    this.#options = options;
    if (options.strict && !options.asIs) this.#held = "";
    const texts = sources.map(({ number, text, document, headings, header = "" }) => ({
      number,
      text,
      about: [document, ...headings, header].join("\n"),
    }));
    this.#asked = {
      alignment: new Alignment(texts),
      given: numbersOf(options.question),
      unspaced: new Map(sources.map(({ number, text }) => [number, isUnspaced(text)])),
    };
  }

  /** What of the answer is settled and was not yet given back. */
  push(text: string): string {
    return this.#released(this.#render(this.#claims.push(text)) + this.#begun());
  }

  /** The rest. */
  end(): string {
    const rest = this.#render(this.#claims.end());
    const isForeign = this.#held !== undefined && this.#hasForeign && !this.#hasNear;
    this.#result.refused = this.#result.citations.length === 0 && (this.#saysSilent || isForeign);
    if (this.#held === undefined) return rest;
    const all = this.#held + rest;
    this.#held = undefined;
    return this.#result.refused ? "" : all;
  }

  /** Complete after `end`. */
  get result(): Cited {
    return this.#result;
  }

  #released(text: string): string {
    if (this.#held === undefined) return text;
    this.#held += text;
    if (this.#result.citations.length === 0) return "";
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  /** The beginning of the unfinished claim, as far as no verdict can change it. */
  #begun(): string {
    const { rest, restIsWholeLine } = this.#claims;
    // A quotation may yet be put right as a whole.
    if (this.#options.quotes || restIsWholeLine) return "";
    const plain = rest.slice(0, firstBracket(rest)).trimEnd();
    const more = plain.slice(this.#given);
    this.#given = Math.max(this.#given, plain.length);
    return more;
  }

  #render(claims: Claim[]): string {
    let text = "";
    for (const claim of claims) {
      const rendered = this.#verify(claim);
      text += rendered.slice(this.#given);
      this.#given = 0;
      this.#length += rendered.length;
    }
    return text;
  }

  /** The claim as it is given back; what was found of it goes into the result. */
  #verify(claim: Claim): string {
    const { raw, kind, markers } = claim;
    if (kind === "code" || kind === "space") return raw;
    const named = [...new Set(markers.flatMap(({ numbers }) => numbers))];
    const text = withoutMarkers(raw, markers).trim();
    // A line of markers alone belongs to what stands before it.
    if (text === "")
      return this.#written(
        claim,
        numbersOfVerdict(this.#last).filter((number) => named.includes(number)),
      );
    const like = this.#options.quotes
      ? this.#asked.alignment.matches(text).sort((a, b) => b.likeness - a.likeness)[0]
      : undefined;
    if (like && (like.likeness >= LIKE_ENOUGH || like.verbatim)) return this.#quote(claim, like, named);
    const verdict = kind === "heading" ? neutral : verdictOn(text, named, this.#asked);
    // Too garbled to be like anything, and yet about this: what it meant to quote is worth more than what it wrote.
    const [meant] = verdict.matches;
    if (this.#options.quotes && meant) return this.#quote(claim, meant, named);
    this.#last = verdict;
    if (this.#options.quotes && this.#options.strict && verdict.support !== "supported") {
      if (verdict.support === "refusal") this.#saysSilent = true;
      this.#hasForeign = true;
      this.#result.leftOut++;
      return "";
    }
    const numbers = numbersOfVerdict(verdict);
    const rendered = this.#written(claim, numbers);
    if (numbers.join() !== [...named].sort((a, b) => a - b).join()) this.#result.repaired++;
    this.#note(verdict, rendered, text);
    return rendered;
  }

  #written(claim: Claim, numbers: readonly number[]): string {
    return this.#options.asIs ? claim.raw : withNumbers(claim, numbers);
  }

  /** The sentence as it stands in the source. Said again, it is left out. */
  #quote({ raw }: Claim, match: Match, named: readonly number[]): string {
    const source = this.#sources.get(match.number);
    if (!source) return "";
    const place = `${match.number} ${match.start} ${match.end}`;
    if (this.#quoted.has(place)) return "";
    this.#quoted.add(place);
    const quote = source.text.slice(match.start, match.end).replace(/\s*\n\s*/g, " ");
    const goesOn = named.length === 0 && numbersOfVerdict(this.#last).includes(match.number);
    const [lead = ""] = /^\s*/.exec(raw) ?? [];
    const rendered = `${lead}${goesOn ? "" : `[${match.number}] `}${quote}${raw.slice(raw.trimEnd().length)}`;
    if (!match.verbatim) this.#result.restored++;
    if (named.length > 0 && named.join() !== String(match.number)) this.#result.repaired++;
    const verdict: Verdict = { support: "supported", matches: [{ ...match, support: 1, verbatim: true }], isForeign: false };
    this.#last = verdict;
    this.#note(verdict, rendered, quote);
    return rendered;
  }

  #note({ support, matches, isForeign }: Verdict, rendered: string, text: string): void {
    const start = this.#length + rendered.length - rendered.trimStart().length;
    const end = this.#length + rendered.trimEnd().length;
    if (isForeign) this.#hasForeign = true;
    else if (support !== "neutral") this.#hasNear = true;
    if (support === "refusal") this.#saysSilent = true;
    if (support === "unsupported" || support === "unchecked")
      this.#result.unsupported.push({ start, end, text, reason: support });
    for (const match of matches) {
      const source = this.#sources.get(match.number);
      if (source) this.#result.citations.push(citationOf(source, match, { answerStart: start, answerEnd: end }));
    }
  }
}

const neutral: Verdict = { support: "neutral", matches: [], isForeign: false };

function numbersOfVerdict(verdict: Verdict | undefined): number[] {
  return verdict?.matches.map(({ number }) => number) ?? [];
}
