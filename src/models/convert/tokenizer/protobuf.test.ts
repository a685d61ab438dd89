import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Field, fields } from "./protobuf.ts";

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

function encode(field: Field): number[] {
  const tag = varint(field.number * 8 + wireTypes[field.kind]);
  if (field.kind === "varint") return [...tag, ...varint(field.value)];
  return [...tag, ...(field.kind === "bytes" ? varint(field.bytes.length) : []), ...field.bytes];
}

const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });
const exactly = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => Buffer.from(bytes));
const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ number, kind: fc.constant("varint" as const), value: fc.maxSafeNat() }),
  fc.record({ number, kind: fc.constant("fixed32" as const), bytes: exactly(4) }),
  fc.record({ number, kind: fc.constant("fixed64" as const), bytes: exactly(8) }),
  fc.record({
    number,
    kind: fc.constant("bytes" as const),
    bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  }),
);

describe("fields", () => {
  it("reads what was written", () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 20 }), (list) => {
        expect([...fields(Buffer.from(list.flatMap(encode)))]).toEqual(list);
      }),
    );
  });

  it("ends with an error or with views inside the message, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const message = Buffer.from(bytes);
        try {
          for (const one of fields(message))
            if (one.kind !== "varint") expect(one.bytes.length).toBeLessThanOrEqual(message.length);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });

  it.each<[string, number[]]>([
    ["it ends inside a number", [0x80]],
    ["a number in it is longer than ten bytes", new Array(11).fill(0xff)],
    ["a field of 200 bytes goes beyond the end", [0x0a, 200, 1, 0]],
    ["field number 0 is not possible", [0x00, 0]],
    ["wire type 3 is not in use", [0x0b]],
  ])("says: %s", (problem, bytes) => {
    expect(() => [...fields(Buffer.from(bytes))]).toThrow(problem);
  });
});
