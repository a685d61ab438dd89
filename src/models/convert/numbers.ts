/** Numbers of 16 and 32 bits into one another, a block at a time. Rounds to nearest, ties to even. */

/** What a checkpoint may hold, and what a GGUF may get. */
export const floats = ["F32", "F16", "BF16"] as const;
export type Float = (typeof floats)[number];

export const bytesOf: Record<Float, number> = { F32: 4, F16: 2, BF16: 2 };

/** Anything but a finite number in a weight is damage; the position in the block is told. */
export class NotFinite extends Error {
  constructor(
    readonly index: number,
    readonly overflow: boolean,
  ) {
    super("not finite");
  }
}

/** `bytes` of type `from` as type `to`, after `add` was added to each. May give `bytes` itself. Throws NotFinite. */
export function convertNumbers(bytes: Uint8Array, from: Float, to: Float, add = 0): Uint8Array {
  if (add === 0 && from !== "F32" && to !== "F32")
    return from === to ? checked(words(bytes), from) : mapped(words(bytes), from, to);
  const values = decode(bytes, from);
  for (let i = 0; i < values.length; i++) {
    const value = (values[i] ?? 0) + add;
    if (!Number.isFinite(value)) throw new NotFinite(i, false);
    values[i] = value;
  }
  return encode(values, to);
}

/** The numbers of a block as float32; a copy. */
export function decode(bytes: Uint8Array, from: Float): Float32Array<ArrayBuffer> {
  if (from === "F32") return new Float32Array(bytes.slice().buffer);
  const source = words(bytes);
  if (from === "F16") {
    const table = halves();
    return Float32Array.from(source, (bits) => table[bits] ?? 0);
  }
  const values = new Float32Array(source.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < source.length; i++) bits[i] = (source[i] ?? 0) << 16;
  return values;
}

/** Throws NotFinite for a number that F16 cannot hold. */
export function encode(values: Float32Array<ArrayBuffer>, to: Float): Uint8Array {
  if (to === "F32") return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(values.length);
  const round = to === "F16" ? toHalf : toBrain;
  for (let i = 0; i < bits.length; i++) {
    const short = round(bits[i] ?? 0);
    if ((short & (to === "F16" ? 0x7c00 : 0x7f80)) === (to === "F16" ? 0x7c00 : 0x7f80)) throw new NotFinite(i, true);
    result[i] = short;
  }
  return new Uint8Array(result.buffer);
}

function words(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}

function checked(source: Uint16Array, type: Float): Uint8Array {
  const exponent = type === "F16" ? 0x7c00 : 0x7f80;
  const bad = source.findIndex((bits) => (bits & exponent) === exponent);
  if (bad >= 0) throw new NotFinite(bad, false);
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

/** From one 16-bit type to the other by a table of all 65,536 numbers. */
function mapped(source: Uint16Array, from: Float, to: Float): Uint8Array {
  const exponent = from === "F16" ? 0x7c00 : 0x7f80;
  const infinite = to === "F16" ? 0x7c00 : 0x7f80;
  const table = from === "F16" ? halfToBrain() : brainToHalf();
  const result = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) {
    const bits = source[i] ?? 0;
    const short = table[bits] ?? 0;
    if ((short & infinite) === infinite) throw new NotFinite(i, (bits & exponent) !== exponent);
    result[i] = short;
  }
  return new Uint8Array(result.buffer);
}

/** The bits of a float32 as those of an IEEE half. NaN and infinity come out as infinity. */
function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  if (exponent >= 143) return sign | 0x7c00;
  if (exponent < 102) return sign;
  const mantissa = (bits & 0x7fffff) | 0x800000;
  // Below 2^-14 halves are subnormal: one bit fewer for each power of two.
  const shift = exponent < 113 ? 126 - exponent : 13;
  const half = exponent < 113 ? mantissa >>> shift : ((exponent - 112) << 10) | ((mantissa >>> 13) & 0x3ff);
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const up = rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0;
  return sign | (half + up);
}

function toBrain(bits: number): number {
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

const halves = once(() => {
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const exponent = (bits >>> 10) & 0x1f;
    const mantissa = bits & 0x3ff;
    const size =
      exponent === 0
        ? mantissa * 2 ** -24
        : exponent === 31
          ? mantissa
            ? Number.NaN
            : Number.POSITIVE_INFINITY
          : (1 + mantissa / 1024) * 2 ** (exponent - 15);
    table[bits] = bits & 0x8000 ? -size : size;
  }
  return table;
});

const brainToHalf = once(() => Uint16Array.from({ length: 65_536 }, (_, bits) => toHalf((bits << 16) >>> 0)));
const halfToBrain = once(() => {
  const bits = new Uint32Array(halves().buffer);
  return Uint16Array.from(bits, toBrain);
});

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
