/** Typed access to the metadata of a GGUF header. */
import type { GgufHeader } from "./types.ts";

/** A number, or undefined when the key is absent or holds something else. */
export function numberField(header: GgufHeader, key: string): number | undefined {
  const value = header.metadata.get(key);
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** A string, or undefined. */
export function textField(header: GgufHeader, key: string): string | undefined {
  const value = header.metadata.get(key);
  return typeof value === "string" ? value : undefined;
}

/** `<architecture>.<key>` as a number. */
export function modelNumber(header: GgufHeader, key: string): number | undefined {
  return numberField(header, `${header.architecture}.${key}`);
}

/** `<architecture>.<key>` for each of `count` layers: one number for all, or an array of one number a layer. */
export function perLayer(header: GgufHeader, key: string, count: number): number[] | undefined {
  const value = header.metadata.get(`${header.architecture}.${key}`);
  if (typeof value === "number" || typeof value === "bigint") return new Array(count).fill(Number(value));
  if (typeof value !== "object" || value.length < count) return undefined;
  const items = value.items.slice(0, count).map((item) => (typeof item === "object" ? Number.NaN : Number(item)));
  return items.length === count && items.every(Number.isFinite) ? items : undefined;
}
