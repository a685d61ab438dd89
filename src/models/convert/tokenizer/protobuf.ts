/**
 * Walks the fields of one protobuf message. Knows the wire format only; what the fields mean is the caller's. Input is not
 * trusted: every length is checked against what is there.
 * Format: https://protobuf.dev/programming-guides/encoding/
 */

/** A number is a varint's value (exact below 2^53) or the raw bits of a fixed one; bytes are a view into the message. */
export type Field =
  | { number: number; kind: "varint"; value: number }
  | { number: number; kind: "fixed32" | "fixed64" | "bytes"; bytes: Buffer };

/** Fields in order, repeated ones once each. Throws Error for bytes that are no message. */
export function* fields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let place = 0; place < 10; place++) {
      const byte = message[at++];
      if (byte === undefined) throw new Error("it ends inside a number");
      value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80) return value;
    }
    throw new Error("a number in it is longer than ten bytes");
  };
  const take = (size: number): Buffer => {
    if (size > message.length - at) throw new Error(`a field of ${size} bytes goes beyond the end`);
    at += size;
    return message.subarray(at - size, at);
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (number === 0 || number >= 2 ** 29) throw new Error(`field number ${number} is not possible`);
    switch (tag % 8) {
      case 0:
        yield { number, kind: "varint", value: varint() };
        break;
      case 1:
        yield { number, kind: "fixed64", bytes: take(8) };
        break;
      case 2:
        yield { number, kind: "bytes", bytes: take(varint()) };
        break;
      case 5:
        yield { number, kind: "fixed32", bytes: take(4) };
        break;
      default:
        throw new Error(`wire type ${tag % 8} is not in use`);
    }
  }
}
