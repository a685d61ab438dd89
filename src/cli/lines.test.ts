import fc from "fast-check";
import { expect, test } from "vitest";
import { lines } from "./lines.ts";

async function* chunked(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = Math.max(1, sizes[i % Math.max(1, sizes.length)] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect(bytes: Uint8Array, sizes: number[]): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines(chunked(bytes, sizes))) found.push(line);
  return found;
}

test("lines come whole wherever the bytes are cut", async () => {
  const line = fc.string({ unit: fc.constantFrom("a", "你", "🦙", '"', " ") });
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), async (texts, sizes) => {
      const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(""));
      expect(await collect(bytes, sizes)).toEqual(texts);
    }),
  );
});

test("a last line needs no end, and Windows line ends are taken off", async () => {
  expect(await collect(Buffer.from("a\r\nb"), [1])).toEqual(["a", "b"]);
});

test("a line without end is refused before it fills the memory", async () => {
  const endless = Buffer.alloc(9 * 1024 * 1024, "x");
  await expect(collect(endless, [1024 * 1024])).rejects.toThrow("longer than 8 MB");
});
