/** Documents that nobody wrote, in English and Chinese: words as frequent as in real texts (Zipf), and each document with a topic. */

type Language = "en" | "zh";

export interface Corpus {
  /** A Markdown file with headings and paragraphs. The same number gives the same text. */
  document(number: number): { name: string; text: string; language: Language };
  /** The `nth` of what somebody who read document `number` might ask. */
  question(number: number, nth: number): string;
}

const WORDS = { en: 50_000, zh: 30_000 };
const CHARACTERS = 4000;
/** Words of a topic, and how much of a text they are. */
const TOPIC_WORDS = 120;
const TOPIC_SHARE = 0.3;
const SECTIONS = 8;
const PARAGRAPHS = 7;
const SENTENCES = 5;
/** The most frequent English words are these in any text; a search leaves them out. */
const FUNCTION_WORDS =
  "the of and to in a is that for it was on as with by be are this at from or an which not have has but were".split(" ");
const CONSONANTS = "bcdfghklmnprstvw";
const VOWELS = "aeiou";
const FIRST_IDEOGRAPH = 0x4e00;

export function corpus(): Corpus {
  const vocabulary = { en: englishWords(), zh: chineseWords() };
  const ranks = { en: zipf(WORDS.en), zh: zipf(WORDS.zh) };
  const write = (number: number, nth = 0) => {
    const ofTopic = randomOf(number);
    const random = randomOf(number + nth * 1_000_003);
    const language: Language = number % 2 === 0 ? "en" : "zh";
    const words = vocabulary[language];
    const topic = Array.from({ length: TOPIC_WORDS }, () => words[200 + Math.floor(ofTopic() * 8000)] ?? "");
    const word = () =>
      random() < TOPIC_SHARE ? (topic[Math.floor(random() ** 2 * TOPIC_WORDS)] ?? "") : (words[ranks[language](random())] ?? "");
    return { random, language, word };
  };
  return {
    document(number) {
      const { random, language, word } = write(number);
      const some = (least: number, most: number) =>
        Array.from({ length: least + Math.floor(random() * (most - least + 1)) }, word);
      const sentence = () =>
        language === "en" ? `${capital(some(8, 24).join(" "))}. ` : `${some(6, 16).join("")}，${some(3, 10).join("")}。`;
      const heading = () => (language === "en" ? capital(some(2, 5).join(" ")) : some(2, 4).join(""));
      const paragraph = () => Array.from({ length: SENTENCES }, sentence).join("").trim();
      const section = () => [`## ${heading()}`, ...Array.from({ length: PARAGRAPHS }, paragraph)].join("\n\n");
      const text = [`# ${heading()} ${number}`, ...Array.from({ length: SECTIONS }, section)].join("\n\n");
      return { name: `${language}-${number}.md`, text: `${text}\n`, language };
    },
    question(number, nth) {
      const { random, language, word } = write(number, nth);
      const words = Array.from({ length: (language === "en" ? 5 : 4) + Math.floor(random() * 6) }, word);
      return language === "en" ? `What is the ${words.join(" ")}?` : `${words.join("")}是什么？`;
    },
  };
}

function englishWords(): string[] {
  const random = randomOf(-1);
  const pick = (letters: string) => letters[Math.floor(random() * letters.length)] ?? "";
  const words = new Set(FUNCTION_WORDS);
  while (words.size < WORDS.en) {
    const syllables = 1 + Math.floor(random() * Math.min(4, 1 + words.size / 2000));
    words.add(
      Array.from({ length: syllables }, () => pick(CONSONANTS) + pick(VOWELS)).join("") +
        (random() < 0.5 ? pick(CONSONANTS) : ""),
    );
  }
  return [...words];
}

/** Mostly of two characters, frequent characters more often. */
function chineseWords(): string[] {
  const random = randomOf(-2);
  const rank = zipf(CHARACTERS);
  const character = () => String.fromCharCode(FIRST_IDEOGRAPH + ((rank(random()) * 7) % CHARACTERS));
  const words = new Set<string>();
  while (words.size < WORDS.zh) {
    const length = words.size < 100 ? 1 : random() < 0.8 ? 2 : 3;
    words.add(Array.from({ length }, character).join(""));
  }
  return [...words];
}

/** Ranks from 0 whose frequency falls as 1 / (rank + 2.7), from numbers of [0, 1). */
function zipf(size: number): (random: number) => number {
  const sums = new Float64Array(size);
  let sum = 0;
  for (let rank = 0; rank < size; rank++) {
    sum += 1 / (rank + 2.7);
    sums[rank] = sum;
  }
  return (random) => {
    const wanted = random * sum;
    let [low, high] = [0, size - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Numbers of [0, 1), the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = Math.imul(seed + 0x9e3779b9, 0x85ebca6b) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
