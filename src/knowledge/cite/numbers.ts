/** The numbers that a text states, in digits or in words: a sentence that is right but for its number is wrong. */

const DIGITS = /\d+(?:[.,:]\d+)*/g;
/** A number in digits with a word for how many of them: 1.5万, 3.2 million. */
const SCALED = /(\d+(?:[.,]\d+)*)\s?([百千万萬亿億]+|hundred|thousand|million|billion)/gi;
const HAN_DIGITS: Record<string, number> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  兩: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};
const HAN_UNITS: Record<string, number> = { 十: 10, 百: 100, 千: 1000, 万: 1e4, 萬: 1e4, 亿: 1e8, 億: 1e8 };
const HAN = /[零〇一二两兩三四五六七八九十百千万萬亿億]+/g;
const ONES =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const SCALES: Record<string, number> = { hundred: 100, thousand: 1000, million: 1e6, billion: 1e9 };
const ORDINALS: Record<string, string> = {
  first: "one",
  second: "two",
  third: "three",
  fifth: "five",
  eighth: "eight",
  ninth: "nine",
  twelfth: "twelve",
};
const ORDINAL = /\b(first|second|third|fifth|eighth|ninth|twelfth)\b|\b([a-z]{3,9}?)(ieth|th)\b/gi;
const MONTH =
  /\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b/g;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const WORDS = new RegExp(`\\b(?:(?:${[...ONES, ...TENS, ...Object.keys(SCALES)].join("|")})(?:[\\s-]+(?:and\\s+)?|\\b))+`, "gi");

/**
 * Those that an answer must have from somewhere: all in digits ("1,803" is 1803), and larger ones in words. Small ones in words are as
 * often a manner of speaking: "one of the two", 一起.
 */
export function statedNumbers(text: string): Set<string> {
  const plain = text.normalize("NFKC");
  const rest = plain.replace(SCALED, " ");
  const found = new Set([...inScales(plain), ...inDigits(rest)]);
  for (const [words] of rest.matchAll(WORDS)) if (valueOfWords(words) > 10) found.add(String(valueOfWords(words)));
  for (const [han] of rest.matchAll(HAN)) if (han.length > 1 && valueOfHan(han) > 10) found.add(String(valueOfHan(han)));
  return found;
}

/** All numbers, also small ones in English and Chinese words, ordinals and months; and the parts of dates, times and versions. */
export function numbersOf(text: string): Set<string> {
  const plain = text.normalize("NFKC");
  const found = new Set([...inDigits(plain), ...inScales(plain)]);
  for (const [month] of plain.matchAll(MONTH)) found.add(String(MONTHS.indexOf(month.slice(0, 3)) + 1));
  for (const [digits] of plain.matchAll(DIGITS)) for (const part of digits.split(/[.,:]/)) found.add(canonical(part));
  for (const [words] of withoutOrdinals(plain).matchAll(WORDS)) found.add(String(valueOfWords(words)));
  for (const [han] of plain.matchAll(HAN)) found.add(String(valueOfHan(han)));
  return found;
}

function inDigits(plain: string): Set<string> {
  return new Set([...plain.matchAll(DIGITS)].map(([digits]) => canonical(digits)));
}

function inScales(plain: string): string[] {
  return [...plain.matchAll(SCALED)].map(([, digits = "", scale = ""]) => {
    const factor = SCALES[scale.toLowerCase()] ?? [...scale].reduce((product, unit) => product * (HAN_UNITS[unit] ?? 1), 1);
    // 0.1 * 3 is no round number; no text has more than nine decimals.
    return String(Number((Number(canonical(digits)) * factor).toFixed(9)));
  });
}

/** "twenty-first" as "twenty-one". */
function withoutOrdinals(plain: string): string {
  return plain.replace(ORDINAL, (word, known?: string, stem?: string, ending?: string) => {
    if (known) return ORDINALS[known.toLowerCase()] ?? word;
    return ending?.toLowerCase() === "ieth" ? `${stem}y` : (stem ?? word);
  });
}

function canonical(digits: string): string {
  const grouped = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(digits) ? digits.replaceAll(",", "") : digits;
  const trimmed = grouped.replace(/^0+(?=\d)/, "");
  return /^\d+\.\d*0$/.test(trimmed) ? trimmed.replace(/\.?0+$/, "") : trimmed;
}

function valueOfWords(words: string): number {
  let total = 0;
  let current = 0;
  for (const word of words.toLowerCase().split(/[\s-]+/)) {
    const scale = SCALES[word];
    const tens = TENS.indexOf(word);
    if (scale === 100) current = (current || 1) * 100;
    else if (scale !== undefined) {
      total += (current || 1) * scale;
      current = 0;
    } else if (tens >= 0) current += (tens + 2) * 10;
    else current += Math.max(0, ONES.indexOf(word));
  }
  return total + current;
}

/** 二〇二六 is read digit by digit, 一百零五 by its units. */
function valueOfHan(han: string): number {
  const characters = [...han];
  if (!characters.some((character) => character in HAN_UNITS))
    return Number(characters.map((character) => HAN_DIGITS[character] ?? 0).join(""));
  let total = 0;
  let section = 0;
  let digit = 0;
  for (const character of characters) {
    const unit = HAN_UNITS[character];
    if (unit === undefined) digit = HAN_DIGITS[character] ?? 0;
    else if (unit >= 1e4) {
      if (section + digit === 0) total = (total || 1) * unit;
      else total += (section + digit) * unit;
      section = 0;
      digit = 0;
    } else {
      section += (digit || 1) * unit;
      digit = 0;
    }
  }
  return total + section + digit;
}
