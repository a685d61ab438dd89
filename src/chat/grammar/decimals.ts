/** Decimal numbers within bounds. No exponents here, and no more digits than a double tells apart near the bound. */
import { choice, type Expression, empty, isEmpty, never, optional, repeat, sequence, text } from "./expression.ts";
import { digit, digitRange, natural } from "./numbers.ts";

/** A bound of a range; exclusive ones leave the value itself out. */
export interface Bound {
  value: number;
  exclusive: boolean;
}

/** A bound without sign, as its digits before and after the point; trailing zeros cut. */
interface Edge {
  whole: bigint;
  fraction: string;
  exclusive: boolean;
}

const MOST_DIGITS = 15;

/** Every decimal between two bounds, written with at most 15 digits or so. */
export function numberBetween(min: Bound | undefined, max: Bound | undefined): Expression {
  const least = min && (min.value > 0 || (min.value === 0 && min.exclusive)) ? min : undefined;
  const most = max && (max.value < 0 || (max.value === 0 && max.exclusive)) ? max : undefined;
  const positive = most ? never : magnitude(least && edge(least), max && edge(max));
  const negative = least ? never : magnitude(most && edge(most), min && edge(min));
  // a negative zero is still a zero, so the negative half starts at 0 unless the upper bound says otherwise
  return choice(sequence(text("-"), min?.value === 0 ? never : negative), positive);
}

function edge(bound: Bound): Edge {
  const [whole = "0", fraction = ""] = plainDecimal(Math.abs(bound.value)).split(".");
  return { whole: BigInt(whole), fraction: fraction.replace(/0+$/, ""), exclusive: bound.exclusive };
}

/** 1.5e-7 as 0.00000015, exactly the digits that JavaScript prints. */
function plainDecimal(value: number): string {
  const [mantissa = "", exponent] = String(value).split("e");
  if (exponent === undefined) return mantissa;
  const [whole = "", fraction = ""] = mantissa.split(".");
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  return point >= digits.length ? digits + "0".repeat(point - digits.length) : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Unsigned decimals from `low` to `high`. */
function magnitude(low: Edge | undefined, high: Edge | undefined): Expression {
  const from: Edge = low ?? { whole: 0n, fraction: "", exclusive: false };
  const size = Math.max(String(from.whole).length, high ? String(high.whole).length : 0);
  const spare = Math.min(9, Math.max(1, MOST_DIGITS - size));
  const any = optional(sequence(text("."), repeat(digit, 1, spare)));
  if (high && (high.whole < from.whole || (high.whole === from.whole && compare(high, from) < 0))) return never;
  const whole = (value: bigint) => text(String(value));
  if (high && high.whole === from.whole) return sequence(whole(from.whole), fractionBetween(from, high, spare));
  const last = high ? high.whole - 1n : 10n ** BigInt(Math.max(size, MOST_DIGITS - 3)) - 1n;
  return choice(
    sequence(whole(from.whole), fractionFrom(from, spare)),
    sequence(natural(from.whole + 1n, last), any),
    high ? sequence(whole(high.whole), fractionTo(high, spare)) : never,
  );
}

function compare(a: Edge, b: Edge): number {
  if (a.fraction !== b.fraction) return a.fraction < b.fraction ? -1 : 1;
  return a.exclusive || b.exclusive ? -1 : 0;
}

function point(digits: Expression): Expression {
  return sequence(text("."), digits);
}

function fractionFrom(low: Edge, spare: number): Expression {
  if (low.fraction === "" && !low.exclusive) return optional(point(repeat(digit, 1, spare)));
  return point(above(low.fraction, low.exclusive, spare));
}

function fractionTo(high: Edge, spare: number): Expression {
  const body = below(high.fraction, high.exclusive, spare);
  const none = high.fraction === "" && high.exclusive ? never : empty;
  if (isEmpty(body)) return none;
  return choice(none, point(notEmpty(body)));
}

function fractionBetween(low: Edge, high: Edge, spare: number): Expression {
  const atZero = low.fraction === "" && !low.exclusive;
  if (atZero) return fractionTo(high, spare);
  return point(between(low.fraction, high.fraction, low.exclusive, high.exclusive, spare));
}

/** Digits whose value is at least (or above) 0.`edge`. */
function above(edge: string, exclusive: boolean, spare: number): Expression {
  const more = repeat(digit, 0, spare);
  if (edge === "") return exclusive ? sequence(repeat(text("0"), 0, spare), digitRange(1, 9), more) : more;
  const first = Number(edge[0]);
  return choice(sequence(digitRange(first + 1, 9), more), sequence(text(String(first)), above(edge.slice(1), exclusive, spare)));
}

/** Digits whose value is at most (or below) 0.`edge`; stopping early is allowed where what was said is less already. */
function below(edge: string, exclusive: boolean, spare: number): Expression {
  if (edge === "") return exclusive ? never : repeat(text("0"), 0, spare);
  const first = Number(edge[0]);
  return optional(
    choice(
      sequence(digitRange(0, first - 1), repeat(digit, 0, spare)),
      sequence(text(String(first)), below(edge.slice(1), exclusive, spare)),
    ),
  );
}

function between(low: string, high: string, aboveLow: boolean, belowHigh: boolean, spare: number): Expression {
  if (low === "" && !aboveLow) return below(high, belowHigh, spare);
  if (high === "") return never;
  const [first, last] = [Number(low[0] ?? "0"), Number(high[0])];
  if (first > last) return never;
  const [restLow, restHigh] = [low.slice(1), high.slice(1)];
  if (first === last) return sequence(text(String(first)), between(restLow, restHigh, aboveLow, belowHigh, spare));
  return choice(
    sequence(text(String(first)), above(restLow, aboveLow, spare)),
    sequence(digitRange(first + 1, last - 1), repeat(digit, 0, spare)),
    sequence(text(String(last)), below(restHigh, belowHigh, spare)),
  );
}

/** A point needs a digit after it: opens the outermost optional, or asks for one zero. */
function notEmpty(body: Expression): Expression {
  if (body.kind !== "repeat" || body.min > 0) return body;
  return repeat(body.item, 1, body.max);
}
