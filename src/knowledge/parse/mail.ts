/** Mails (.eml, RFC 5322 and MIME): subject, who and when, the text; attachments are named, not read. */
import { Draft, type Parsed } from "./draft.ts";
import { addHtml } from "./html-blocks.ts";
import type { Source } from "./limits.ts";
import { decodeBody, decodeBytes, decodeWords, type Entity, readEntity } from "./mime.ts";
import { readPlain } from "./plain.ts";

export function readMail(bytes: Uint8Array, source: Source): Parsed {
  // One character a byte: what the bytes mean is said by the headers of each part.
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1").replace(/\r\n?/g, "\n");
  const draft = new Draft(source);
  addMessage(draft, readEntity(raw), source, 0);
  return draft.done();
}

function addMessage(draft: Draft, message: Entity, source: Source, depth: number): void {
  const header = (name: string) => decodeWords(message.headers.get(name) ?? "");
  const subject = header("subject");
  draft.title ||= subject;
  draft.heading(depth + 1, subject);
  const who = ["From", "To", "Cc", "Date"].map((name) => [name, header(name.toLowerCase())]).filter(([, value]) => value !== "");
  draft.add("paragraph", who.map(([name, value]) => `${name}: ${value}`).join("\n"));
  addBody(draft, message, source, depth);
}

function addBody(draft: Draft, entity: Entity, source: Source, depth: number): void {
  if (depth > 10) {
    draft.note("Mails inside mails were read ten deep.");
    return;
  }
  const { type, parts, disposition, filename } = entity;
  if (disposition === "attachment" || (filename !== "" && !type.startsWith("text/"))) {
    draft.note(`The attachment ${filename || type} was not read: add it by itself.`);
  } else if (type === "multipart/alternative") {
    // The same in several forms: plain words first, unless they are only an excuse.
    const readable = parts.map((part) => ({ part, text: part.type === "text/plain" ? decodeBody(part).trim() : "" }));
    const words = readable.find(({ text }) => text.length > 80)?.part;
    const best =
      words ?? parts.findLast((part) => part.type !== "text/plain" && /^(text|multipart)\//.test(part.type)) ?? parts[0];
    if (best) addBody(draft, best, source, depth + 1);
  } else if (type.startsWith("multipart/")) for (const part of parts) addBody(draft, part, source, depth + 1);
  else if (type === "message/rfc822") addMessage(draft, readEntity(decodeBytes(entity).toString("latin1")), source, depth + 1);
  else if (type === "text/html") addHtml(draft, decodeBody(entity), { levelOffset: depth + 1 });
  else if (type.startsWith("text/")) draft.append(readPlain(decodeBody(entity)));
}
