/** Foretold sizes against what llama.cpp really writes, type by type. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { quantize } from "../../src/llama/quantize.ts";
import { convertFolder } from "../../src/models/convert/convert.ts";
import { asQuantized, commonTypes } from "../../src/models/gguf/quantized-size.ts";
import { readGguf } from "../../src/models/gguf/read.ts";
import type { GgufHeader } from "../../src/models/gguf/types.ts";
import { filesOf } from "./fixtures.ts";
import { wideModel } from "./wide-model.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-sizes-"));
afterAll(() => rmSync(folder, { recursive: true }));

const types = (header: GgufHeader) => Object.fromEntries(header.tensors.map(({ name, typeName }) => [name, typeName]));
const sum = (header: GgufHeader) => header.tensors.reduce((bytes, { size }) => bytes + size, 0);

const base = { hidden: 256, inner: 256, heads: 8, keyValueHeads: 4, tied: false };

describe.each([
  ["eight layers", { ...base, layers: 8 }],
  // The smallest number in which every rule about eighths and sixteenths shows.
  ["sixteen layers, shared heads, tied output", { ...base, layers: 16, keyValueHeads: 2, tied: true }],
  ["rows that no large block divides", { ...base, hidden: 96, inner: 224, heads: 4, layers: 3 }],
])("%s", (name, shape) => {
  const source = path.join(folder, `${name}.gguf`);

  // IQ3 takes seconds: one model is enough for it.
  const others = shape.layers === 8 ? ["BF16", "Q4_0", "Q5_1", "IQ4_NL", "IQ3_S", "Q4_1", "Q5_0"] : [];
  const all = [...commonTypes.filter((type) => shape.layers === 8 || !type.startsWith("IQ3")), ...others];

  it.each(all)("%s", async (type) => {
    if (type === commonTypes[0])
      await convertFolder({ files: wideModel(path.join(folder, name), shape), output: source, type: "F16" });
    const output = path.join(folder, "quantized.gguf");
    rmSync(output, { force: true });
    quantize(source, output, { type });
    const foretold = asQuantized(await readGguf(source), type);
    const real = await readGguf(output);
    expect(types(foretold)).toEqual(types(real));
    expect(sum(foretold)).toBe(sum(real));
  });
});

it("joined queries, keys and values", async () => {
  const source = path.join(folder, "phi3.gguf");
  await convertFolder({ files: filesOf("phi3"), output: source, type: "F16" });
  const output = path.join(folder, "phi3-q.gguf");
  quantize(source, output, { type: "Q8_0" });
  expect(types(asQuantized(await readGguf(source), "Q8_0"))).toEqual(types(await readGguf(output)));
});
