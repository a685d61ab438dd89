/** Writes GGUF version 3 files: metadata and tensors, little endian. The inverse of read.ts. */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tensorTypes } from "./file-types.ts";
import type { GgufArray, GgufHeader, GgufScalar, GgufValue } from "./types.ts";
import { valueTypes } from "./value-types.ts";

export interface Entry {
  key: string;
  type: number;
  value: GgufValue;
}

/** Data is given as bytes, as a part of another file, or as it is made. */
export interface TensorInput {
  name: string;
  shape: number[];
  type: number;
  data: Uint8Array | { path: string; start: number; size: number } | { chunks: () => AsyncIterable<Uint8Array>; size: number };
}

export interface GgufInput {
  metadata: Entry[];
  tensors: TensorInput[];
  alignment?: number;
}

/** Writes the file and flushes it to the disk. Fails if the file exists. */
export async function writeGguf(file: string, input: GgufInput): Promise<void> {
  const alignment = input.alignment ?? 32;
  const handle = await open(file, "wx");
  try {
    await writeAll(handle, encodeHeader(input));
    for (const { data } of input.tensors) {
      if (data instanceof Uint8Array) await writeAll(handle, data);
      else if ("chunks" in data) for await (const chunk of data.chunks()) await writeAll(handle, chunk);
      else await copyPart(handle, data);
      await writeAll(handle, Buffer.alloc(padding(sizeOf(data), alignment)));
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Everything in front of the tensor data, padding included. */
export function encodeHeader({ metadata, tensors, alignment = 32 }: GgufInput): Buffer {
  const entries =
    alignment === 32 || metadata.some(({ key }) => key === "general.alignment")
      ? metadata
      : [...metadata, { key: "general.alignment", type: valueTypes.u32, value: alignment }];
  const parts: Buffer[] = [Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(entries.length)];
  for (const { key, type, value } of entries) parts.push(encodeText(key), u32(type), encodeValue(type, value));
  let offset = 0;
  for (const { name, shape, type, data } of tensors) {
    parts.push(encodeText(name), u32(shape.length), ...shape.map(u64), u32(type), u64(offset));
    offset += sizeOf(data) + padding(sizeOf(data), alignment);
  }
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([...parts, Buffer.alloc(padding(size, alignment))]);
}

/**
 * What `writeGguf` needs to write a read file again. The header must have been read with `maxArray: Infinity`;
 * a cut array throws. `set` replaces values of the same type or adds new ones; undefined removes.
 */
export function inputOf(header: GgufHeader, set: Record<string, Entry | undefined> = {}): GgufInput {
  const kept: Entry[] = [];
  for (const [key, value] of header.metadata) {
    if (key in set) continue;
    if (typeof value === "object" && value.items.length < value.length) throw new Error(`array ${key} was read only in part`);
    kept.push({ key, value, type: header.metadataTypes.get(key) ?? valueTypes.string });
  }
  return {
    metadata: [...kept, ...Object.values(set).filter((entry) => entry !== undefined)],
    alignment: header.alignment,
    tensors: header.tensors.map(({ name, shape, type, offset, size }) => ({
      name,
      shape,
      type,
      data: { path: header.path, start: header.dataOffset + offset, size },
    })),
  };
}

/** Bytes of a tensor of this shape; undefined for an unknown type. */
export function tensorBytes(type: number, shape: number[]): number | undefined {
  const found = tensorTypes.get(type);
  return found && (shape.reduce((product, size) => product * size, 1) / found.block) * found.bytes;
}

function sizeOf(data: TensorInput["data"]): number {
  return data instanceof Uint8Array ? data.length : data.size;
}

function padding(size: number, alignment: number): number {
  return (alignment - (size % alignment)) % alignment;
}

async function copyPart(handle: FileHandle, { path, start, size }: { path: string; start: number; size: number }): Promise<void> {
  if (size === 0) return;
  for await (const chunk of createReadStream(path, { start, end: start + size - 1 })) await writeAll(handle, chunk);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([u64(bytes.length), bytes]);
}

function encodeValue(type: number, value: GgufValue): Buffer {
  return typeof value === "object" ? encodeArray(value) : encodeScalar(type, value);
}

function encodeArray({ type, items }: GgufArray): Buffer {
  return Buffer.concat([u32(type), u64(items.length), ...items.map((item) => encodeValue(type, item))]);
}

function encodeScalar(type: number, value: GgufScalar): Buffer {
  if (type === valueTypes.string) return encodeText(String(value));
  if (type === valueTypes.bool) return Buffer.from([value ? 1 : 0]);
  const bytes = Buffer.alloc(8);
  switch (type) {
    case valueTypes.u8:
      return bytes.subarray(0, bytes.writeUInt8(Number(value)));
    case valueTypes.i8:
      return bytes.subarray(0, bytes.writeInt8(Number(value)));
    case valueTypes.u16:
      return bytes.subarray(0, bytes.writeUInt16LE(Number(value)));
    case valueTypes.i16:
      return bytes.subarray(0, bytes.writeInt16LE(Number(value)));
    case valueTypes.u32:
      return bytes.subarray(0, bytes.writeUInt32LE(Number(value)));
    case valueTypes.i32:
      return bytes.subarray(0, bytes.writeInt32LE(Number(value)));
    case valueTypes.f32:
      return bytes.subarray(0, bytes.writeFloatLE(Number(value)));
    case valueTypes.u64:
      return bytes.subarray(0, bytes.writeBigUInt64LE(BigInt(value)));
    case valueTypes.i64:
      return bytes.subarray(0, bytes.writeBigInt64LE(BigInt(value)));
    default:
      return bytes.subarray(0, bytes.writeDoubleLE(Number(value)));
  }
}
