/** Bytes in, whole characters out: a character split over tokens waits for its rest instead of becoming U+FFFD. */
import { join } from "./bytes.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LONGEST = 4;

/** Carries the bytes of one stream's unfinished character. */
export class Utf8Carry {
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * Text that is whole after these bytes. A sequence that is no character (overlong, out of range, broken off) becomes one U+FFFD:
   * llama.cpp's grammars count it as one character too, so that a string's length stays what the grammar made it.
   */
  push(bytes: Uint8Array): string {
    const all = join(this.#rest, bytes);
    const whole = all.length - unfinished(all);
    this.#rest = all.slice(whole);
    return decode(all.subarray(0, whole));
  }

  /** Ends the stream. An unfinished character at the very end is dropped: its text never existed. */
  end(): void {
    this.#rest = new Uint8Array(0);
  }
}

/** Bytes that a character of this first byte has; 1 also for bytes that can begin none. */
function sequenceLength(first: number): number {
  return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >> 6 === 2;
}

/** How many bytes at the end may still become a character. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back < LONGEST && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

function decode(bytes: Uint8Array): string {
  if (bytes.length === 0) return "";
  try {
    return strict.decode(bytes);
  } catch {
    return sequences(bytes).map(decodeOne).join("");
  }
}

function sequences(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const most = at + sequenceLength(bytes[at] ?? 0);
    let end = at + 1;
    while (end < most && isContinuation(bytes[end])) end++;
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}

function decodeOne(sequence: Uint8Array): string {
  try {
    return strict.decode(sequence);
  } catch {
    return "\ufffd";
  }
}
