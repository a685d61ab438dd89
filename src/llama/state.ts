/** KV state of sequences as bytes, and back. Bytes fit only the same model, context settings and llama.cpp release. */
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
