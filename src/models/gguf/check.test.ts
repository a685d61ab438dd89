/** Hostile and broken files: each is refused in words that name the file and the fault, quickly and in little memory. */
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Invalid } from "../../errors.ts";
import { checkLoadable } from "./check.ts";
import { readGguf } from "./read.ts";
import type { GgufValue } from "./types.ts";
import { valueTypes } from "./value-types.ts";
import { type Entry, encodeHeader, type TensorInput, writeGguf } from "./write.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const u32 = (key: string, value: number): Entry => ({ key, type: valueTypes.u32, value });
const text = (key: string, value: string): Entry => ({ key, type: valueTypes.string, value });
const list = (key: string, type: number, items: (string | number)[]): Entry => ({
  key,
  type: valueTypes.array,
  value: { type, length: items.length, items } as GgufValue,
});

const good = (): Entry[] => [
  text("general.architecture", "llama"),
  u32("llama.block_count", 2),
  u32("llama.context_length", 128),
  u32("llama.embedding_length", 8),
  u32("llama.attention.head_count", 4),
  u32("llama.attention.head_count_kv", 2),
  text("tokenizer.ggml.model", "llama"),
  list("tokenizer.ggml.tokens", valueTypes.string, ["a", "b", ""]),
  list("tokenizer.ggml.scores", valueTypes.f32, [0, 1, 2]),
];
const embeddings = (shape = [8, 3]): TensorInput => ({
  name: "token_embd.weight",
  shape,
  type: 0,
  data: new Uint8Array(shape.reduce((product, size) => product * size, 4)),
});

/** A good file with keys replaced (a value), added, or removed (undefined). */
async function make(set: Entry[] = [], remove: string[] = [], tensors: TensorInput[] = [embeddings()]): Promise<string> {
  const replaced = new Map([...good(), ...set].map((entry) => [entry.key, entry]));
  for (const key of remove) replaced.delete(key);
  const file = path.join(folder, `${files++}.gguf`);
  await writeGguf(file, { metadata: [...replaced.values()], tensors });
  return file;
}

const check = async (file: string) => checkLoadable(await readGguf(file, { maxArray: Number.POSITIVE_INFINITY }));

describe("checkLoadable", () => {
  it("lets a sound file pass", async () => {
    await check(await make());
    await check(await make([list("llama.attention.head_count_kv", valueTypes.u32, [2, 0])]));
    await check(await make([u32("llama.expert_count", 4), u32("llama.expert_used_count", 2)]));
  });

  it.each<[string, Entry[], string[], TensorInput[] | undefined]>([
    ["general.architecture", [], ["general.architecture"], undefined],
    ["llama.block_count is missing", [], ["llama.block_count"], undefined],
    ["llama.block_count is 0, outside 1 to 512", [u32("llama.block_count", 0)], [], undefined],
    ["llama.block_count is 4000000000, outside", [u32("llama.block_count", 4e9)], [], undefined],
    ["llama.embedding_length is 0", [u32("llama.embedding_length", 0)], [], undefined],
    ["llama.embedding_length is not a number", [text("llama.embedding_length", "8")], [], undefined],
    ["llama.context_length is 0", [u32("llama.context_length", 0)], [], undefined],
    ["llama.attention.head_count is 0", [u32("llama.attention.head_count", 0)], [], undefined],
    ["llama.attention.head_count_kv is 0", [u32("llama.attention.head_count_kv", 0)], [], undefined],
    ["cannot share 3 key-value heads", [u32("llama.attention.head_count_kv", 3)], [], undefined],
    [
      "cannot be shared among 3 heads",
      [u32("llama.attention.head_count", 3), u32("llama.attention.head_count_kv", 3)],
      [],
      undefined,
    ],
    ["does not give a number for each of 2 layers", [list("llama.attention.head_count", valueTypes.u32, [4])], [], undefined],
    ["llama.attention.key_length is 0", [u32("llama.attention.key_length", 0)], [], undefined],
    ["it uses 5 experts of 4", [u32("llama.expert_count", 4), u32("llama.expert_used_count", 5)], [], undefined],
    ["uses none", [u32("llama.expert_count", 4)], [], undefined],
    ["outside 0 to 1024", [u32("llama.expert_count", 5000), u32("llama.expert_used_count", 1)], [], undefined],
    [
      "rms_epsilon is NaN",
      [{ key: "llama.attention.layer_norm_rms_epsilon", type: valueTypes.f32, value: Number.NaN }],
      [],
      undefined,
    ],
    ["rms_epsilon is -1", [{ key: "llama.attention.layer_norm_rms_epsilon", type: valueTypes.f32, value: -1 }], [], undefined],
    ["no tensors", [], [], []],
    ["no token embeddings", [], [], [{ ...embeddings(), name: "other" }]],
    ["have 4 values a token", [], [], [embeddings([4, 3])]],
    ["3 tokens but 9 token embeddings", [], [], [embeddings([8, 9])]],
    ["vocabulary is missing", [], ["tokenizer.ggml.tokens"], undefined],
    ["no tokenizer", [], ["tokenizer.ggml.model"], undefined],
    ["tokenizer.ggml.scores has 1 items for 3 tokens", [list("tokenizer.ggml.scores", valueTypes.f32, [0])], [], undefined],
    ["tokens 0 and 2 are the same", [list("tokenizer.ggml.tokens", valueTypes.string, ["a", "b", "a"])], [], undefined],
    ["it is an adapter", [text("general.type", "adapter")], [], undefined],
    ["projector", [text("general.type", "mmproj")], [], undefined],
    ["one of 3 parts", [u32("split.count", 3)], [], undefined],
  ])("refuses: %s", async (fault, set, remove, tensors) => {
    const file = await make(set, remove, tensors);
    const error = await check(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Invalid);
    expect(String(error)).toContain(fault);
    expect(String(error)).toContain(path.basename(file));
  });
});

const shared = path.resolve(import.meta.dirname, "../../../../shared/data/models");

describe.skipIf(!existsSync(shared))("checkLoadable on real models (needs ../shared)", () => {
  it.each(existsSync(shared) ? readdirSync(shared).filter((name) => name.endsWith(".gguf") && !name.includes("mmproj")) : [])(
    "%s",
    (name) => check(path.join(shared, name)),
  );
});

/** Bytes of a header written by hand: counts and lengths that no writer would write. */
const u32Bytes = (value: number) => Buffer.from(new Uint32Array([value]).buffer);
const u64Bytes = (value: number | bigint) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);
const textBytes = (value: string | Buffer) => Buffer.concat([u64Bytes(Buffer.from(value).length), Buffer.from(value)]);
const head = (tensors: number | bigint, keys: number | bigint, version = 3) =>
  Buffer.concat([Buffer.from("GGUF"), u32Bytes(version), u64Bytes(tensors), u64Bytes(keys)]);
const key = (name: string | Buffer, type: number, ...rest: Buffer[]) => Buffer.concat([textBytes(name), u32Bytes(type), ...rest]);
const tensor = (name: string, shape: (number | bigint)[], type: number, offset: number | bigint) =>
  Buffer.concat([textBytes(name), u32Bytes(shape.length), ...shape.map(u64Bytes), u32Bytes(type), u64Bytes(offset)]);
const body = Buffer.alloc(4096);
const huge = 2n ** 64n - 1n;

describe("readGguf on hostile files", () => {
  it.each<[string, Buffer]>([
    ["not GGUF", Buffer.concat([Buffer.from("PK\x03\x04"), body])],
    ["it has only 0 bytes", Buffer.alloc(0)],
    ["it has only 10 bytes", Buffer.from("GGUF\x03\0\0\0\0\0")],
    ["big-endian", Buffer.concat([Buffer.from("GGUF"), Buffer.from([0, 0, 0, 3]), body])],
    ["version 1", Buffer.concat([head(0, 0, 1), body])],
    ["version 99", Buffer.concat([head(0, 0, 99), body])],
    ["claims 18446744073709552000 metadata keys", Buffer.concat([head(0, huge), body])],
    ["claims 4294967295 tensors", Buffer.concat([head(2 ** 32 - 1, 0), body])],
    ["claims 1000 metadata keys", Buffer.concat([head(0, 1000), body])],
    ["key 0 is empty", Buffer.concat([head(0, 1), body])],
    ["occurs twice", Buffer.concat([head(0, 2), key("a", 0, Buffer.from([1])), key("a", 0, Buffer.from([1])), body])],
    ["key 0 is not UTF-8", Buffer.concat([head(0, 1), key(Buffer.from([0xff, 0xfe]), 0), body])],
    ['key "a" is not UTF-8', Buffer.concat([head(0, 1), key("a", 8, textBytes(Buffer.from([0xc3, 0x28]))), body])],
    ["unknown value type 77", Buffer.concat([head(0, 1), key("a", 77), body])],
    ["array of the unknown value type 78", Buffer.concat([head(0, 1), key("a", 9, u32Bytes(78), u64Bytes(1)), body])],
    ["claims 18446744073709552000 bytes", Buffer.concat([head(0, 1), key("a", 8, u64Bytes(huge)), body])],
    ["key 0 claims 1000000 bytes", Buffer.concat([head(0, 1), u64Bytes(1_000_000), body])],
    ["claims 18446744073709552000 items", Buffer.concat([head(0, 1), key("a", 9, u32Bytes(0), u64Bytes(huge)), body])],
    ["claims 1000000 items", Buffer.concat([head(0, 1), key("a", 9, u32Bytes(8), u64Bytes(1_000_000)), body])],
    [
      "claims an item of",
      Buffer.concat([
        head(0, 1),
        key("a", 9, u32Bytes(8), u64Bytes(2000)),
        ...Array.from({ length: 1999 }, () => u64Bytes(0)),
        u64Bytes(huge),
        body,
      ]),
    ],
    [
      "nests arrays deeper",
      Buffer.concat([
        head(0, 1),
        key("a", 9),
        ...Array.from({ length: 50 }, () => Buffer.concat([u32Bytes(9), u64Bytes(1)])),
        body,
      ]),
    ],
    ["alignment 0 is not", Buffer.concat([head(0, 1), key("general.alignment", 4, u32Bytes(0)), body])],
    ["alignment 48 is not", Buffer.concat([head(0, 1), key("general.alignment", 4, u32Bytes(48)), body])],
    ["alignment 2147483648 is not", Buffer.concat([head(0, 1), key("general.alignment", 4, u32Bytes(2 ** 31)), body])],
    ["alignment is not a 32-bit", Buffer.concat([head(0, 1), key("general.alignment", 8, textBytes("32")), body])],
    ["has 5 dimensions", Buffer.concat([head(1, 0), tensor("t", [1, 1, 1, 1, 1], 0, 0), body])],
    ["unknown type 4", Buffer.concat([head(1, 0), tensor("t", [1], 4, 0), body])],
    ["unknown type 4294967295", Buffer.concat([head(1, 0), tensor("t", [1], 2 ** 32 - 1, 0), body])],
    ["more than the file holds", Buffer.concat([head(1, 0), tensor("t", [2n ** 32n, 2n ** 32n], 0, 0), body])],
    [
      "more than the file holds",
      Buffer.concat([head(1, 0), tensor("t", [2n ** 63n, 2n ** 63n, 2n ** 63n, 2n ** 63n], 0, 0), body]),
    ],
    ["is empty: its shape is [0,4]", Buffer.concat([head(1, 0), tensor("t", [0, 4], 0, 0), body])],
    ["not a multiple of 256", Buffer.concat([head(1, 0), tensor("t", [100], 12, 0), body])],
    ["is not aligned to 32", Buffer.concat([head(1, 0), tensor("t", [4], 0, 7), body])],
    ["truncated: tensor", Buffer.concat([head(1, 0), tensor("t", [4], 0, 8192), body])],
    ["truncated: tensor", Buffer.concat([head(1, 0), tensor("t", [2000], 0, 0), body])],
    ["truncated: tensor", Buffer.concat([head(1, 0), tensor("t", [4], 0, huge - 1n), body.subarray(0, 64)])],
    ['tensors "a" and "b" overlap', Buffer.concat([head(2, 0), tensor("a", [64], 0, 0), tensor("b", [64], 0, 32), body])],
    ['tensor "a" occurs twice', Buffer.concat([head(2, 0), tensor("a", [8], 0, 0), tensor("a", [8], 0, 32), body])],
  ])("%s", async (fault, bytes) => {
    const file = path.join(folder, `${files++}.gguf`);
    writeFileSync(file, bytes);
    const error = await readGguf(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Invalid);
    expect(String(error)).toContain(fault);
    expect(String(error)).toContain(path.basename(file));
  });

  it("refuses a good file cut at any place in its header", async () => {
    const bytes = encodeHeader({ metadata: good(), tensors: [embeddings()] });
    for (let size = 0; size < bytes.length; size += 7) {
      const file = path.join(folder, `${files++}.gguf`);
      writeFileSync(file, bytes.subarray(0, size));
      await expect(readGguf(file)).rejects.toThrow(Invalid);
    }
  });

  it("walks a header of absurd length in little memory and gives up", async () => {
    // Items of one array, each a string of 2 MiB: 2 GiB of holes, which take no room on the disk.
    const file = path.join(folder, "long.gguf");
    const step = 8 + (1 << 21);
    writeFileSync(file, Buffer.concat([head(0, 1), key("a", 9, u32Bytes(8), u64Bytes(1000))]));
    const start = statSync(file).size;
    truncateSync(file, start + 1000 * step);
    const handle = openSync(file, "r+");
    for (let i = 0; i < 1000; i++) writeSync(handle, u64Bytes(1 << 21), 0, 8, start + i * step);
    closeSync(handle);
    const before = process.memoryUsage().rss;
    await expect(readGguf(file)).rejects.toThrow(/its header is longer than/);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 << 20);
    await expect(readGguf(file, { maxArray: Number.POSITIVE_INFINITY })).rejects.toThrow(/its header is longer than/);
    writeFileSync(file, Buffer.concat([head(0, 1), key("a", 9, u32Bytes(8), u64Bytes(100_000_000))]));
    truncateSync(file, 2 ** 30);
    await expect(readGguf(file)).rejects.toThrow(/more than 4194304 strings/);
    writeFileSync(file, Buffer.concat([head(0, 1), key("a", 9, u32Bytes(9), u64Bytes(80_000_000))]));
    truncateSync(file, 2 ** 30);
    await expect(readGguf(file)).rejects.toThrow(/nests more than/);
  });

  it("skips a long array of numbers without reading it", async () => {
    const file = path.join(folder, "numbers.gguf");
    writeFileSync(file, Buffer.concat([head(0, 1), key("a", 9, u32Bytes(0), u64Bytes(2 ** 30))]));
    truncateSync(file, 2 ** 31);
    expect((await readGguf(file)).metadata.get("a")).toMatchObject({ length: 2 ** 30 });
  });

  it("refuses what is no file", async () => {
    await expect(readGguf(folder)).rejects.toThrow();
    await expect(readGguf(path.join(folder, "none"))).rejects.toThrow(/ENOENT/);
  });
});
