/** Strings that C functions write into a buffer of the caller's. */

const decoder = new TextDecoder();
let scratch = new Uint8Array(4096);

/**
 * Calls `write` with a buffer, and again with a larger one when it says that the text is longer.
 * `write` gives back the text's length in bytes without its NUL, or a negative number when there is none.
 */
export function readText(write: (buffer: Uint8Array) => number): string {
  let length = write(scratch);
  if (length >= scratch.length) {
    scratch = new Uint8Array(length + 1);
    length = write(scratch);
  }
  return length > 0 ? decoder.decode(scratch.subarray(0, length)) : "";
}
