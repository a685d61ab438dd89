/** What a file is: its bytes decide, its name only where bytes cannot (Markdown, CSV, source code are all text). */
import { languageOf } from "./code-languages.ts";

/** A format by its first bytes. `other` is one that is named and refused. */
export type Container = "pdf" | "zip" | "ole" | { other: string; remedy?: string };

const PICTURE = "Puna does not read pictures; run a text recognition (OCR) over it first";
const UNPACK = "unpack it and add the files";
const OTHERS: [string, string, string?][] = [
  ["89504e47", "a PNG picture", PICTURE],
  ["ffd8ff", "a JPEG picture", PICTURE],
  ["47494638", "a GIF picture", PICTURE],
  ["49492a00", "a TIFF picture", PICTURE],
  ["4d4d002a", "a TIFF picture", PICTURE],
  ["424d", "a BMP picture", PICTURE],
  ["1f8b", "a gzip archive", UNPACK],
  ["425a68", "a bzip2 archive", UNPACK],
  ["fd377a585a00", "an xz archive", UNPACK],
  ["28b52ffd", "a zstd archive", UNPACK],
  ["377abcaf271c", "a 7z archive", UNPACK],
  ["526172211a07", "a RAR archive", UNPACK],
  ["7b5c727466", "an RTF document", "save it as DOCX"],
  ["7f454c46", "a program"],
  ["4d5a", "a program"],
  ["cafebabe", "a program"],
  ["0061736d", "a WebAssembly program"],
  ["47475546", "a model (GGUF)", "use puna create"],
  ["53514c69746520666f726d6174", "an SQLite database", "export its tables as CSV"],
  ["494433", "a sound file"],
  ["4f676753", "a sound file"],
  ["664c6143", "a sound file"],
  ["1a45dfa3", "a video"],
  ["774f4646", "a font"],
];

export function containerOf(bytes: Uint8Array): Container | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024));
  const hex = head.subarray(0, 16).toString("hex");
  if (hex.startsWith("504b0304") || hex.startsWith("504b0506") || hex.startsWith("504b0708")) return "zip";
  if (hex.startsWith("d0cf11e0a1b11ae1")) return "ole";
  // Readers accept a header that comes late, so some writers put something in front.
  if (head.includes("%PDF-")) return "pdf";
  if (head.subarray(4, 8).toString("latin1") === "ftyp") return { other: "a video or sound file" };
  if (hex.startsWith("52494646") && /WEBP|WAVE|AVI /.test(head.subarray(8, 12).toString("latin1")))
    return { other: "a picture, sound or video file" };
  // Two letters begin many a text: what follows must be no text.
  const found = OTHERS.find(([magic]) => hex.startsWith(magic) && (magic.length > 4 || head.includes(0)));
  return found && { other: found[1], ...(found[2] !== undefined && { remedy: found[2] }) };
}

export type TextKind = "html" | "feed" | "notebook" | "json" | "mail" | "markdown" | "csv" | "code" | "plain";

const BY_EXTENSION: Record<string, TextKind> = {
  html: "html",
  htm: "html",
  xhtml: "html",
  md: "markdown",
  markdown: "markdown",
  mdx: "markdown",
  csv: "csv",
  tsv: "csv",
  json: "json",
  jsonl: "json",
  ndjson: "json",
  ipynb: "notebook",
  rss: "feed",
  atom: "feed",
  eml: "mail",
  txt: "plain",
  text: "plain",
};
const BY_TYPE: [RegExp, TextKind][] = [
  [/html/, "html"],
  [/markdown/, "markdown"],
  [/csv|tab-separated/, "csv"],
  [/ipynb/, "notebook"],
  [/json/, "json"],
  [/rss|atom/, "feed"],
  [/rfc822/, "mail"],
];

/** The kind of a text. What can be told from the beginning wins over the name. */
export function textKindOf(text: string, name: string, contentType: string | undefined): TextKind {
  const head = text.slice(0, 4_000).trimStart();
  const extension = extensionOf(name);
  const named = BY_EXTENSION[extension] ?? (languageOf(extension) ? "code" : undefined);
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*|<\?[^>]*>\s*)*<(?:rss|feed|rdf:RDF)\b/i.test(head)) return "feed";
  // A page may be called page.md, and come from an address such as example.rs.
  if (/html/.test(contentType ?? "") && /<(?:!doctype|html|head|body|title|meta|div|main|article|section|h[1-6]|p)\b/i.test(head))
    return "html";
  if (
    named !== "code" &&
    named !== "markdown" &&
    /^(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html)\b/i.test(head)
  )
    return "html";
  if (/^\{/.test(head) && /"nbformat"\s*:\s*\d/.test(text) && /"(?:cells|worksheets)"\s*:/.test(text)) return "notebook";
  if (named !== undefined && named !== "feed" && named !== "notebook") return named;
  if (isMail(head)) return "mail";
  const typed = BY_TYPE.find(([pattern]) => pattern.test(contentType ?? ""))?.[1];
  if (typed !== undefined && typed !== "feed" && typed !== "notebook") return typed;
  return /^[[{]/.test(head) ? "json" : "plain";
}

/** Without its dot, in lower case; the whole name for files such as Makefile. */
export function extensionOf(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? "";
  return base.slice(base.lastIndexOf(".") + 1).toLowerCase();
}

/** Begins with header fields, some of which only mails have. */
function isMail(head: string): boolean {
  const fields = head.split(/\n\n/)[0]?.split("\n") ?? [];
  if (!fields.every((line) => /^[\w-]+:|^[ \t]/.test(line))) return false;
  return fields.filter((line) => /^(from|to|subject|date|received|message-id|mime-version):/i.test(line)).length >= 3;
}
