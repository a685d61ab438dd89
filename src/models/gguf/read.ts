/**
 * Reads the header of a GGUF file (versions 2 and 3, little endian). The file is not trusted: every count and length is
 * checked against the file's size and against limits before anything is read or allocated for it.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { Invalid, messageOf } from "../../errors.ts";
import { Cursor } from "./cursor.ts";
import { placeTensors, type TensorRecord } from "./layout.ts";
import type { GgufArray, GgufHeader, GgufScalar, GgufValue } from "./types.ts";
import { valueSizes, valueTypes } from "./value-types.ts";

/** Real headers stay below 40 MB (250,000 tokens and 500,000 merges). */
const MAX_HEADER_BYTES = 128 << 20;
const MAX_KEYS = 65_536;
const MAX_TENSORS = 131_072;
const MAX_KEY_BYTES = 65_535;
/** GGML_MAX_NAME is 64 with its end mark; longer names make llama.cpp refuse the file. */
const MAX_TENSOR_NAME_BYTES = 1_024;
const MAX_STRING_BYTES = 64 << 20;
const MAX_DEPTH = 4;
const MAX_NESTED = 65_536;
const MAX_ITEMS = 1 << 22;
const MAX_STRINGS = 1 << 22;
const DEFAULT_ITEMS = 1_024;

export interface ReadOptions {
  /** Array items kept; the rest is walked over. Infinity keeps whole vocabularies. */
  maxArray?: number;
}

/** The header of the file. Throws Invalid naming file and fault; other errors are those of the file system. */
export async function readGguf(file: string, options: ReadOptions = {}): Promise<GgufHeader> {
  const handle = await open(file, "r");
  try {
    return await readHeader(handle, file, Math.min(options.maxArray ?? DEFAULT_ITEMS, MAX_ITEMS));
  } finally {
    await handle.close();
  }
}

type Fault = (problem: string, code?: string) => Invalid;

async function readHeader(handle: FileHandle, file: string, maxArray: number): Promise<GgufHeader> {
  const fault: Fault = (problem, code) =>
    new Invalid(`invalid GGUF file "${path.basename(file)}": ${problem}`, { code: code ?? "invalid_gguf" });
  const stat = await handle.stat();
  if (!stat.isFile()) throw fault("it is not a regular file", "not_gguf");
  const fileSize = stat.size;
  if (fileSize < 24) throw fault(`it has only ${fileSize} bytes`, "not_gguf");
  const cursor = new Cursor(handle, fileSize, MAX_HEADER_BYTES, fault);
  await cursor.fill(24);
  const magic = cursor.take(4);
  if (magic.toString("latin1") !== "GGUF") throw fault(`it begins with the bytes ${magic.toString("hex")}, not GGUF`, "not_gguf");
  const version = readVersion(cursor.u32(), fault);
  const tensorCount = cursor.count();
  const keyCount = cursor.count();
  // The shortest key takes 14 bytes, the shortest tensor record 25.
  if (keyCount > MAX_KEYS || keyCount * 14 > cursor.remaining) throw fault(`it claims ${keyCount} metadata keys`);
  if (tensorCount > MAX_TENSORS || tensorCount * 25 > cursor.remaining) throw fault(`it claims ${tensorCount} tensors`);

  const reader = new ValueReader(cursor, fault, maxArray);
  const metadata = new Map<string, GgufValue>();
  const metadataTypes = new Map<string, number>();
  for (let i = 0; i < keyCount; i++) {
    const key = await reader.text(MAX_KEY_BYTES, `key ${i}`);
    if (key === "") throw fault(`key ${i} is empty`);
    if (metadata.has(key)) throw fault(`key "${clip(key)}" occurs twice`);
    if (cursor.left < 4) await cursor.fill(4);
    const type = cursor.u32();
    metadata.set(key, await reader.value(type, `key "${clip(key)}"`, 0));
    metadataTypes.set(key, type);
  }
  const alignment = readAlignment(metadata, metadataTypes, fault);
  const records = await readTensorRecords(cursor, reader, tensorCount, fault);
  const dataOffset = Math.ceil(cursor.position / alignment) * alignment;
  const tensors = placeTensors(records, { dataOffset, alignment, fileSize, fault });
  const architecture = metadata.get("general.architecture");
  return {
    path: file,
    version,
    fileSize,
    alignment,
    dataOffset,
    metadata,
    metadataTypes,
    tensors,
    architecture: typeof architecture === "string" ? architecture : "",
    parameters: tensors.reduce((sum, tensor) => sum + tensor.shape.reduce((product, size) => product * size, 1), 0),
  };
}

function readVersion(version: number, fault: Fault): number {
  if (version === 2 || version === 3) return version;
  if (version !== 0 && (version & 0xffff) === 0) throw fault("it is big-endian, which this machine cannot run");
  if (version === 1) throw fault("it is GGUF version 1, which is no longer supported; convert the model again");
  throw fault(`it is GGUF version ${version}; versions 2 and 3 are known`);
}

function readAlignment(metadata: Map<string, GgufValue>, types: Map<string, number>, fault: Fault): number {
  const alignment = metadata.get("general.alignment");
  if (alignment === undefined) return 32;
  if (types.get("general.alignment") !== valueTypes.u32 || typeof alignment !== "number") {
    throw fault("general.alignment is not a 32-bit unsigned number");
  }
  const isPowerOfTwo = alignment > 0 && Number.isInteger(Math.log2(alignment));
  if (!isPowerOfTwo || alignment > 1 << 20) throw fault(`alignment ${alignment} is not a power of two up to 1 MiB`);
  return alignment;
}

async function readTensorRecords(cursor: Cursor, reader: ValueReader, count: number, fault: Fault): Promise<TensorRecord[]> {
  const names = new Set<string>();
  const records: TensorRecord[] = [];
  for (let i = 0; i < count; i++) {
    const name = await reader.text(MAX_TENSOR_NAME_BYTES, `the name of tensor ${i}`);
    if (names.has(name)) throw fault(`tensor "${clip(name)}" occurs twice`);
    names.add(name);
    if (cursor.left < 4) await cursor.fill(4);
    const dimensions = cursor.u32();
    if (dimensions > 4) throw fault(`tensor "${clip(name)}" has ${dimensions} dimensions, more than 4`);
    const rest = dimensions * 8 + 12;
    if (cursor.left < rest) await cursor.fill(rest);
    const shape = Array.from({ length: dimensions }, () => cursor.count());
    records.push({ name, shape, type: cursor.u32(), offset: cursor.count() });
  }
  return records;
}

/** Reads values at the cursor. */
class ValueReader {
  readonly #cursor: Cursor;
  readonly #fault: Fault;
  readonly #maxArray: number;
  #nested = 0;
  #strings = 0;
  readonly #strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(cursor: Cursor, fault: Fault, maxArray: number) {
    this.#cursor = cursor;
    this.#fault = fault;
    this.#maxArray = maxArray;
  }

  async value(type: number, what: string, depth: number): Promise<GgufValue> {
    if (type === valueTypes.array) return await this.#array(what, depth + 1);
    if (type === valueTypes.string) return await this.text(MAX_STRING_BYTES, what);
    const size = valueSizes.get(type);
    if (size === undefined) throw this.#fault(`${what} has the unknown value type ${type}`);
    if (this.#cursor.left < size) await this.#cursor.fill(size);
    return decodeScalar(this.#cursor.take(size), type);
  }

  /** A string that must be UTF-8 of at most `limit` bytes. */
  async text(limit: number, what: string): Promise<string> {
    const bytes = await this.#stringBytes(limit, what);
    try {
      return this.#strict.decode(bytes);
    } catch (error) {
      throw this.#fault(`${what} is not UTF-8 (${messageOf(error)})`);
    }
  }

  async #stringBytes(limit: number, what: string): Promise<Buffer> {
    const cursor = this.#cursor;
    if (cursor.left < 8) await cursor.fill(8);
    const length = cursor.count();
    if (length > cursor.remaining) throw this.#fault(`${what} claims ${length} bytes, more than the file holds`);
    if (length > limit) throw this.#fault(`${what} is ${length} bytes long, more than ${limit}`);
    if (cursor.left < length) await cursor.fill(length);
    return cursor.take(length);
  }

  async #array(what: string, depth: number): Promise<GgufArray> {
    if (depth > 1 && ++this.#nested > MAX_NESTED) throw this.#fault(`${what} nests more than ${MAX_NESTED} arrays`);
    if (depth > MAX_DEPTH) throw this.#fault(`${what} nests arrays deeper than ${MAX_DEPTH}`);
    const cursor = this.#cursor;
    if (cursor.left < 12) await cursor.fill(12);
    const type = cursor.u32();
    const length = cursor.count();
    const size = valueSizes.get(type);
    if (size === undefined && type !== valueTypes.string && type !== valueTypes.array) {
      throw this.#fault(`${what} is an array of the unknown value type ${type}`);
    }
    const smallest = size ?? (type === valueTypes.string ? 8 : 12);
    if (length * smallest > cursor.remaining) throw this.#fault(`${what} claims ${length} items, more than the file holds`);
    const kept = Math.min(length, this.#maxArray);
    if (size !== undefined) return { type, length, items: await this.#numbers(type, size, length, kept) };
    if (type === valueTypes.string) return { type, length, items: await this.#texts(length, kept, what) };
    const items: GgufArray[] = [];
    for (let i = 0; i < length; i++) {
      const item = await this.#array(what, depth + 1);
      if (i < kept) items.push(item);
    }
    return { type, length, items };
  }

  async #numbers(type: number, size: number, length: number, kept: number): Promise<GgufScalar[]> {
    const items: GgufScalar[] = [];
    for (let i = 0; i < kept; i++) {
      if (this.#cursor.left < size) await this.#cursor.fill(size);
      items.push(decodeScalar(this.#cursor.take(size), type));
    }
    this.#cursor.skip((length - kept) * size);
    return items;
  }

  /** Tokens of some real vocabularies are no UTF-8; those bytes become U+FFFD. */
  async #texts(length: number, kept: number, what: string): Promise<string[]> {
    this.#strings += length;
    if (this.#strings > MAX_STRINGS) throw this.#fault(`${what} brings it to more than ${MAX_STRINGS} strings`);
    const items: string[] = [];
    for (let i = 0; i < length; i++) {
      if (i < kept) items.push((await this.#stringBytes(MAX_STRING_BYTES, what)).toString("utf8"));
      else {
        if (this.#cursor.left < 8) await this.#cursor.fill(8);
        const size = this.#cursor.count();
        if (size > this.#cursor.remaining) throw this.#fault(`${what} claims an item of ${size} bytes, more than the file holds`);
        this.#cursor.skip(size);
      }
    }
    return items;
  }
}

function decodeScalar(bytes: Buffer, type: number): GgufScalar {
  switch (type) {
    case valueTypes.u8:
      return bytes.readUInt8();
    case valueTypes.i8:
      return bytes.readInt8();
    case valueTypes.u16:
      return bytes.readUInt16LE();
    case valueTypes.i16:
      return bytes.readInt16LE();
    case valueTypes.u32:
      return bytes.readUInt32LE();
    case valueTypes.i32:
      return bytes.readInt32LE();
    case valueTypes.f32:
      return bytes.readFloatLE();
    case valueTypes.bool:
      return bytes.readUInt8() !== 0;
    case valueTypes.u64:
      return safe(bytes.readBigUInt64LE());
    case valueTypes.i64:
      return safe(bytes.readBigInt64LE());
    default:
      return bytes.readDoubleLE();
  }
}

/** A number while it is exact, else the bigint. */
function safe(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
