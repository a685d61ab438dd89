/** Bytes to a document, in the calling thread. The product calls parseDocument (index.ts), which bounds time and memory around this. */
import { messageOf } from "../../errors.ts";
import { type ParsedDocument, Unreadable } from "../types.ts";
import { readCode } from "./code.ts";
import { readCsv } from "./csv.ts";
import { decodeText } from "./decode.ts";
import { readDocx } from "./docx.ts";
import type { Parsed } from "./draft.ts";
import { readEpub } from "./epub.ts";
import { readFeed } from "./feed.ts";
import { readHtml } from "./html.ts";
import { readJson } from "./json.ts";
import { type Container, containerOf, extensionOf, textKindOf } from "./kind.ts";
import { languageOfText } from "./language.ts";
import { checkSize, type Source } from "./limits.ts";
import { readMail } from "./mail.ts";
import { readMarkdown } from "./markdown.ts";
import { readNotebook } from "./notebook.ts";
import { readOdf } from "./odf.ts";
import { readPdf } from "./pdf.ts";
import { readPlain } from "./plain.ts";
import { readPptx } from "./pptx.ts";
import { scriptLanguage } from "./script.ts";
import { readXlsx } from "./xlsx.ts";
import { Zip } from "./zip.ts";

/** Formats that are never text, by the extension that promises them. */
const PROMISED: Record<string, string> = {
  pdf: "a PDF",
  docx: "a Word document",
  pptx: "a presentation",
  xlsx: "a workbook",
  odt: "an OpenDocument text",
  ods: "an OpenDocument sheet",
  odp: "an OpenDocument presentation",
  epub: "a book",
};

/** @throws Unreadable, and nothing else. */
export async function readDocument(bytes: Uint8Array, source: Source): Promise<ParsedDocument> {
  try {
    checkSize(bytes, source);
    return finish(await readAs(containerOf(bytes), bytes, source), source);
  } catch (error) {
    throw asUnreadable(error, source);
  }
}

async function readAs(container: Container | undefined, bytes: Uint8Array, source: Source): Promise<Parsed> {
  const { name } = source;
  if (container === "pdf") return named("pdf", await readPdf(bytes, source), source);
  if (container === "zip") return readArchive(new Zip(bytes, source), source);
  if (container === "ole") throw oldOffice(bytes, name);
  if (container !== undefined) {
    throw new Unreadable(
      "unsupported",
      `${name} is ${container.other}, not a document${container.remedy ? `: ${container.remedy}` : ""}`,
    );
  }
  const decoded = decodeText(bytes, declaredCharset(bytes, source.contentType));
  const promised = PROMISED[extensionOf(name)];
  if (decoded === undefined) {
    if (promised) throw new Unreadable("damaged", `${name} is damaged: it does not begin as ${promised} does`);
    throw new Unreadable("unsupported", `${name} is neither text nor a format that Puna reads`);
  }
  const parsed = readText(decoded.text, bytes, source);
  const notes = promised ? [`Named as ${promised}, but it is text, and was read as such.`] : [];
  return { ...parsed, notes: [...notes, ...decoded.notes, ...parsed.notes] };
}

function readArchive(zip: Zip, source: Source): Parsed {
  const kind = archiveKind(zip);
  if (kind === "docx") return named(kind, readDocx(zip, source), source);
  if (kind === "pptx") return named(kind, readPptx(zip, source), source);
  if (kind === "xlsx") return named(kind, readXlsx(zip, source), source);
  if (kind === "epub") return named(kind, readEpub(zip, source), source);
  if (kind !== undefined) return named(kind, readOdf(zip, source), source);
  const promised = PROMISED[extensionOf(source.name)];
  if (promised)
    throw new Unreadable("damaged", `${source.name} is damaged: it is an archive, but the parts of ${promised} are missing`);
  throw new Unreadable("unsupported", `${source.name} is a zip archive: unpack it and add the files`);
}

function archiveKind(zip: Zip): string | undefined {
  const type = (zip.has("mimetype") ? zip.text("mimetype") : "")?.trim();
  if (type === "application/epub+zip" || (!type && zip.has("META-INF/container.xml"))) return "epub";
  const open = /^application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)/.exec(type ?? "")?.[1];
  if (open) return open === "text" ? "odt" : open === "spreadsheet" ? "ods" : "odp";
  const has = (folder: string) => zip.names.some((name) => name.startsWith(folder));
  if (has("[Content_Types].xml") || has("_rels/"))
    return has("word/") ? "docx" : has("ppt/") ? "pptx" : has("xl/") ? "xlsx" : undefined;
  return has("word/document.xml") ? "docx" : undefined;
}

function readText(text: string, bytes: Uint8Array, source: Source): Parsed {
  const kind = textKindOf(text, source.name, source.contentType);
  if (text.length > source.limits.characters) {
    throw new Unreadable(
      "too-large",
      `${source.name} has ${text.length.toLocaleString("en")} characters; ${source.limits.characters.toLocaleString("en")} is the limit: split it`,
    );
  }
  if (kind === "html") return readHtml(text, source);
  if (kind === "feed") return readFeed(text, source);
  if (kind === "notebook") return readNotebook(text, source);
  if (kind === "mail") return readMail(bytes, source);
  if (kind === "markdown") return readMarkdown(text);
  if (kind === "csv") return readCsv(text, source);
  if (kind === "code") return readCode(text, extensionOf(source.name));
  if (kind === "plain") return readPlain(text);
  const parsed = readJson(text, source);
  if (parsed) return parsed;
  const plain = readPlain(text);
  return extensionOf(source.name).includes("json") ? { ...plain, notes: ["Not valid JSON; it was read as plain text."] } : plain;
}

function named(kind: string, parsed: Parsed, source: Source): Parsed {
  const extension = extensionOf(source.name);
  const wrong = extension !== kind && (extension in PROMISED || /^(txt|md|html?|csv|json|docm?|xlsm?|pptm?)$/.test(extension));
  const isVariant = /^(doc|xls|ppt)m$/.test(extension) && extension.slice(0, 3) === kind.slice(0, 3);
  return wrong && !isVariant
    ? { ...parsed, notes: [`Named .${extension}, but it is ${PROMISED[kind]}, and was read as such.`, ...parsed.notes] }
    : parsed;
}

function finish(parsed: Parsed, source: Source): ParsedDocument {
  if (parsed.blocks.length === 0) throw new Unreadable("no-text", `${source.name} holds no text`);
  // The cells of a table are no sentences, and code is in no language of people.
  const prose = parsed.blocks.filter(({ kind }) => kind !== "code" && kind !== "table").slice(0, 400);
  const words = prose.map(({ start, end }) => parsed.text.slice(start, Math.min(end, start + 2_000))).join("\n");
  const language = languageOfText(words) ?? scriptLanguage(parsed.text);
  const base = source.name.split(/[/\\]/).at(-1) ?? source.name;
  const heading = parsed.blocks.find(({ kind, level }) => kind === "heading" && level === 1);
  const title =
    parsed.title ||
    (heading && parsed.pages === undefined ? parsed.text.slice(heading.start, heading.end).replace(/^#+\s*/, "") : "");
  return { ...parsed, title: title.slice(0, 300) || base, ...(language !== undefined && { language }) };
}

/** The files of Word, Excel and PowerPoint before 2007; also the wrapping of newer ones that have a password. */
function oldOffice(bytes: Uint8Array, name: string): Unreadable {
  const names = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (names.includes(Buffer.from("EncryptedPackage", "utf16le"))) {
    return new Unreadable("encrypted", `${name} is protected by a password: save it without one`);
  }
  return new Unreadable(
    "unsupported",
    `${name} is in the format of Office before 2007 (.doc, .xls, .ppt) or of Outlook (.msg): save it as DOCX, XLSX, PPTX or EML`,
  );
}

/** As the server, the page or the XML says. */
function declaredCharset(bytes: Uint8Array, contentType: string | undefined): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2048)).toString("latin1");
  const said = /charset\s*=\s*["']?([\w:.-]+)/i.exec(contentType ?? "") ?? /<meta[^>]+charset\s*=\s*["']?([\w:.-]+)/i.exec(head);
  return (said ?? /^\s*<\?xml[^>]+encoding\s*=\s*["']([\w:.-]+)/i.exec(head))?.[1];
}

function asUnreadable(error: unknown, { name, limits }: Source): Unreadable {
  if (error instanceof Unreadable) return error;
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return new Unreadable("bomb", `${name} nests too deeply to be read`, { cause: error });
  }
  if (error instanceof RangeError && /string length|array buffer|array length/i.test(error.message)) {
    return new Unreadable("too-large", `${name} needs more memory than the ${limits.memoryMb} MB it may have`, { cause: error });
  }
  return new Unreadable("damaged", `${name} is damaged: ${messageOf(error)}`, { cause: error });
}
