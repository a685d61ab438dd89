/** Which sentences of the sources say what a sentence of the answer says. Nothing is asked of a model. */
import { fold } from "./fold.ts";
import { gramsOf } from "./grams.ts";
import { numbersOf } from "./numbers.ts";
import { type Unit, unitsOf } from "./units.ts";

export interface AlignedText {
  number: number;
  text: string;
  /** What else the model saw of it: title and headings. Answers may take words from there, but no quotation. */
  about?: string;
}

export interface Match {
  /** Of the source. */
  number: number;
  /** Into the source's text, at sentence bounds. */
  start: number;
  end: number;
  /** 0 to 1: how much of what the claim says stands there. Rare pieces of words weigh more. */
  support: number;
  /** 0 to 1: how much the two are the same, in both directions. */
  likeness: number;
  /** Letter by letter. */
  verbatim: boolean;
  /** Numbers of the claim are in the source, too. */
  numbers: ReadonlySet<string>;
}

interface Indexed extends Unit {
  source: number;
  grams: Set<string>;
}

/** An answer's sentence may draw on this many that stand together. */
const MOST_UNITS = 3;
/** What a further sentence must add. */
const WORTH = 0.08;
const SHORTEST_VERBATIM = 4;

/** The sources of one answer, read once. */
export class Alignment {
  readonly #sources: readonly AlignedText[];
  readonly #units: Indexed[] = [];
  readonly #byGram = new Map<string, number[]>();
  readonly #numbers = new Map<number, Set<string>>();
  readonly #about: Set<string>[];

  constructor(sources: readonly AlignedText[]) {
    this.#sources = sources;
    this.#about = sources.map(({ about = "" }) => gramsOf(about));
    for (const [source, { text }] of sources.entries()) {
      for (const unit of unitsOf(text)) {
        const grams = gramsOf(text.slice(unit.start, unit.end));
        for (const gram of grams) append(this.#byGram, gram, this.#units.length);
        this.#units.push({ ...unit, source, grams });
      }
    }
  }

  /** The best place of every source that has anything of the claim, the best first. */
  matches(claim: string): Match[] {
    const grams = gramsOf(claim);
    const scores = this.#unitScores(grams);
    const best = new Map<number, number>();
    for (const [at, score] of scores) {
      const source = this.#units[at]?.source ?? -1;
      if (score > (scores.get(best.get(source) ?? -1) ?? 0)) best.set(source, at);
    }
    const folded = fold(claim).text;
    const found = [...best.values()].map((at) => this.#matchAt(at, grams, folded));
    return found.sort((a, b) => b.support - a.support || b.likeness - a.likeness || a.number - b.number);
  }

  #unitScores(grams: ReadonlySet<string>): Map<number, number> {
    const scores = new Map<number, number>();
    for (const gram of grams) {
      const weight = this.#weight(gram);
      for (const at of this.#byGram.get(gram) ?? []) scores.set(at, (scores.get(at) ?? 0) + weight);
    }
    return scores;
  }

  /** A sentence that says the same in fewer words than its neighbours together is the better quotation. */
  #matchAt(at: number, grams: ReadonlySet<string>, folded: string): Match {
    let [first, last] = [at, at];
    let support = this.#support(first, last, grams);
    while (last - first + 1 < MOST_UNITS) {
      const wider = [
        [first - 1, last],
        [first, last + 1],
      ].filter((range): range is [number, number] =>
        range.every((edge) => this.#units[edge]?.source === this.#units[at]?.source),
      );
      const options = wider.map((range) => ({ range, support: this.#support(...range, grams) }));
      const better = options.sort((a, b) => b.support - a.support)[0];
      if (!better || better.support < support + WORTH) break;
      [first, last] = better.range;
      support = better.support;
    }
    const source = this.#units[at]?.source ?? 0;
    const { number = 0, text = "", about = "" } = this.#sources[source] ?? {};
    const [start, end] = [this.#units[first]?.start ?? 0, this.#units[last]?.end ?? 0];
    const verbatim = folded.length >= SHORTEST_VERBATIM && fold(text.slice(start, end)).text.includes(folded);
    const known = this.#numbers.get(source) ?? numbersOf(`${about}\n${text}`);
    this.#numbers.set(source, known);
    const likeness = support * this.#share(this.#gramsOfRange(first, last), grams);
    return { number, start, end, support: verbatim ? 1 : support, likeness, verbatim, numbers: known };
  }

  #support(first: number, last: number, grams: ReadonlySet<string>): number {
    const there = this.#gramsOfRange(first, last);
    const about = this.#about[this.#units[first]?.source ?? 0] ?? new Set();
    return this.#share(grams, { has: (gram) => there.has(gram) || about.has(gram) });
  }

  #gramsOfRange(first: number, last: number): Set<string> {
    const grams = new Set<string>();
    for (let at = first; at <= last; at++) for (const gram of this.#units[at]?.grams ?? []) grams.add(gram);
    return grams;
  }

  /** What part of some pieces, by weight, is among the others. */
  #share(pieces: ReadonlySet<string>, others: { has(gram: string): boolean }): number {
    let [all, common] = [0, 0];
    for (const gram of pieces) {
      const weight = this.#weight(gram);
      all += weight;
      if (others.has(gram)) common += weight;
    }
    return all === 0 ? 0 : common / all;
  }

  #weight(gram: string): number {
    return Math.log(1 + (this.#units.length + 1) / ((this.#byGram.get(gram)?.length ?? 0) + 0.5));
  }
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
