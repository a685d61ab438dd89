/** Where sentences end, in text of any language. Decides by marks and their neighbours; needs no dictionary but a list of abbreviations. */

/** Marks that end a sentence wherever they stand: CJK, Devanagari, Arabic, Ethiopic, Burmese, Khmer, Armenian. */
const FIRM = "。！？｡．…；۔؟।॥።၊။។։";
/** Marks that end one when white space, or a script without spaces, follows. */
const LATIN = ".!?";
/** Quotes and brackets that still belong to the sentence they close. */
const CLOSERS = "\"'”’»›」』）】〉》〕］｝)]}*_`";

/** Numbers of notes stand behind the mark and belong to the sentence: "so.[12][13]" */
const REFERENCES = /^(?:\[[\w\s]{1,20}\])+/;

const ABBREVIATIONS = new Set(
  "mr mrs ms dr prof sr jr st rev hon gen col lt sgt capt gov pres sen rep adm maj cmdr messrs mme mlle vs etc eg ie cf al ca approx apt dept est fig figs eq eqs sec secs ch chs vol vols no nos pp p ed eds inc ltd co corp llc bros jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun ave blvd rd mt ft ref refs resp viz bzw ca usw z.b d.h u.a i.e e.g a.m p.m u.s u.k u.n e.u ph.d m.d b.a m.a d.c no nr art abb tab bd hrsg sog ggf evtl inkl m mm".split(
    " ",
  ),
);

/** Offsets just behind each sentence of `text.slice(start, end)`, the last one at `end`. White space belongs to the sentence before it. */
export function sentenceEnds(text: string, start: number, end: number): number[] {
  const ends: number[] = [];
  for (let at = start; at < end; at++) {
    const mark = text[at] ?? "";
    if (!FIRM.includes(mark) && !LATIN.includes(mark)) continue;
    let after = at + 1;
    while (after < end && isMarkOrCloser(text[after] ?? "")) after++;
    after += REFERENCES.exec(text.slice(after, Math.min(after + 60, end)))?.[0].length ?? 0;
    if (endsHere(text, { at, after, start, end })) {
      while (after < end && /\s/.test(text[after] ?? "")) after++;
      ends.push(after);
    }
    at = after - 1;
  }
  if (ends.at(-1) !== end && end > start) ends.push(end);
  return ends;
}

interface Place {
  at: number;
  /** Behind the mark, further marks, and closing quotes and brackets. */
  after: number;
  start: number;
  end: number;
}

function endsHere(text: string, { at, after, start, end }: Place): boolean {
  if (after >= end) return true;
  const marks = text.slice(at, after).replace(/(?:\[[\w\s]{1,20}\])+$/, "");
  const next = text.slice(after, after + 40);
  if ([...marks].some((mark) => FIRM.includes(mark)))
    return !(/^[…．]+$/.test(marks) && /^[\s]*[\p{Ll}\p{Lo}\d]/u.test(next)) || /^\s*\n/.test(next);
  // Between letters or digits it is a decimal point, a version, an address or a file name.
  if (!/^\s/.test(next))
    return /^\p{Lo}/u.test(next) && !/^[\d.]/.test(marks.slice(1)) && !/[\w]$/.test(text.slice(Math.max(at - 1, start), at));
  if (/^\s*\n\s*\n/.test(next)) return true;
  const follows = next.trimStart();
  // Nobody begins a sentence with a small letter or a comma.
  if (/^[\p{Ll},;:)]/u.test(follows)) return false;
  if (!/^\.[)\]"'”’*_`]*$/.test(marks)) return true;
  const word = /(\S+)$/.exec(text.slice(Math.max(at - 24, start), at))?.[1] ?? "";
  return !isAbbreviation(word, follows) && !isItemNumber(text, word, { at, start });
}

function isAbbreviation(word: string, follows: string): boolean {
  const bare = word.replace(/^[("'“‘[*_]+/, "");
  if (/^\p{Lu}$/u.test(bare)) return /^\p{Lu}/u.test(follows); // an initial: J. Smith
  if (/^(?:\p{L}\.)+\p{L}$/u.test(bare)) return /^[\p{Lu}\d]/u.test(follows); // U.S. Army
  return ABBREVIATIONS.has(bare.toLowerCase());
}

/** "1." or "a." at the head of a line numbers the item. */
function isItemNumber(text: string, word: string, { at, start }: { at: number; start: number }): boolean {
  if (!/^\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivx]{1,5})$/.test(word)) return false;
  const before = at - word.length;
  return before <= start || /\n\s*$/.test(text.slice(Math.max(before - 8, start), before));
}

function isMarkOrCloser(character: string): boolean {
  return FIRM.includes(character) || LATIN.includes(character) || CLOSERS.includes(character);
}
