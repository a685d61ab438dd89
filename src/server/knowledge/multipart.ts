/**
 * `multipart/form-data` as it arrives (RFC 7578, RFC 2046): one part after another, never all of it in memory.
 * A part's body is to be read to its end before the next part is asked for, or not at all.
 */
import { Invalid } from "../../errors.ts";

export interface Part {
  /** Of the form's field. */
  name: string;
  /** Undefined for a field that is no file. */
  filename: string | undefined;
  contentType: string | undefined;
  body: AsyncGenerator<Uint8Array>;
}

/** A part's header is a few lines. */
const MOST_HEADER = 16 * 1024;
const MOST_BOUNDARY = 70;

/** The boundary that a Content-Type names; undefined when it is no form. Throws Invalid for a form without a good one. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^\s*multipart\/form-data\s*(?:;|$)/i.test(contentType)) return undefined;
  const found = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2] ?? "";
  if (boundary === "" || boundary.length > MOST_BOUNDARY) throw new Invalid("the form has no boundary in its Content-Type");
  return boundary;
}

/** Throws Invalid for a body that is no such form, or ends early. */
export async function* readParts(body: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<Part> {
  const input = new Input(body);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first one has no line before it.
  input.put(Buffer.from("\r\n"));
  for await (const _ of input.until(delimiter));
  for (;;) {
    const after = await input.take(2);
    if (after.toString("latin1") === "--") return;
    const rest = after.toString("latin1") === "\r\n" ? after : Buffer.concat([after, await input.line(MOST_HEADER)]);
    if (rest.toString("latin1").trim() !== "") throw new Invalid("the form is broken: text stands behind a boundary");
    const header = await readHeader(input);
    const content = input.until(delimiter);
    yield { ...header, body: content };
    for await (const _ of content);
  }
}

async function readHeader(input: Input): Promise<Omit<Part, "body">> {
  let disposition = "";
  let contentType: string | undefined;
  for (let size = 0; ; ) {
    const bytes = await input.line(MOST_HEADER - size);
    size += bytes.length;
    const line = bytes.toString("utf8").trim();
    if (line === "") break;
    const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === "content-disposition") disposition = value;
    if (name.toLowerCase() === "content-type") contentType = value;
  }
  const parameters = parametersOf(disposition);
  const name = parameters.get("name");
  if (name === undefined) throw new Invalid("the form is broken: a part has no name");
  return { name, filename: extended(parameters.get("filename*")) ?? parameters.get("filename"), contentType };
}

/** Browsers write a quote in a name as %22, curl as \". */
function parametersOf(disposition: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, bare] of disposition.matchAll(/;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g)) {
    const value = quoted?.replace(/\\(["\\])/g, "$1").replace(/%(22|0D|0A)/gi, (code) => decodeURIComponent(code));
    parameters.set(name.toLowerCase(), value ?? bare ?? "");
  }
  return parameters;
}

/** `UTF-8''na%C3%AFve.txt` (RFC 8187), which some programs write although forms should not have it. */
function extended(value: string | undefined): string | undefined {
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(value ?? "") ?? [];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Bytes that come in chunks of any size, read up to what is looked for. */
class Input {
  readonly #source: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  put(bytes: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
  }

  async take(size: number): Promise<Buffer> {
    while (this.#buffer.length < size) await this.#more();
    return this.#cut(size);
  }

  /** With its end. */
  async line(most: number): Promise<Buffer> {
    for (;;) {
      const end = this.#buffer.indexOf("\n");
      if (end >= 0 && end < most) return this.#cut(end + 1);
      if (this.#buffer.length >= most) throw new Invalid("the form is broken: a part's header is too long");
      await this.#more();
    }
  }

  /** What comes before the mark, which is taken out as well. */
  async *until(mark: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(mark);
      if (at >= 0) {
        const last = this.#cut(at);
        this.#cut(mark.length);
        if (last.length > 0) yield last;
        return;
      }
      // The mark may begin at the end of what is here.
      const safe = this.#buffer.length - mark.length + 1;
      if (safe > 0) yield this.#cut(safe);
      await this.#more();
    }
  }

  #cut(size: number): Buffer {
    const bytes = this.#buffer.subarray(0, size);
    this.#buffer = this.#buffer.subarray(size);
    return bytes;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw new Invalid("the form ends early");
    this.put(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  }
}
