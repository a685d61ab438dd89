/**
 * The state of a sequence and its tokens in a file of our own: llama.cpp's reader ends the process for a file that was cut.
 *
 *   "PUNASEQ1", u32 number of tokens, u32 CRC-32 of all that follows the header, u64 bytes of state, tokens as i32, state
 *
 * Numbers are little-endian, as llama.cpp's own state is on every platform with a build.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { Failed, messageOf } from "../errors.ts";
import type { Context } from "./context.ts";
import { getSequence, setSequence } from "./state.ts";

const MAGIC = "PUNASEQ1";
const HEADER_BYTES = 24;

/** Writes a sequence's state and its tokens, whole or not at all; gives back the file's size in bytes. */
export function saveSequence(context: Context, sequence: number, file: string, tokens: Int32Array): number {
  const state = getSequence(context, sequence);
  const tokenBytes = new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, "latin1");
  header.writeUInt32LE(tokens.length, 8);
  header.writeUInt32LE(crc32(state, crc32(tokenBytes)), 12);
  header.writeBigUInt64LE(BigInt(state.length), 16);
  const temporary = `${file}.${process.pid}.partial`;
  try {
    const handle = openSync(temporary, "w");
    try {
      for (const part of [header, tokenBytes, state]) writeWhole(handle, part);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Failed(`the state of sequence ${sequence} could not be written to "${file}": ${messageOf(error)}`, {
      cause: error,
    });
  }
  return HEADER_BYTES + tokenBytes.length + state.length;
}

/** Reads a file into a sequence; gives back its tokens. Throws `Failed` when it is damaged or belongs to another model or settings. */
export function loadSequence(context: Context, sequence: number, file: string): Int32Array {
  const { tokens, state } = readStateFile(file);
  if (setSequence(context, sequence, state)) return tokens;
  throw new Failed(`the state in "${file}" does not fit: it is of another model or other settings, or the cache is full`);
}

/** The tokens and the state in a file, checked. */
function readStateFile(file: string): { tokens: Int32Array; state: Uint8Array } {
  const bytes = readBytes(file);
  const fault = (problem: string) => new Failed(`the state in "${file}" cannot be used: ${problem}`);
  if (bytes.length < HEADER_BYTES || bytes.toString("latin1", 0, 8) !== MAGIC) throw fault("it is no state file");
  const count = bytes.readUInt32LE(8);
  const start = HEADER_BYTES + count * 4;
  if (bytes.length !== start + Number(bytes.readBigUInt64LE(16))) throw fault("it is cut or too long");
  if (crc32(bytes.subarray(HEADER_BYTES)) !== bytes.readUInt32LE(12)) throw fault("its checksum is wrong");
  const tokens = new Int32Array(count);
  new Uint8Array(tokens.buffer).set(bytes.subarray(HEADER_BYTES, start));
  return { tokens, state: bytes.subarray(start) };
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Failed(`the state in "${file}" cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function writeWhole(handle: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
}
