/** Bytes in, whole characters out: a character split over tokens waits for its rest instead of becoming U+FFFD. */

/** Carries the bytes of one stream's unfinished character. */
export class Utf8Carry {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /** Text that is whole after these bytes. Bytes that can never be a character become U+FFFD, as in any decoder. */
  push(bytes: Uint8Array): string {
    return bytes.length === 0 ? "" : this.#decoder.decode(bytes, { stream: true });
  }

  /** Ends the stream. An unfinished character at the very end is dropped: its text never existed. */
  end(): void {
    this.#decoder.decode(new Uint8Array(0));
  }
}
