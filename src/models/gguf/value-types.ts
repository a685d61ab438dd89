/** Value types of GGUF metadata. Source: the GGUF specification in ggml's docs. */

export const valueTypes = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  array: 9,
  u64: 10,
  i64: 11,
  f64: 12,
} as const;

/** Bytes of one value by type id; strings and arrays have no fixed size, unknown ids are absent. */
export const valueSizes: ReadonlyMap<number, number> = new Map([
  [valueTypes.u8, 1],
  [valueTypes.i8, 1],
  [valueTypes.u16, 2],
  [valueTypes.i16, 2],
  [valueTypes.u32, 4],
  [valueTypes.i32, 4],
  [valueTypes.f32, 4],
  [valueTypes.bool, 1],
  [valueTypes.u64, 8],
  [valueTypes.i64, 8],
  [valueTypes.f64, 8],
]);
