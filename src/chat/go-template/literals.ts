/** Go's string, character and number literals. https://go.dev/ref/spec#Lexical_elements */

const SIMPLE: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\" };

/** The value of a quoted or raw string literal, quotes included; undefined when it is not one. */
export function unquoteString(text: string): string | undefined {
  const body = text.slice(1, -1);
  // Go drops carriage returns from raw strings.
  return text.startsWith("`") ? body.replaceAll("\r", "") : unescapeText(body, '"');
}

/** The code point of a character literal; undefined unless it holds exactly one. */
export function unquoteChar(text: string): bigint | undefined {
  const body = unescapeText(text.slice(1, -1), "'");
  const points = [...(body ?? "")];
  return points.length === 1 ? BigInt(points[0]?.codePointAt(0) ?? 0) : undefined;
}

/** `\x` and octal escapes are bytes, so the text is put together as UTF-8. */
function unescapeText(body: string, quote: string): string | undefined {
  if (!body.includes("\\")) return body;
  const parts: Buffer[] = [];
  const escapes = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\'"]))/y;
  for (let offset = 0; offset < body.length; ) {
    if (body[offset] !== "\\") {
      const next = body.indexOf("\\", offset);
      const end = next < 0 ? body.length : next;
      parts.push(Buffer.from(body.slice(offset, end)));
      offset = end;
      continue;
    }
    escapes.lastIndex = offset;
    const found = escapes.exec(body);
    if (!found) return undefined;
    const [whole, hex, octal, short, long, simple] = found;
    const byte = hex ? Number.parseInt(hex, 16) : octal ? Number.parseInt(octal, 8) : undefined;
    const point = short ?? long;
    if (byte !== undefined) {
      if (byte > 255) return undefined;
      parts.push(Buffer.from([byte]));
    } else if (point !== undefined) {
      const code = Number.parseInt(point, 16);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
      parts.push(Buffer.from(String.fromCodePoint(code)));
    } else {
      if (simple === undefined || ((simple === "'" || simple === '"') && simple !== quote)) return undefined;
      parts.push(Buffer.from(SIMPLE[simple] ?? simple));
    }
    offset += whole.length;
  }
  return Buffer.concat(parts).toString();
}

/** An integer as bigint, a floating-point number as number; undefined when it is neither, or past int64. */
export function parseNumber(text: string): bigint | number | undefined {
  if (/^_|__|_$|_[.eEpP]|[.eEpP+-]_/.test(text)) return undefined;
  const plain = text.replaceAll("_", "");
  const sign = plain.startsWith("-") ? -1n : 1n;
  const digits = plain.replace(/^[+-]/, "");
  const integer = parseInteger(digits);
  if (integer !== undefined) return integer <= 0x7fffffffffffffffn ? sign * integer : undefined;
  const hex = /^0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?\d+)$/.exec(digits);
  const value = hex
    ? hexFloat(hex[1] ?? "", hex[2] ?? "", Number(hex[3]))
    : /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(digits)
      ? Number(digits)
      : Number.NaN;
  return Number.isFinite(value) ? Number(sign) * value : undefined;
}

function parseInteger(digits: string): bigint | undefined {
  if (/^(?:0|[1-9]\d*|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/.test(digits)) return BigInt(digits);
  return /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : undefined;
}

function hexFloat(whole: string, fraction: string, exponent: number): number {
  return Number.parseInt(whole + fraction || "x", 16) * 2 ** (exponent - 4 * fraction.length);
}
