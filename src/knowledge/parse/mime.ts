/** MIME (RFC 2045 to 2047, 2231): headers, parts, transfer encodings. Works on text with one character for each byte. */
import { clean } from "./clean.ts";
import { decodeText } from "./decode.ts";

const MOST_PARTS = 1_000;
const MOST_DEPTH = 10;

export interface Entity {
  /** By name in lower case; the last one of a name counts. */
  headers: Map<string, string>;
  /** Such as "text/plain". */
  type: string;
  charset: string | undefined;
  /** "attachment", "inline" or "". */
  disposition: string;
  filename: string;
  body: string;
  /** Of a multipart body. */
  parts: Entity[];
}

export function readEntity(raw: string, depth = 0): Entity {
  const blank = /\n[ \t]*\n/.exec(`\n${raw}`);
  const head = blank ? raw.slice(0, Math.max(blank.index - 1, 0)) : raw;
  const body = blank ? raw.slice(blank.index + blank[0].length - 1) : "";
  const headers = new Map<string, string>();
  for (const line of head.replace(/\n[ \t]+/g, " ").split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const content = headers.get("content-type") ?? "text/plain";
  const disposition = headers.get("content-disposition") ?? "";
  const type = (content.split(";")[0] ?? "").trim().toLowerCase();
  const boundary = parameter(content, "boundary");
  const isMultipart = type.startsWith("multipart/") && boundary !== "" && depth < MOST_DEPTH;
  return {
    headers,
    type,
    charset: parameter(content, "charset") || undefined,
    disposition: (disposition.split(";")[0] ?? "").trim().toLowerCase(),
    filename: decodeWords(parameter(disposition, "filename") || parameter(content, "name")),
    body,
    parts: isMultipart ? split(body, boundary).map((part) => readEntity(part, depth + 1)) : [],
  };
}

/** The parts between the lines of the boundary; one that never ends runs to the end. */
function split(body: string, boundary: string): string[] {
  const parts: string[] = [];
  let open: number | undefined;
  for (let at = 0; at < body.length && parts.length < MOST_PARTS; ) {
    const next = body.indexOf("\n", at);
    const end = next < 0 ? body.length : next;
    const line = body.slice(at, Math.min(end, at + boundary.length + 6)).trimEnd();
    if (line === `--${boundary}` || line === `--${boundary}--`) {
      if (open !== undefined) parts.push(body.slice(open, Math.max(at - 1, open)));
      open = line.endsWith("--") && line !== `--${boundary}` ? undefined : end + 1;
      if (open === undefined) return parts;
    }
    at = end + 1;
  }
  if (open !== undefined) parts.push(body.slice(open));
  return parts;
}

export function decodeBytes({ headers, body }: Entity): Buffer {
  const encoding = (headers.get("content-transfer-encoding") ?? "").toLowerCase();
  if (encoding === "base64") return Buffer.from(body, "base64");
  return Buffer.from(encoding === "quoted-printable" ? quotedPrintable(body.replace(/=[ \t]*\n/g, "")) : body, "latin1");
}

export function decodeBody(entity: Entity): string {
  return decodeText(decodeBytes(entity), entity.charset)?.text ?? "";
}

/** RFC 2047: `=?utf-8?B?...?=` in headers. White space between two of them is none. */
export function decodeWords(text: string): string {
  const joined = text.replace(/(\?=)\s+(?==\?)/g, "$1");
  const decoded = joined.replace(/(?:=\?[^?\s]+\?[bq]\?[^?]*\?=)+/gi, (run) => {
    const words = [...run.matchAll(/=\?([^?\s*]+)[^?\s]*\?([bq])\?([^?]*)\?=/gi)];
    const bytes = words.map(([, , kind, data = ""]) =>
      kind?.toLowerCase() === "b"
        ? Buffer.from(data, "base64")
        : Buffer.from(quotedPrintable(data.replaceAll("_", " ")), "latin1"),
    );
    // A character may be cut in two by the end of a word: words of one charset are decoded together.
    const [charset] = words.map((word) => word[1]);
    const same = words.every((word) => word[1]?.toLowerCase() === charset?.toLowerCase());
    const runs = same ? [Buffer.concat(bytes)] : bytes;
    return runs.map((part, index) => decodeText(part, words[index]?.[1])?.text ?? "").join("");
  });
  // Headers in bare UTF-8 are common, though only newer rules allow them.
  const codes = [...decoded].map((character) => character.codePointAt(0) ?? 0);
  const isBytes = codes.some((code) => code >= 0x80) && codes.every((code) => code <= 0xff);
  const bare = isBytes ? decodeText(Buffer.from(decoded, "latin1"))?.text : decoded;
  return clean(bare ?? decoded)
    .replace(/\s+/g, " ")
    .trim();
}

function quotedPrintable(text: string): string {
  return text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function parameter(header: string, name: string): string {
  const plain = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, "i").exec(header);
  if (plain) return (plain[1] ?? plain[2] ?? "").replace(/\\(.)/g, "$1");
  // RFC 2231: name*=utf-8''percent%20encoded
  const extended = new RegExp(`;\\s*${name}\\*(?:0\\*)?\\s*=\\s*[\\w-]*'[^']*'([^;\\s]+)`, "i").exec(header)?.[1];
  try {
    return decodeURIComponent(extended ?? "");
  } catch {
    return extended ?? "";
  }
}
