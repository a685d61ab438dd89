/** Where a text says something: letter by letter or, failing that, by its letters and digits alone. */
import { type Folded, fold } from "../cite/fold.ts";

export interface Quote {
  quote: string;
  before?: string | undefined;
  after?: string | undefined;
}

/** How much must agree: the quote with what stands around it, or the quote alone; every letter and sign, or letters and digits. */
export interface Strictness {
  around: boolean;
  exact: boolean;
}

/** The strictest first. */
export const STRICTNESSES: readonly Strictness[] = [
  { around: true, exact: true },
  { around: true, exact: false },
  { around: false, exact: true },
  { around: false, exact: false },
];

export interface QuotePlace {
  start: number;
  end: number;
  /** Characters that agree. */
  agreeing: number;
}

/** Characters that are kept of the text on each side of a place. */
export const AROUND = 80;

/** Folding takes many times the memory of the text. */
const MOST_FOLDED = 4_000_000;

/** A text in which quotes are sought. */
export class Quotable {
  readonly text: string;
  #folded: Folded | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The places, two at most. */
  find({ quote, before = "", after = "" }: Quote, { around, exact }: Strictness): QuotePlace[] {
    if (!around) return exact ? this.#exact("", quote, "") : this.#loose("", quote, "");
    if (before + after === "") return [];
    return exact ? this.#exact(before, quote, after) : this.#loose(before, quote, after);
  }

  #exact(before: string, quote: string, after: string): QuotePlace[] {
    const whole = before + quote + after;
    return occurrences(this.text, whole).map((at) => {
      const start = at + before.length;
      return { start, end: start + quote.length, agreeing: whole.length };
    });
  }

  #loose(before: string, quote: string, after: string): QuotePlace[] {
    if (this.text.length > MOST_FOLDED) return [];
    const [lead, core, tail] = [fold(before).text, fold(quote).text, fold(after).text];
    if (core === "") return [];
    this.#folded ??= fold(this.text);
    const { text, starts, ends } = this.#folded;
    const whole = lead + core + tail;
    return occurrences(text, whole).map((at) => {
      const first = at + lead.length;
      return { start: starts[first] ?? 0, end: ends[first + core.length - 1] ?? 0, agreeing: whole.length };
    });
  }
}

/** Two at most. */
function occurrences(text: string, wanted: string): number[] {
  if (wanted === "") return [];
  const first = text.indexOf(wanted);
  const second = first < 0 ? -1 : text.indexOf(wanted, first + 1);
  return [first, second].filter((at) => at >= 0);
}

/** What stands around a place, without halves of surrogate pairs at the ends. */
export function around(text: string, { start, end }: { start: number; end: number }): { before: string; after: string } {
  return {
    before: text.slice(Math.max(0, start - AROUND), start).replace(/^[\uDC00-\uDFFF]/, ""),
    after: text.slice(end, end + AROUND).replace(/[\uD800-\uDBFF]$/, ""),
  };
}
