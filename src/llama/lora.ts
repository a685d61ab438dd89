/** A LoRA adapter for one model; a context puts it into force with `setLoras`. */
import { accessSync, constants } from "node:fs";
import { Failed, messageOf } from "../errors.ts";
import type { Pointer } from "./abi.ts";
import type { Model } from "./model.ts";
import { readText } from "./text.ts";

export class Lora {
  readonly model: Model;
  #pointer: Pointer | undefined;

  private constructor(model: Model, pointer: Pointer) {
    this.model = model;
    this.#pointer = pointer;
    model.dependents.add(this);
  }

  /** Loads an adapter GGUF. Throws `Failed` naming the file and llama.cpp's reason, such as a wrong architecture. */
  static load(model: Model, file: string): Lora {
    const { llama } = model.library;
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      throw new Failed(`adapter file "${file}" cannot be read: ${messageOf(error)}`, { cause: error });
    }
    const create = () => llama.llama_adapter_lora_init(model.pointer, file);
    const first = create();
    const { result, reason } = first ? { result: first, reason: "" } : model.library.hear(create);
    if (!result) throw new Failed(`adapter file "${file}" cannot be loaded: ${reason || "llama.cpp gave no reason"}`);
    return new Lora(model, result);
  }

  /** Address of the native adapter. Throws after `close`. */
  get pointer(): Pointer {
    if (this.#pointer === undefined) throw new Failed("the adapter is closed");
    return this.#pointer;
  }

  /** Scalar metadata of the file, as text. */
  metadata(): Map<string, string> {
    const { llama } = this.model.library;
    const pairs = new Map<string, string>();
    for (let i = 0; i < llama.llama_adapter_meta_count(this.pointer); i++) {
      const key = readText((buffer) => llama.llama_adapter_meta_key_by_index(this.pointer, i, buffer, buffer.length));
      pairs.set(
        key,
        readText((buffer) => llama.llama_adapter_meta_val_str_by_index(this.pointer, i, buffer, buffer.length)),
      );
    }
    return pairs;
  }

  /** Frees the adapter. Take it out of its contexts first. Twice is harmless. */
  close(): void {
    if (this.#pointer === undefined) return;
    this.model.library.llama.llama_adapter_lora_free(this.#pointer);
    this.#pointer = undefined;
    this.model.dependents.delete(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
