/**
 * Reads the files of a zip archive, which office formats and EPUB are. Written for strangers' archives: every count and offset is
 * checked, sizes in headers are never believed, and unpacking stops at the limits. Format: APPNOTE.TXT of PKWARE, 4.3.
 */
import { inflateRawSync } from "node:zlib";
import { Unreadable } from "../types.ts";
import type { Source } from "./limits.ts";

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** Below this no ratio is suspicious. */
const SMALL_BYTES = 16 << 20;

interface Entry {
  packed: number;
  method: number;
  encrypted: boolean;
  offset: number;
}

export class Zip {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #source: Source;
  readonly #entries = new Map<string, Entry>();
  #expanded = 0;

  /** @throws Unreadable when the table of contents is not whole. */
  constructor(bytes: Uint8Array, source: Source) {
    this.#bytes = bytes;
    this.#source = source;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#readDirectory();
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** The bytes of one file, or undefined when there is none of that name. */
  read(name: string): Uint8Array | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.encrypted)
      throw new Unreadable("encrypted", `${this.#source.name} is protected by a password: save it without one`);
    const at = entry.offset;
    if (at + 30 > this.#bytes.length || this.#view.getUint32(at, true) !== LOCAL)
      throw this.#damaged(`no file where ${name} should be`);
    const start = at + 30 + this.#view.getUint16(at + 26, true) + this.#view.getUint16(at + 28, true);
    if (start + entry.packed > this.#bytes.length) throw this.#damaged(`${name} ends after the end of the file`);
    const packed = this.#bytes.subarray(start, start + entry.packed);
    const content = this.#unpack(name, packed, entry.method);
    this.#expanded += content.length;
    return content;
  }

  text(name: string): string | undefined {
    const bytes = this.read(name);
    return bytes && decodeXml(bytes);
  }

  #unpack(name: string, packed: Uint8Array, method: number): Uint8Array {
    const { expandedBytes, ratio } = this.#source.limits;
    const left = Math.max(expandedBytes - this.#expanded, 0);
    const most = Math.min(left, Math.max(SMALL_BYTES, packed.length * ratio));
    if (method === 0) {
      if (packed.length > left) throw this.#bomb();
      return packed;
    }
    if (method !== 8)
      throw new Unreadable("unsupported", `${this.#source.name} is packed by method ${method}, which no office program writes`);
    try {
      return inflateRawSync(packed, { maxOutputLength: Math.max(most, 1) });
    } catch (error) {
      if (error instanceof RangeError) throw this.#bomb();
      throw this.#damaged(`${name} cannot be unpacked`, error);
    }
  }

  #readDirectory(): void {
    const end = this.#findEnd();
    const count = this.#view.getUint16(end + 10, true);
    if (count > this.#source.limits.entries) {
      throw new Unreadable("bomb", `${this.#source.name} holds ${count} files; ${this.#source.limits.entries} is the limit`);
    }
    let at = this.#view.getUint32(end + 16, true);
    const decoder = new TextDecoder();
    for (let index = 0; index < count; index++) {
      if (at + 46 > end || this.#view.getUint32(at, true) !== CENTRAL) throw this.#damaged("its table of contents is cut off");
      const nameLength = this.#view.getUint16(at + 28, true);
      const name = decoder.decode(this.#bytes.subarray(at + 46, at + 46 + nameLength)).replaceAll("\\", "/");
      this.#entries.set(name, {
        encrypted: (this.#view.getUint16(at + 8, true) & 1) === 1,
        method: this.#view.getUint16(at + 10, true),
        packed: this.#view.getUint32(at + 20, true),
        offset: this.#view.getUint32(at + 42, true),
      });
      at += 46 + nameLength + this.#view.getUint16(at + 30, true) + this.#view.getUint16(at + 32, true);
    }
  }

  /** The last record; a comment of up to 64 KiB may stand behind it. */
  #findEnd(): number {
    for (let at = this.#bytes.length - 22; at >= Math.max(0, this.#bytes.length - 22 - 0xffff); at--) {
      if (this.#view.getUint32(at, true) === END) return at;
    }
    throw this.#damaged("its end is missing; it was probably not copied to the end");
  }

  #damaged(what: string, cause?: unknown): Unreadable {
    return new Unreadable("damaged", `${this.#source.name} is damaged: ${what}`, { cause });
  }

  #bomb(): Unreadable {
    return new Unreadable("bomb", `${this.#source.name} unpacks to far more than it is: refused as an archive bomb`);
  }
}

/** XML is UTF-8 unless a byte order mark says UTF-16. */
function decodeXml(bytes: Uint8Array): string {
  const label =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(label).decode(bytes);
}
