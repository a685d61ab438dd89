/** KV state of sequences, to memory and to files, and back. Bytes fit only the same model, context settings and llama.cpp release. */
import { Failed } from "../errors.ts";
import { constants } from "./abi-layouts.ts";
import type { Context } from "./context.ts";

export interface StateOptions {
  /** Only what a sliding window or a recurrent model keeps. */
  partial?: boolean;
}

/** Bytes that `getSequence` would give. */
export function sequenceSize(context: Context, sequence: number, options: StateOptions = {}): number {
  return context.model.library.llama.llama_state_seq_get_size_ext(context.pointer, sequence, flags(options));
}

/** A copy of one sequence's state. */
export function getSequence(context: Context, sequence: number, options: StateOptions = {}): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sequenceSize(context, sequence, options));
  const { llama } = context.model.library;
  const written = llama.llama_state_seq_get_data_ext(context.pointer, bytes, bytes.length, sequence, flags(options));
  if (written === 0 && bytes.length > 0) throw new Failed(`the state of sequence ${sequence} could not be read`);
  return written === bytes.length ? bytes : bytes.slice(0, written);
}

/** Puts a state into a sequence, replacing what it holds. False when it does not fit, with the sequence left empty. */
export function setSequence(context: Context, sequence: number, bytes: Uint8Array, options: StateOptions = {}): boolean {
  if (bytes.length === 0) return false;
  const { llama } = context.model.library;
  const read = llama.llama_state_seq_set_data_ext(context.pointer, bytes, bytes.length, sequence, flags(options));
  if (read > 0) return true;
  context.memory.remove(sequence);
  return false;
}

/** Writes a sequence's state and its tokens to a file; gives back its size in bytes. */
export function saveSequence(context: Context, sequence: number, file: string, tokens: Int32Array): number {
  const { llama } = context.model.library;
  const save = () => llama.llama_state_seq_save_file(context.pointer, file, sequence, tokens, tokens.length);
  const written = save();
  if (written > 0) return written;
  throw new Failed(`the state of sequence ${sequence} could not be written to "${file}": ${reasonOf(context, save)}`);
}

/** Reads a state file into a sequence; gives back its tokens. Throws `Failed` when the file does not fit or holds more than `capacity` tokens. */
export function loadSequence(context: Context, sequence: number, file: string, capacity = context.nCtx): Int32Array {
  const { llama } = context.model.library;
  const tokens = new Int32Array(capacity);
  const count = new BigUint64Array(1);
  const load = () => llama.llama_state_seq_load_file(context.pointer, file, sequence, tokens, capacity, count);
  if (load() > 0) return tokens.slice(0, Number(count[0]));
  const reason = reasonOf(context, load);
  context.memory.remove(sequence);
  throw new Failed(`the state in "${file}" could not be used: ${reason}`);
}

/** Bytes that `getState` would give. */
export function stateSize(context: Context): number {
  return context.model.library.llama.llama_state_get_size(context.pointer);
}

/** A copy of the whole context's state: every sequence, logits and embeddings. */
export function getState(context: Context): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(stateSize(context));
  return bytes.slice(0, context.model.library.llama.llama_state_get_data(context.pointer, bytes, bytes.length));
}

/** Puts a whole state back. False when it does not fit. */
export function setState(context: Context, bytes: Uint8Array): boolean {
  return bytes.length > 0 && context.model.library.llama.llama_state_set_data(context.pointer, bytes, bytes.length) > 0;
}

function flags({ partial = false }: StateOptions): number {
  return partial ? constants.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY : 0;
}

/** Does it again with the log heard: these calls change nothing when they fail. */
function reasonOf(context: Context, work: () => number): string {
  return context.model.library.hear(work).reason || "llama.cpp gave no reason";
}
