/** An answer as it comes, cut into the sentences that have to be verified, each with the markers that belong to it. */
import { sentenceEnds } from "../passages/sentences.ts";
import { type Marker, markersOf, settledLength } from "./markers.ts";

export type ClaimKind = "sentence" | "heading" | "row" | "code" | "space";

export interface Claim {
  /** As the model wrote it, with the white space behind it. Claims one after the other are the answer. */
  raw: string;
  kind: ClaimKind;
  /** Offsets into `raw`. */
  markers: Marker[];
}

const FENCE = /^\s{0,3}(?:```|~~~)/;

/** Feed it text, however it is cut; the claims that come out are the same. */
export class Claims {
  #rest = "";
  #inCode = false;
  /** The rest begins a line. */
  #atLineStart = true;
  /** Markers of this line stand before their sentences. */
  #leading = false;

  /** What has come and is no finished claim. */
  get rest(): string {
    return this.#rest;
  }

  /** A row, a line of code or a heading must not be touched before it is whole. */
  get restIsWholeLine(): boolean {
    return this.#atLineStart && (this.#inCode || /^\s*(?:$|[|#`~])/.test(this.#rest));
  }

  push(text: string): Claim[] {
    this.#rest += text;
    const claims: Claim[] = [];
    for (let end = this.#rest.indexOf("\n"); end >= 0; end = this.#rest.indexOf("\n")) {
      const line = this.#rest.slice(0, end + 1);
      this.#rest = this.#rest.slice(end + 1);
      claims.push(...this.#takeLine(line));
      this.#atLineStart = true;
    }
    if (!this.restIsWholeLine) claims.push(...this.#takeSettled());
    return claims;
  }

  end(): Claim[] {
    const line = this.#rest;
    this.#rest = "";
    return line === "" ? [] : this.#takeLine(line);
  }

  #takeLine(line: string): Claim[] {
    const kind = this.#atLineStart ? this.#kindOf(line) : "sentence";
    if (kind === "sentence") return this.#sentences(line, true).claims;
    return [{ raw: line, kind, markers: kind === "code" || kind === "space" ? [] : markersOf(line) }];
  }

  #kindOf(line: string): ClaimKind {
    if (FENCE.test(line)) {
      this.#inCode = !this.#inCode;
      return "code";
    }
    if (this.#inCode) return "code";
    if (line.trim() === "") return "space";
    if (/^\s*\|/.test(line)) return "row";
    return /^\s*#{1,6}\s/.test(line) ? "heading" : "sentence";
  }

  /** The sentences of an unfinished line that nothing to come can change: all but the last. */
  #takeSettled(): Claim[] {
    const settled = settledLength(this.#rest);
    const { claims, taken } = this.#sentences(this.#rest.slice(0, settled), false);
    this.#rest = this.#rest.slice(taken);
    return claims;
  }

  /** Each sentence is looked for from the end of the one before it, so that where a text was cut makes no difference. */
  #sentences(text: string, isWhole: boolean): { claims: Claim[]; taken: number } {
    const markers = markersOf(text);
    if (this.#atLineStart) this.#leading = text.slice(0, markers[0]?.start ?? 0).trim() === "" && markers.length > 0;
    const { masked, places } = maskedText(text, markers);
    const claims: Claim[] = [];
    let taken = 0;
    let from = 0;
    for (;;) {
      const [at = masked.length, ...more] = sentenceEnds(masked, from, masked.length);
      // The last is finished only with its line.
      if (more.length === 0 && !isWhole) break;
      const next = more.length === 0 ? { end: text.length, from: masked.length } : this.#boundary(masked, places, at);
      if (next.end > taken) claims.push(claimOf(text, taken, next.end, markers));
      taken = next.end;
      from = next.from;
      if (more.length === 0) break;
    }
    if (taken > 0) this.#atLineStart = false;
    return { claims, taken };
  }

  /** Where the next sentence begins, in the text with its markers. A marker between two sentences is the first one's, as a rule. */
  #boundary(masked: string, places: number[], at: number): { end: number; from: number } {
    if (!this.#leading) return { end: places[at] ?? 0, from: at };
    let last = at;
    while (last > 0 && /\s/.test(masked[last - 1] ?? "")) last--;
    return { end: (places[last - 1] ?? -1) + 1, from: last };
  }
}

/** The text without its markers, and where each of its characters was. */
function maskedText(text: string, markers: Marker[]): { masked: string; places: number[] } {
  const places: number[] = [];
  let masked = "";
  let from = 0;
  for (const { start, end } of [...markers, { start: text.length, end: text.length }]) {
    for (let at = from; at < start; at++) places.push(at);
    masked += text.slice(from, start);
    from = end;
  }
  places.push(text.length);
  return { masked, places };
}

function claimOf(text: string, start: number, end: number, markers: Marker[]): Claim {
  const own = markers.filter((marker) => marker.start >= start && marker.end <= end);
  const shifted = own.map((marker) => ({ ...marker, start: marker.start - start, end: marker.end - start }));
  return { raw: text.slice(start, end), kind: "sentence", markers: shifted };
}
