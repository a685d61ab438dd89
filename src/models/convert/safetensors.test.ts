import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Invalid } from "../../errors.ts";
import { readSafetensors } from "./safetensors.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-safetensors-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(bytes: Uint8Array) {
  const file = path.join(folder, "x.safetensors");
  writeFileSync(file, bytes);
  return await readSafetensors(file, "x.safetensors");
}

function pack(header: unknown, data = 0): Buffer {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(data)]);
}

const sizes = { F32: 4, F16: 2, BF16: 2, I64: 8 } as const;
const tensors = fc
  .uniqueArray(
    fc.record({
      name: fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== "__metadata__"),
      dtype: fc.constantFrom(...(Object.keys(sizes) as (keyof typeof sizes)[])),
      shape: fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
    }),
    { selector: ({ name }) => name, maxLength: 8 },
  )
  .map((list) => {
    let end = 0;
    const header = new Map<string, { dtype: string; shape: number[]; data_offsets: number[] }>();
    for (const { name, dtype, shape } of list) {
      const start = end;
      end += shape.reduce((product, size) => product * size, sizes[dtype]);
      header.set(name, { dtype, shape, data_offsets: [start, end] });
    }
    return {
      list,
      json: `{${[...header].map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(",")}}`,
      end,
    };
  });

describe("readSafetensors", () => {
  it("finds what was written", async () => {
    await fc.assert(
      fc.asyncProperty(tensors, async ({ list, json, end }) => {
        const found = await read(pack(json, end));
        expect(new Set(found.map(({ name }) => name))).toEqual(new Set(list.map(({ name }) => name)));
        for (const { name, dtype, shape } of list)
          expect(found.find((tensor) => tensor.name === name)).toMatchObject({ dtype, shape });
        for (const { start, size } of found) expect(start + size).toBeLessThanOrEqual(8 + Buffer.byteLength(json) + end);
      }),
    );
  });

  it("gives tensors inside the file or one clear error, whatever the bytes", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((json) => pack(json, 16)),
      fc
        .record({ a: fc.anything(), b: fc.record({ dtype: fc.anything(), shape: fc.anything(), data_offsets: fc.anything() }) })
        .map((value) => {
          try {
            return pack(value, 16);
          } catch {
            return pack("{}");
          }
        }),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const found = await read(content).catch((error: unknown) => {
          expect(error).toBeInstanceOf(Invalid);
          return [];
        });
        for (const { start, size } of found) expect(start + size).toBeLessThanOrEqual(content.length);
      }),
    );
  });

  const entry = (dtype: string, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets });
  it.each<[string, Buffer]>([
    ["it has only 5 bytes", Buffer.alloc(5)],
    [
      "it claims a header of 1152921504606846976 bytes",
      Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x10]), Buffer.alloc(9)]),
    ],
    ["truncated: its header takes 99 bytes", Buffer.concat([Buffer.from([99, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(9)])],
    ["its header is no JSON", pack("{{")],
    ["its header is no JSON object", pack("[]")],
    ['tensor "a" is not described by an object', pack({ a: 1 })],
    ['tensor "a" has the unknown type "Q4"', pack({ a: entry("Q4", [1], [0, 1]) }, 9)],
    ['tensor "a" has the unknown type "constructor"', pack({ a: entry("constructor", [1], [0, 1]) }, 9)],
    ['tensor "a" has no valid shape', pack({ a: entry("F32", [-1], [0, 4]) }, 9)],
    ['tensor "a" has no valid shape', pack({ a: entry("F32", [1.5], [0, 4]) }, 9)],
    ['tensor "a" has no valid offsets', pack({ a: entry("F32", [1], [0]) }, 9)],
    ['tensor "a" lies at bytes 0 to 40 of 9', pack({ a: entry("F32", [10], [0, 40]) }, 9)],
    ['tensor "a" lies at bytes 8 to 4 of 9', pack({ a: entry("F32", [1], [8, 4]) }, 9)],
    ['tensor "a" of type F32 and shape [2] cannot have 4 bytes', pack({ a: entry("F32", [2], [0, 4]) }, 9)],
    ['tensor "a" of type F32', pack({ a: entry("F32", [2 ** 30, 2 ** 30, 2 ** 30], [0, 4]) }, 9)],
    ['the tensors "a" and "b" overlap', pack({ a: entry("F32", [2], [0, 8]), b: entry("F32", [1], [4, 8]) }, 9)],
  ])("says: %s", async (problem, bytes) => {
    await expect(read(bytes)).rejects.toThrow(`invalid safetensors file "x.safetensors": ${problem}`);
  });
});
