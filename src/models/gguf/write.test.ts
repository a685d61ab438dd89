/** What is written is read again; what is broken is refused in words. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Invalid, messageOf } from "../../errors.ts";
import { tensorTypes } from "./file-types.ts";
import { readGguf } from "./read.ts";
import type { GgufValue } from "./types.ts";
import { valueTypes } from "./value-types.ts";
import { type Entry, encodeHeader, type GgufInput, inputOf, tensorBytes, writeGguf } from "./write.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-gguf-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const nextFile = () => path.join(folder, `${files++}.gguf`);

const scalars: [number, fc.Arbitrary<string | number | boolean | bigint>][] = [
  [valueTypes.u8, fc.integer({ min: 0, max: 255 })],
  [valueTypes.i8, fc.integer({ min: -128, max: 127 })],
  [valueTypes.u16, fc.integer({ min: 0, max: 65_535 })],
  [valueTypes.i16, fc.integer({ min: -32_768, max: 32_767 })],
  [valueTypes.u32, fc.nat(0xffff_ffff)],
  [valueTypes.i32, fc.integer()],
  [valueTypes.f32, fc.float({ noNaN: true })],
  [valueTypes.bool, fc.boolean()],
  [valueTypes.string, fc.string({ unit: "grapheme" })],
  [valueTypes.u64, fc.oneof(fc.maxSafeNat(), fc.bigInt(2n ** 53n, 2n ** 64n - 1n))],
  [valueTypes.i64, fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 63n), -(2n ** 53n)))],
  [valueTypes.f64, fc.double({ noNaN: true })],
];
const typed = fc.oneof(...scalars.map(([type, value]) => fc.record({ type: fc.constant(type), value })));
const arrays = fc.oneof(
  ...scalars.map(([type, value]) =>
    fc.array(value, { maxLength: 40 }).map((items) => ({
      type: valueTypes.array as number,
      value: { type, length: items.length, items } as GgufValue,
    })),
  ),
);
const entries: fc.Arbitrary<Entry[]> = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9._]{0,30}$/), fc.oneof(typed, arrays)), {
    selector: ([key]) => key,
    maxLength: 12,
  })
  .map((pairs) => pairs.filter(([key]) => key !== "general.alignment").map(([key, value]) => ({ key, ...value })));
const tensors = fc.uniqueArray(
  fc
    .tuple(
      fc.stringMatching(/^[a-z][a-z0-9._]{0,30}$/),
      fc.constantFrom(...tensorTypes.entries()),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    )
    .map(([name, [type, { block }], blocks, rest]) => {
      const shape = [block * blocks, ...rest];
      return { name, shape, type, data: new Uint8Array(tensorBytes(type, shape) ?? 0).fill(7) };
    }),
  { selector: ({ name }) => name, maxLength: 6 },
);
const inputs: fc.Arbitrary<GgufInput> = fc.record({ metadata: entries, tensors, alignment: fc.constantFrom(1, 8, 32, 256) });

describe("writeGguf and readGguf", () => {
  it("agree on every value type and tensor type", async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const file = nextFile();
        await writeGguf(file, input);
        const header = await readGguf(file, { maxArray: Number.POSITIVE_INFINITY });
        expect(header.alignment).toBe(input.alignment);
        for (const { key, type, value } of input.metadata) {
          expect(header.metadata.get(key)).toEqual(value);
          expect(header.metadataTypes.get(key)).toBe(type);
        }
        expect(header.tensors.map(({ name, shape, type }) => ({ name, shape, type }))).toEqual(
          input.tensors.map(({ name, shape, type }) => ({ name, shape, type })),
        );
        const again = nextFile();
        await writeGguf(again, inputOf(header));
        expect(await readFile(again)).toEqual(await readFile(file));
      }),
      { numRuns: 60 },
    );
  });

  it("never crash or hang on changed bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        inputs,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
        fc.option(fc.nat()),
        async (input, changes, cut) => {
          const bytes = Buffer.concat([encodeHeader(input), ...input.tensors.map(({ data }) => data as Uint8Array)]);
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          const file = nextFile();
          writeFileSync(file, cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
          try {
            await readGguf(file);
          } catch (error) {
            expect(error).toBeInstanceOf(Invalid);
            expect(messageOf(error)).toContain(path.basename(file));
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("sets and removes keys of a file", async () => {
    const file = nextFile();
    const text = (key: string, value: string): Entry => ({ key, type: valueTypes.string, value });
    await writeGguf(file, {
      metadata: [text("general.architecture", "llama"), text("tokenizer.chat_template", "old"), text("general.name", "n")],
      tensors: [{ name: "a", shape: [4], type: 0, data: new Uint8Array(16).fill(9) }],
    });
    const changed = nextFile();
    const header = await readGguf(file);
    await writeGguf(
      changed,
      inputOf(header, { "tokenizer.chat_template": text("tokenizer.chat_template", "new"), "general.name": undefined }),
    );
    const again = await readGguf(changed);
    expect(again.metadata.get("tokenizer.chat_template")).toBe("new");
    expect(again.metadata.has("general.name")).toBe(false);
    expect((await readFile(changed)).subarray(again.dataOffset, again.dataOffset + 16)).toEqual(Buffer.alloc(16, 9));
  });
});
