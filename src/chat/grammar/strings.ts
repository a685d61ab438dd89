/** JSON strings (RFC 8259) as grammar: free ones, ones of a given length, and keys that must differ from given keys. */
import { charactersOf, complement, intersection, type Range, span, union, without } from "./code-points.ts";
import { characters, choice, type Expression, isNever, never, optional, repeat, sequence, text } from "./expression.ts";
import { counted, define, type Rules, share } from "./rules.ts";

const quote = text('"');
/** What may stand in a JSON string unescaped. Surrogates never do: text is UTF-8. */
const plain = complement(union([[0, 0x1f]], charactersOf('"\\'), [[0xd800, 0xdfff]]));
const hexDigit = characters(span("09", "AF", "af"));
const shortEscapes = [...'"\\\b\f\n\r\t'].map((character): [number, string] => [
  character.codePointAt(0) ?? 0,
  writtenCode(character.codePointAt(0) ?? 0),
]);

/** One character of a JSON string. A surrogate pair of `\u` escapes is one character, half a pair is none. */
function stringCharacter(rules: Rules): Expression {
  return share(rules, "char", () => {
    const low = sequence(characters(charactersOf("Dd")), characters(span("CF", "cf")));
    const unit = choice(
      sequence(characters(without(span("09", "AF", "af"), charactersOf("Dd"))), repeat(hexDigit, 3, 3)),
      sequence(characters(charactersOf("Dd")), characters(span("07")), repeat(hexDigit, 2, 2)),
      sequence(
        characters(charactersOf("Dd")),
        characters(span("89", "AB", "ab")),
        repeat(hexDigit, 2, 2),
        text("\\u"),
        low,
        repeat(hexDigit, 2, 2),
      ),
    );
    return choice(
      characters(plain),
      sequence(text("\\"), choice(characters(charactersOf('"\\/bfnrt')), sequence(text("u"), unit))),
    );
  });
}

export function anyString(rules: Rules): Expression {
  return share(rules, "string", () => sequence(quote, repeat(stringCharacter(rules), 0, Number.POSITIVE_INFINITY), quote));
}

/** A string of `min` to `max` characters (code points, as JSON Schema counts). */
export function stringOfLength(rules: Rules, min: number, max: number): Expression {
  if (min === 0 && max === Number.POSITIVE_INFINITY) return anyString(rules);
  return sequence(quote, counted(rules, stringCharacter(rules), min, max), quote);
}

/** A string whose content, once unescaped, is matched by `content`: classes and texts there are plain characters. */
export function stringOf(rules: Rules, content: Expression): Expression {
  return sequence(quote, escaped(rules, content), quote);
}

/** Each character in its shortest JSON form, the one JSON.stringify writes. */
function escaped(rules: Rules, content: Expression): Expression {
  switch (content.kind) {
    case "text":
      return text(JSON.stringify(content.text).slice(1, -1));
    case "class":
      return escapedClass(rules, content.ranges);
    case "sequence":
      return sequence(...content.items.map((item) => escaped(rules, item)));
    case "choice":
      return choice(...content.items.map((item) => escaped(rules, item)));
    case "repeat": {
      const item = escaped(rules, content.item);
      return isNever(item) && content.min > 0 ? item : counted(rules, item, content.min, content.max);
    }
    default:
      return content;
  }
}

function escapedClass(rules: Rules, ranges: Range[]): Expression {
  if (complement(ranges).length === 0) return stringCharacter(rules);
  const short = shortEscapes.filter(([code]) => has(ranges, code));
  const named = union(...shortEscapes.map(([code]): Range[] => [[code, code]]));
  const control = without(intersection(ranges, [[0, 0x1f]]), named);
  const codes = control.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
  return choice(
    characters(intersection(ranges, plain)),
    oneOfTexts(rules, [...short.map(([, written]) => written), ...codes.map(writtenCode)], "escape"),
  );
}

function writtenCode(code: number): string {
  return JSON.stringify(String.fromCodePoint(code)).slice(1, -1);
}

function has(ranges: Range[], code: number): boolean {
  return ranges.some(([first, last]) => first <= code && code <= last);
}

interface Trie {
  end: boolean;
  next: Map<string, Trie>;
}

/** One of many texts, written as a tree of common beginnings so that at every place only one path is open. */
export function oneOfTexts(rules: Rules, texts: string[], hint: string): Expression {
  return texts.length === 0 ? never : writeTrie(trieOf(texts), rules, hint);
}

function trieOf(texts: string[]): Trie {
  const root: Trie = { end: false, next: new Map() };
  for (const value of texts) {
    let node = root;
    for (const character of value) {
      const next: Trie = node.next.get(character) ?? { end: false, next: new Map() };
      node.next.set(character, next);
      node = next;
    }
    node.end = true;
  }
  return root;
}

/** Chains are walked in place, so depth counts forks only; every eighth becomes a rule, so that brackets stay shallow. */
function writeTrie(start: Trie, rules: Rules, hint: string, depth = 0): Expression {
  let node = start;
  let common = "";
  while (!node.end && node.next.size === 1) {
    const [character, next] = [...node.next][0] ?? ["", node];
    common += character;
    node = next;
  }
  if (node.next.size === 0) return text(common);
  const forks = () => {
    const leaves = [...node.next].filter(([, next]) => next.next.size === 0).map(([character]) => character);
    const deeper = [...node.next].filter(([, next]) => next.next.size > 0);
    return choice(
      leaves.length === 1 ? text(leaves.join("")) : characters(charactersOf(leaves.join(""))),
      ...deeper.map(([character, next]) => sequence(text(character), writeTrie(next, rules, hint, depth + 1))),
    );
  };
  const rest = depth % 8 === 7 ? define(rules, hint, forks) : forks();
  return sequence(text(common), node.end ? optional(rest) : rest);
}

/** A key that is none of `taken`. After the first character that differs anything may follow. */
export function keyExcept(rules: Rules, taken: string[], hint: string): Expression {
  if (taken.length === 0) return anyString(rules);
  const rest = share(rules, "key-rest", () => repeat(stringCharacter(rules), 0, Number.POSITIVE_INFINITY));
  const differs = (node: Trie, depth: number): Expression => {
    const other = characters(without(plain, charactersOf([...node.next.keys()].join(""))));
    const here = () =>
      choice(
        sequence(other, rest),
        ...[...node.next].map(([character, next]) => {
          const written = text(JSON.stringify(character).slice(1, -1));
          const after = differs(next, depth + 1);
          return sequence(written, next.end ? after : optional(after));
        }),
      );
    return depth % 8 === 7 ? define(rules, `${hint}-key`, here) : here();
  };
  return sequence(quote, optional(differs(trieOf(taken), 0)), quote);
}
