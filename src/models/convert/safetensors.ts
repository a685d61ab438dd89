/**
 * Reads the header of a safetensors file: 8 bytes length, that much JSON, then the data. The file is not trusted: nothing
 * is allocated or read on its word alone.
 * Format: https://huggingface.co/docs/safetensors/index#format
 */
import { open } from "node:fs/promises";
import { Invalid, messageOf } from "../../errors.ts";
import { isRecord } from "../manifest.ts";

/** Bytes of one element. Sub-byte types have no whole number of bytes and are in no model that can be converted. */
const sizes: Record<string, number> = {
  ...{ F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2 },
  ...{ I8: 1, U8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1 },
};

/** A tensor of a checkpoint, and where its bytes are. */
export interface SourceTensor {
  name: string;
  /** As the file names it, such as `BF16`. */
  dtype: string;
  /** Outermost dimension first. */
  shape: number[];
  file: string;
  /** Bytes from the start of the file. */
  start: number;
  size: number;
}

/** A real header of 100,000 tensors has 12 MB. */
const MAX_HEADER_BYTES = 25e6;
const MAX_TENSORS = 131_072;
const MAX_NAME = 512;

/** All tensors of the file, in file order. Throws Invalid that names it as `name`, which is what its user calls it. */
export async function readSafetensors(file: string, name: string): Promise<SourceTensor[]> {
  const fault = (problem: string, cause?: unknown) =>
    new Invalid(`invalid safetensors file "${name}": ${problem}`, { code: "invalid_safetensors", ...(cause ? { cause } : {}) });
  const handle = await open(file, "r");
  try {
    const { size: fileSize } = await handle.stat();
    if (fileSize < 10) throw fault(`it has only ${fileSize} bytes`);
    const length = (await handle.read(Buffer.alloc(8), 0, 8, 0)).buffer.readBigUInt64LE();
    if (length > BigInt(MAX_HEADER_BYTES)) throw fault(`it claims a header of ${length} bytes, more than ${MAX_HEADER_BYTES}`);
    const headerBytes = Number(length);
    if (8 + headerBytes > fileSize) throw fault(`truncated: its header takes ${headerBytes} bytes, the file has ${fileSize}`);
    const bytes = Buffer.alloc(headerBytes);
    let filled = 0;
    while (filled < headerBytes) {
      const { bytesRead } = await handle.read(bytes, filled, headerBytes - filled, 8 + filled);
      if (bytesRead === 0) throw fault("truncated: it became shorter while being read");
      filled += bytesRead;
    }
    return parseHeader(bytes, { file, dataStart: 8 + headerBytes, fileSize, fault });
  } finally {
    await handle.close();
  }
}

interface Place {
  file: string;
  dataStart: number;
  fileSize: number;
  fault: (problem: string, cause?: unknown) => Invalid;
}

function parseHeader(bytes: Buffer, place: Place): SourceTensor[] {
  const { fault } = place;
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw fault(`its header is no JSON (${messageOf(error)})`, error);
  }
  if (!isRecord(header)) throw fault("its header is no JSON object");
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
  if (entries.length > MAX_TENSORS) throw fault(`it claims ${entries.length} tensors`);
  const tensors = entries.map(([name, entry]) => placeTensor(name, entry, place));
  tensors.sort((a, b) => a.start - b.start || a.size - b.size);
  for (const [i, tensor] of tensors.entries()) {
    const before = tensors[i - 1];
    if (before && before.start + before.size > tensor.start) {
      throw fault(`the tensors "${clip(before.name)}" and "${clip(tensor.name)}" overlap`);
    }
  }
  return tensors;
}

function placeTensor(name: string, entry: unknown, { file, dataStart, fileSize, fault }: Place): SourceTensor {
  const what = `tensor "${clip(name)}"`;
  if (name === "" || name.length > MAX_NAME) throw fault(`${what} has a name of ${name.length} characters`);
  if (!isRecord(entry)) throw fault(`${what} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const size = typeof dtype === "string" && Object.hasOwn(sizes, dtype) ? sizes[dtype] : undefined;
  if (typeof dtype !== "string" || size === undefined)
    throw fault(`${what} has the unknown type ${clip(JSON.stringify(dtype) ?? "")}`);
  if (!isSizes(shape) || shape.length > 8) throw fault(`${what} has no valid shape`);
  if (!isSizes(offsets) || offsets.length !== 2) throw fault(`${what} has no valid offsets`);
  const [begin = 0, end = 0] = offsets;
  if (begin > end || dataStart + end > fileSize) {
    throw fault(`${what} lies at bytes ${begin} to ${end} of ${fileSize - dataStart}`);
  }
  const wanted = shape.reduce((product, count) => product * count, size);
  if (wanted !== end - begin) throw fault(`${what} of type ${dtype} and shape [${shape}] cannot have ${end - begin} bytes`);
  return { name, dtype, shape, file, start: dataStart + begin, size: end - begin };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
