/** Bytes put together. */

/** `a` followed by `b`; `b` itself, not a copy, when `a` is empty. */
export function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
