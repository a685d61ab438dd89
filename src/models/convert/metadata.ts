/** Metadata entries of a GGUF, by the type of their value. */
import { valueTypes } from "../gguf/value-types.ts";
import type { Entry } from "../gguf/write.ts";

export const u32 = (key: string, value: number): Entry => ({ key, type: valueTypes.u32, value });
export const f32 = (key: string, value: number): Entry => ({ key, type: valueTypes.f32, value });
export const bool = (key: string, value: boolean): Entry => ({ key, type: valueTypes.bool, value });
export const text = (key: string, value: string): Entry => ({ key, type: valueTypes.string, value });

const array = (key: string, type: number, items: (number | string | boolean)[]): Entry => ({
  key,
  type: valueTypes.array,
  value: { type, length: items.length, items },
});
export const texts = (key: string, items: string[]) => array(key, valueTypes.string, items);
export const i32s = (key: string, items: number[]) => array(key, valueTypes.i32, items);
export const f32s = (key: string, items: number[]) => array(key, valueTypes.f32, items);
export const u8s = (key: string, items: Uint8Array) => array(key, valueTypes.u8, [...items]);

/** Without those that are undefined. */
export function present(...entries: (Entry | undefined)[]): Entry[] {
  return entries.filter((entry) => entry !== undefined);
}
