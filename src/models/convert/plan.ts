/** Which tensor of the checkpoint becomes which tensor of the GGUF: names, shapes and what is done to the numbers. */
import { Invalid } from "../../errors.ts";
import { type Float, floats } from "./numbers.ts";
import type { SourceTensor } from "./safetensors.ts";

/** One line of an architecture's map. */
export interface Row {
  /** In the checkpoint. Several are put one after another. */
  from: string | string[];
  /** In the GGUF. */
  to: string;
  /** Outermost dimension first. */
  shape: number[];
  /** The model may lack it. */
  optional?: boolean;
  /** Rows of each of so many heads go from halves to pairs: transformers rotates halves of a head, llama.cpp's llama pairs. */
  pairHeads?: number;
  /** Added to every number. */
  add?: number;
  /** Always float32, as vectors are. */
  exact?: boolean;
  /** The checkpoint may have more rows in front of (positive) those that are wanted. */
  skipRows?: number;
}

/** A tensor of the GGUF before its numbers were read. */
export interface PlannedTensor {
  name: string;
  /** Outermost dimension first. */
  shape: number[];
  exact: boolean;
  parts: { tensor: SourceTensor; dtype: Float; skipBytes: number }[];
  pairHeads?: number;
  add: number;
}

export interface ComputedTensor {
  name: string;
  values: Float32Array<ArrayBuffer>;
}

/**
 * Checks every row against the checkpoint. Throws Invalid for a tensor that is missing, has another shape or type, or for
 * one that the map does not know, unless `ignore` does: a model that lost a part would answer nonsense.
 */
export function planTensors(rows: Row[], checkpoint: Map<string, SourceTensor>, ignore: RegExp): PlannedTensor[] {
  const left = new Set(checkpoint.keys());
  const planned: PlannedTensor[] = [];
  for (const row of rows) {
    const names = typeof row.from === "string" ? [row.from] : row.from;
    if (row.optional && !names.some((name) => checkpoint.has(name))) continue;
    const parts = names.map((name) => {
      const tensor = checkpoint.get(name);
      if (!tensor) throw new Invalid(`tensor "${name}" is missing from the safetensors files`);
      left.delete(name);
      return part(tensor, row, names.length);
    });
    const exact = row.exact === true || row.shape.length === 1;
    const { to: name, shape, pairHeads, add = 0 } = row;
    planned.push({ name, shape, exact, parts, add, ...(pairHeads !== undefined && { pairHeads }) });
  }
  const unknown = [...left].filter((name) => !ignore.test(name));
  if (unknown.length > 0) {
    const more = unknown.length > 1 ? ` and ${unknown.length - 1} more` : "";
    throw new Invalid(`tensor "${unknown[0]}"${more} is not known in this architecture; the model is of a newer or changed kind`);
  }
  return planned;
}

function part(tensor: SourceTensor, { shape, skipRows = 0 }: Row, count: number): PlannedTensor["parts"][number] {
  const what = `tensor "${tensor.name}"`;
  const dtype = floats.find((known) => known === tensor.dtype);
  if (!dtype) throw new Invalid(`${what} has the type ${tensor.dtype}; only F32, F16 and BF16 can be converted`);
  const [rows = 0, ...rest] = shape;
  const wanted = (own: number) => [own + skipRows, ...rest];
  // Parts are rows of the whole, or, of three dimensions, one layer of it each.
  const fits = count === rows && shape.length === 3 ? same(tensor.shape, rest) : same(tensor.shape, wanted(rows / count));
  if (!fits) {
    throw new Invalid(`${what} has the shape [${tensor.shape}] where "config.json" makes it [${wanted(rows / count)}]`);
  }
  return { tensor, dtype, skipBytes: (tensor.size / (tensor.shape[0] || 1)) * skipRows };
}

function same(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
