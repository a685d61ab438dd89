/** Go's fmt: how values look with %v and through printf. https://pkg.go.dev/fmt */
import { isComposite, sortedEntries, typeName, type Value, wellFormed } from "./value.ts";

/** A value as `%v`; `<nil>` for nil. */
export function formatValue(value: Value): string {
  if (value === null) return "<nil>";
  if (typeof value === "number") return formatFloat(value, "g", undefined);
  if (!isComposite(value)) return String(value);
  if (value.text) return value.text();
  if (value.kind === "list") return `[${value.items.map(formatValue).join(" ")}]`;
  if (value.kind === "struct") return `{${[...value.fields.values()].map(formatValue).join(" ")}}`;
  return `map[${sortedEntries(value)
    .map(([key, item]) => `${key}:${formatValue(item)}`)
    .join(" ")}]`;
}

/** `fmt.Sprint`: a space between two neighbours of which neither is a string. */
export function sprint(values: Value[]): string {
  let text = "";
  for (const [index, value] of values.entries()) {
    if (index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string") text += " ";
    text += formatValue(value);
  }
  return text;
}

/** `fmt.Sprintln` */
export function sprintln(values: Value[]): string {
  return `${values.map(formatValue).join(" ")}\n`;
}

interface Spec {
  flags: string;
  width: number | undefined;
  precision: number | undefined;
}

const DIRECTIVE = /%([-+# 0]*)(?:\[(\d+)\])?(\*|\d+)?(?:\.(?:\[(\d+)\])?(\*|\d+)?)?(?:\[(\d+)\])?([\s\S])?/gu;
/** Go refuses wider fields too. */
const MAX_WIDTH = 1_000_000;

/** `fmt.Sprintf`. Mistakes become text such as `%!d(string=hi)`, never errors. */
export function sprintf(format: string, values: Value[]): string {
  let used = 0;
  let reordered = false;
  const number = (text: string | undefined): { value?: number; bad?: boolean } => {
    if (text === undefined) return {};
    if (text !== "*") return Number(text) > MAX_WIDTH ? { bad: true } : { value: Number(text) };
    const value = values[used++];
    return typeof value === "bigint" && value <= MAX_WIDTH && value >= -MAX_WIDTH ? { value: Number(value) } : { bad: true };
  };
  const jump = (index: string | undefined) => {
    if (index === undefined) return;
    used = Number(index) - 1;
    reordered = true;
  };
  const text = format.replace(
    DIRECTIVE,
    (whole, flags: string, first?: string, wide?: string, second?: string, precise?: string, third?: string, verb?: string) => {
      jump(first);
      const width = number(wide);
      jump(second);
      const precision = number(precise ?? (whole.includes(".") ? "0" : undefined));
      jump(third);
      const bad = (width.bad ? "%!(BADWIDTH)" : "") + (precision.bad ? "%!(BADPREC)" : "");
      if (verb === undefined) return `${bad}%!(NOVERB)`;
      if (verb === "%") return `${bad}%`;
      const value = values[used];
      if (value === undefined) return `${bad}%!${verb}(${used >= 0 && !reordered ? "MISSING" : "BADINDEX"})`;
      used++;
      const left = width.value !== undefined && width.value < 0 ? "-" : "";
      const spec: Spec = { flags: flags + left, width: width.value && Math.abs(width.value), precision: precision.value };
      return bad + formatVerb(verb, value, spec);
    },
  );
  if (reordered || used >= values.length) return text;
  const extra = values.slice(used).map((value) => (value === null ? "<nil>" : `${typeName(value)}=${formatValue(value)}`));
  return `${text}%!(EXTRA ${extra.join(", ")})`;
}

function formatVerb(verb: string, value: Value, spec: Spec): string {
  if (verb === "T") return pad(typeName(value), spec);
  if (verb === "v" && value === null) return pad("<nil>", spec);
  const text = scalar(verb, value, spec);
  if (text !== undefined) return text;
  const shown = value === null ? "<nil>" : `${typeName(value)}=${formatValue(value)}`;
  return `%!${verb}(${shown})`;
}

/** Undefined when the verb does not suit the value. */
function scalar(verb: string, value: Value, spec: Spec): string | undefined {
  if (typeof value === "boolean") return verb === "t" || verb === "v" ? pad(String(value), spec) : undefined;
  if (typeof value === "bigint") return formatInteger(verb, value, spec);
  if (typeof value === "number")
    return /[vgGfFeE]/.test(verb) ? padNumber(formatFloat(value, verb, spec.precision), spec) : undefined;
  if (typeof value === "string") return formatString(verb, value, spec);
  if (value === null) return undefined;
  if (value.text && /[vsxXq]/.test(verb)) return formatString(verb, value.text(), spec);
  if (verb === "v") return pad(formatValue(value), spec);
  // Verbs apply to the elements of composite values.
  const each = (item: Value) => formatVerb(verb, item, spec);
  if (value.kind === "list") return `[${value.items.map(each).join(" ")}]`;
  if (value.kind === "struct") return `{${[...value.fields.values()].map(each).join(" ")}}`;
  return `map[${sortedEntries(value)
    .map(([key, item]) => `${each(key)}:${each(item)}`)
    .join(" ")}]`;
}

function formatInteger(verb: string, value: bigint, spec: Spec): string | undefined {
  const sharp = spec.flags.includes("#");
  const magnitude = value < 0n ? -value : value;
  const based = (digits: string, prefix: string) =>
    padNumber((value < 0n ? "-" : "") + (sharp ? prefix : "") + digits.padStart(spec.precision ?? 0, "0"), spec);
  switch (verb) {
    case "d":
    case "v":
      return based(magnitude.toString(), "");
    case "b":
      return based(magnitude.toString(2), "0b");
    case "o":
      return based(magnitude.toString(8), "0");
    case "O":
      return padNumber(`${value < 0n ? "-" : ""}0o${magnitude.toString(8)}`, spec);
    case "x":
      return based(magnitude.toString(16), "0x");
    case "X":
      return based(magnitude.toString(16).toUpperCase(), "0X");
    case "c":
      return pad(character(value), spec);
    case "q":
      return pad(`'${quote(character(value), "'").slice(1, -1)}'`, spec);
    case "U":
      return pad(`U+${magnitude.toString(16).toUpperCase().padStart(4, "0")}`, spec);
    default:
      return undefined;
  }
}

function character(code: bigint): string {
  return code >= 0n && code <= 0x10ffffn && (code < 0xd800n || code > 0xdfffn) ? String.fromCodePoint(Number(code)) : "\ufffd";
}

function formatString(verb: string, value: string, spec: Spec): string | undefined {
  const cut = spec.precision === undefined ? value : [...value].slice(0, spec.precision).join("");
  switch (verb) {
    case "s":
    case "v":
      return pad(spec.flags.includes("#") && verb === "v" ? quote(value, '"') : cut, spec);
    case "q":
      return pad(spec.flags.includes("#") && !cut.includes("`") ? `\`${cut}\`` : quote(cut, '"'), spec);
    case "x":
    case "X": {
      const hex = Buffer.from(value).subarray(0, spec.precision).toString("hex");
      return pad(verb === "X" ? hex.toUpperCase() : hex, spec);
    }
    default:
      return undefined;
  }
}

/** A float64 as Go writes it; no precision means as many digits as needed. */
function formatFloat(value: number, verb: string, precision: number | undefined): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = Object.is(value, -0) ? "-" : "";
  // JavaScript's formatters take at most 100 digits; a float64 holds no more that matter.
  const digits = precision === undefined ? undefined : Math.min(precision, 100);
  if (verb === "f" || verb === "F") return sign + fixed(value, digits ?? 6);
  if (verb === "e" || verb === "E") return sign + exponential(value, digits ?? 6, verb);
  const [, exponent = "0"] = (digits === undefined ? value.toExponential() : value.toExponential(Math.max(digits - 1, 0))).split(
    "e",
  );
  // strconv decides with a precision of 6 when it may print as many digits as it likes.
  const limit = digits === undefined ? 6 : Math.max(digits, 1);
  const power = Number(exponent);
  if (power < -4 || power >= limit)
    return sign + exponential(value, digits === undefined ? undefined : Math.max(digits - 1, 0), verb === "G" ? "E" : "e", true);
  if (digits === undefined) return sign + String(value);
  const plain = fixed(value, Math.max(digits - 1 - power, 0));
  return sign + (plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain);
}

/** `toFixed` turns to exponents at 1e21. */
function fixed(value: number, digits: number): string {
  if (Math.abs(value) < 1e21) return value.toFixed(digits);
  return BigInt(value).toString() + (digits > 0 ? `.${"0".repeat(digits)}` : "");
}

function exponential(value: number, digits: number | undefined, letter: string, trim = false): string {
  const [mantissa = "0", power = "+0"] = value.toExponential(digits).split("e");
  const shown = trim && mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${shown}${letter}${power[0]}${power.slice(1).padStart(2, "0")}`;
}

function pad(text: string, spec: Spec): string {
  const missing = (spec.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  return spec.flags.includes("-") ? text + " ".repeat(missing) : " ".repeat(missing) + text;
}

function padNumber(text: string, spec: Spec): string {
  const signed =
    text.startsWith("-") || text.startsWith("+")
      ? text
      : spec.flags.includes("+")
        ? `+${text}`
        : spec.flags.includes(" ")
          ? ` ${text}`
          : text;
  const zeros = spec.flags.includes("0") && !spec.flags.includes("-") && /\d/.test(text);
  if (!zeros) return pad(signed, spec);
  const sign = /^[-+ ]/.exec(signed)?.[0] ?? "";
  return sign + signed.slice(sign.length).padStart((spec.width ?? 0) - sign.length, "0");
}

/** strconv.Quote */
function quote(text: string, mark: string): string {
  const escaped = wellFormed(text).replace(/[\\"'\p{C}\p{Z}]/gu, (char) => {
    if (char === " ") return char;
    if (char === '"' || char === "'") return char === mark ? `\\${char}` : char;
    const simple = "\\\x07\b\f\n\r\t\v".indexOf(char);
    if (simple >= 0) return `\\${"\\abfnrtv"[simple]}`;
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return mark + escaped + mark;
}
