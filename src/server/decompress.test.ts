import zlib from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decompress } from "./decompress.ts";

const pack = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync };

test("every encoding gives back what went in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (array) => {
      const bytes = Buffer.from(array);
      for (const [name, compress] of Object.entries(pack))
        expect(await decompress(compress(bytes), name.toUpperCase(), 1000)).toEqual(bytes);
      expect(await decompress(bytes, undefined, 1000)).toBe(bytes);
      expect(await decompress(bytes, "identity", 1000)).toBe(bytes);
    }),
    { numRuns: 30 },
  );
});

test("a bomb, garbage, and what nobody knows", async () => {
  const bomb = zlib.gzipSync(Buffer.alloc(5 << 20));
  await expect(decompress(bomb, "gzip", 1 << 20)).rejects.toMatchObject({
    status: 413,
    message: "the request body exceeds 1 MiB",
  });
  await expect(decompress(Buffer.from("{}"), "gzip", 100)).rejects.toMatchObject({
    status: 400,
    message: expect.stringMatching(/^the request body is no gzip/),
  });
  await expect(decompress(Buffer.from("{}"), "lzma", 100)).rejects.toMatchObject({ status: 415 });
});

test("zstd is read where Node can, and refused with a remedy where it cannot", async () => {
  const { zstdCompressSync }: { zstdCompressSync?: typeof zlib.gzipSync } = zlib as object;
  if (zstdCompressSync) expect(String(await decompress(zstdCompressSync("{}"), "zstd", 100))).toBe("{}");
  else
    await expect(decompress(Buffer.from("{}"), "zstd", 100)).rejects.toMatchObject({
      status: 415,
      message: expect.stringContaining("Node 22.15"),
    });
});
