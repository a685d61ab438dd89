/**
 * Plain tar archives, of files alone: written, and read from strangers. Nothing in one is believed: every header has its checksum, a size
 * is a bound and no promise, and what is not a plain file is refused. Format: POSIX.1-1988 (ustar), which every tar reads.
 */
import { Invalid } from "../../errors.ts";

const BLOCK = 512;
const ZEROS = Buffer.alloc(BLOCK);

export interface TarFile {
  name: string;
  bytes: Buffer;
}

/** A file with its header, in whole blocks. */
export function tarred(name: string, bytes: Uint8Array, modifiedAt: number): Buffer[] {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  header.write(name, 0, 100, "latin1");
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes.length, 124, 12);
  octal(Math.floor(modifiedAt / 1000), 136, 12);
  header.write("0", 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return [header, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), ZEROS.subarray(0, padding(bytes.length))];
}

/** What stands at the end of an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** The files of an archive, one after another. `most`: how large the file of that name may be. Throws Invalid for what is none of ours. */
export async function* untarred(source: AsyncIterable<Uint8Array>, most: (name: string) => number): AsyncGenerator<TarFile> {
  const bytes = new Bytes(source);
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const { name, size } = read(header);
    const limit = most(name);
    if (size > limit) {
      throw new Invalid(
        `${JSON.stringify(name)} in it is said to have ${size} bytes, which is more than the ${limit} it may have`,
      );
    }
    const content = await bytes.take(size);
    if ((await bytes.take(padding(size))).some((byte) => byte !== 0)) throw damaged(`there is something behind ${name}`);
    yield { name, bytes: content };
  }
  for (let rest = await bytes.some(); rest; rest = await bytes.some()) {
    if (rest.some((byte) => byte !== 0)) throw damaged("something stands behind its end");
  }
}

function read(header: Buffer): { name: string; size: number } {
  const text = (at: number, length: number) => header.toString("latin1", at, at + length).split("\0")[0] ?? "";
  const name = text(0, 100);
  if (text(257, 5) !== "ustar" || Number.parseInt(text(148, 8).trim(), 8) !== checksum(header))
    throw damaged("a header in it is wrong");
  const kind = text(156, 1);
  if ((kind !== "0" && kind !== "") || text(345, 155) !== "") throw new Invalid(`${JSON.stringify(name)} in it is no plain file`);
  const size = text(124, 12).trim();
  if (!/^[0-7]{1,11}$/.test(size)) throw damaged(`the size of ${JSON.stringify(name)} is no number`);
  return { name, size: Number.parseInt(size, 8) };
}

/** The sum of all bytes, as if the checksum itself were spaces. */
function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  return sum;
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function damaged(what: string): Invalid {
  return new Invalid(`the file is damaged: ${what}`);
}

/** A stream of bytes, taken in pieces of any length. Never more is held than what has come. */
class Bytes {
  readonly #source: AsyncIterator<Uint8Array>;
  #left: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      const piece = await this.some();
      if (!piece) throw new Invalid("the file is cut off: it was not written, or not copied, to its end");
      pieces.push(piece.subarray(0, missing));
      this.#left = piece.subarray(missing);
      missing -= Math.min(missing, piece.length);
    }
    return Buffer.concat(pieces);
  }

  async some(): Promise<Buffer | undefined> {
    if (this.#left.length > 0) {
      const left = this.#left;
      this.#left = Buffer.alloc(0);
      return left;
    }
    const { value, done } = await this.#source.next();
    return done ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
