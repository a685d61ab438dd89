/** The tiny models of test/fixtures/convert, as a client would upload them. */
import { readdirSync } from "node:fs";
import path from "node:path";
import type { NamedFile } from "../../src/models/convert/folder.ts";

export const fixture = (name: string): string => path.resolve(import.meta.dirname, "../fixtures/convert", name);

/** Every file of the model's folder but the reference numbers. */
export function filesOf(name: string): NamedFile[] {
  const folder = fixture(name);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "expected.json")
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ name: path.relative(folder, file).split(path.sep).join("/"), path: file }));
}

/** The largest difference, as a part of the standard deviation of what was wanted. */
export function difference(got: Float32Array, wanted: number[]): number {
  if (got.length !== wanted.length) throw new Error(`${got.length} numbers where ${wanted.length} were wanted`);
  const mean = wanted.reduce((sum, value) => sum + value, 0) / wanted.length;
  const deviation = Math.sqrt(wanted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / wanted.length);
  return Math.max(...wanted.map((value, i) => Math.abs(value - (got[i] ?? Number.NaN)))) / deviation;
}
