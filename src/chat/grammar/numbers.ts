/** Integers within bounds, exactly, by their digits. */
import { charactersOf, type Range, span } from "./code-points.ts";
import { characters, choice, type Expression, empty, isNever, optional, repeat, sequence, text } from "./expression.ts";
import { type Rules, share } from "./rules.ts";

export const digit = characters(span("09"));
const minus = text("-");
/** Integers of up to 15 digits are all exact in a double, and the limit keeps a model from counting for ever. */
const MOST_DIGITS = 15;

export function anyInteger(rules: Rules): Expression {
  return share(rules, "integer", () =>
    choice(text("0"), sequence(optional(minus), characters(span("19")), repeat(digit, 0, MOST_DIGITS - 1))),
  );
}

/** Finite ones only: no exponent can pass the range of a double. */
export function anyNumber(rules: Rules): Expression {
  return share(rules, "number", () =>
    sequence(
      optional(minus),
      choice(text("0"), sequence(characters(span("19")), repeat(digit, 0, MOST_DIGITS - 1))),
      optional(sequence(text("."), repeat(digit, 1, MOST_DIGITS))),
      optional(sequence(characters(charactersOf("eE")), optional(characters(charactersOf("+-"))), repeat(digit, 1, 2))),
    ),
  );
}

/** Every integer from `min` to `max`, both included; undefined is no bound, where 15 digits or the other bound's length limit it. */
export function integerBetween(min: bigint | undefined, max: bigint | undefined): Expression {
  const reach = 10n ** BigInt(Math.max(MOST_DIGITS, digitCount(min), digitCount(max))) - 1n;
  const [low, high] = [min ?? -reach, max ?? reach];
  const negative = low < 0n ? sequence(minus, natural(high < 0n ? -high : 1n, -low)) : undefined;
  const positive = high >= 0n ? natural(low > 0n ? low : 0n, high) : undefined;
  return choice(...[negative, positive].filter((part) => part !== undefined));
}

function digitCount(value: bigint | undefined): number {
  return value === undefined ? 0 : String(value < 0n ? -value : value).length;
}

/** Natural numbers from `low` to `high`: one alternative per number of digits. */
export function natural(low: bigint, high: bigint): Expression {
  if (high < low) return choice();
  const parts: Expression[] = [];
  for (let count = String(low).length; count <= String(high).length; count++) {
    const first = count === String(low).length ? String(low) : `1${"0".repeat(count - 1)}`;
    const last = count === String(high).length ? String(high) : "9".repeat(count);
    parts.push(digitsBetween(first, last));
  }
  return mergeLengths(parts);
}

/** `[1-9][0-9]{3} | [1-9][0-9]{4}` is written once with a count. */
function mergeLengths(parts: Expression[]): Expression {
  const full = (part: Expression) => (part.kind === "sequence" && part.items.length === 2 ? part.items : undefined);
  const merged: Expression[] = [];
  for (const part of parts) {
    const before = merged.at(-1);
    const [now, then] = [full(part), before && full(before)];
    const [count, earlier] = [now?.[1], then?.[1]];
    const same = now && then && JSON.stringify(now[0]) === JSON.stringify(then[0]);
    if (same && now[0] && isDigits(count) && isDigits(earlier) && count.max === earlier.max + 1)
      merged[merged.length - 1] = sequence(now[0], repeat(digit, earlier.min, count.max));
    else merged.push(part);
  }
  return choice(...merged);
}

function isDigits(part: Expression | undefined): part is Expression & { kind: "repeat" } {
  return part?.kind === "repeat" && part.item === digit;
}

/** Digit texts of one length between two such texts. */
function digitsBetween(low: string, high: string): Expression {
  const length = low.length;
  if (length === 0) return empty;
  if (/^0*$/.test(low) && /^9*$/.test(high)) return repeat(digit, length, length);
  const [first, last] = [Number(low[0]), Number(high[0])];
  if (first === last) return sequence(text(String(first)), digitsBetween(low.slice(1), high.slice(1)));
  const parts: Expression[] = [];
  let [from, to] = [first, last];
  const [restLow, restHigh] = [low.slice(1), high.slice(1)];
  if (!/^0*$/.test(restLow)) parts.push(sequence(text(String(from++)), digitsBetween(restLow, "9".repeat(length - 1))));
  const tail = /^9*$/.test(restHigh) ? undefined : sequence(text(String(to--)), digitsBetween("0".repeat(length - 1), restHigh));
  if (from <= to) parts.push(sequence(digitRange(from, to), repeat(digit, length - 1, length - 1)));
  if (tail && !isNever(tail)) parts.push(tail);
  return choice(...parts);
}

/** One digit from `low` to `high`; nothing when that is empty. */
export function digitRange(low: number, high: number): Expression {
  const range: Range = [48 + low, 48 + high];
  return low > high ? choice() : low === high ? text(String(low)) : characters([range]);
}
