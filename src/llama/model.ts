/** A loaded model: its weights, what its file says about it, and its vocabulary. */
import { accessSync, constants } from "node:fs";
import koffi from "koffi";
import { Canceled, Failed, messageOf } from "../errors.ts";
import type { Pointer } from "./abi.ts";
import { enums } from "./abi-layouts.ts";
import { type Library, openLibrary } from "./library.ts";
import { releaseFreedMemory } from "./system.ts";
import { readText } from "./text.ts";
import { Vocabulary } from "./vocabulary.ts";

export interface LoadOptions {
  library?: Library;
  /** Layers to put on GPUs; negative is all of them. Without a GPU it has no effect. Default 0. */
  gpuLayers?: number;
  /** Use only this GPU, by index. */
  mainGpu?: number;
  /** Map the file instead of reading it. Default: as llama.cpp prefers on this machine. */
  useMmap?: boolean;
  /** Load no weights: tokenising only. */
  vocabOnly?: boolean;
  /** Look through every weight for NaN and broken blocks. Costs a pass over the file. */
  checkTensors?: boolean;
  /** Called with 0 to 1 as weights are read; false aborts the load. */
  onProgress?: (fraction: number) => boolean;
}

const progressCallback = koffi.pointer(koffi.proto("bool", ["float", "void *"]));
const { LLAMA_LOAD_MODE_MMAP, LLAMA_LOAD_MODE_NONE } = enums.llama_load_mode;

/** Something that must go before the model goes: a context, an adapter. */
interface Dependent {
  close(): void;
}

export class Model extends Vocabulary {
  readonly library: Library;
  /** Contexts and adapters made from this object; `close` closes them first. */
  readonly dependents = new Set<Dependent>();
  readonly #owner: boolean;
  #pointer: Pointer | undefined;

  private constructor(library: Library, pointer: Pointer, owner: boolean) {
    const vocabulary = library.llama.llama_model_get_vocab(pointer);
    if (!vocabulary) throw new Failed("the model has no vocabulary");
    super(library.llama, vocabulary);
    this.library = library;
    this.#pointer = pointer;
    this.#owner = owner;
  }

  /** Loads a GGUF file. Throws `Failed` naming the file and llama.cpp's own reason, or `Canceled` when `onProgress` said no. */
  static load(file: string, options: LoadOptions = {}): Model {
    const library = options.library ?? openLibrary();
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      throw new Failed(`model file "${file}" cannot be read: ${messageOf(error)}`, { cause: error });
    }
    const { llama } = library;
    const params = llama.llama_model_default_params();
    params.n_gpu_layers = options.gpuLayers ?? 0;
    params.vocab_only = options.vocabOnly ?? false;
    params.check_tensors = options.checkTensors ?? false;
    if (options.useMmap !== undefined) params.load_mode = options.useMmap ? LLAMA_LOAD_MODE_MMAP : LLAMA_LOAD_MODE_NONE;
    if (options.mainGpu !== undefined) {
      params.split_mode = enums.llama_split_mode.LLAMA_SPLIT_MODE_NONE;
      params.main_gpu = options.mainGpu;
    }
    const progress = listen(options.onProgress);
    params.progress_callback = progress.callback;
    try {
      const { result, reason } = library.hear(() => llama.llama_model_load_from_file(file, params));
      if (result) return new Model(library, result, true);
      if (progress.thrown !== undefined) throw progress.thrown;
      if (progress.aborted) throw new Canceled(`the load of "${file}" was canceled`);
      throw new Failed(`model file "${file}" cannot be loaded: ${reason || "llama.cpp gave no reason"}`);
    } finally {
      if (progress.callback !== null) koffi.unregister(progress.callback);
    }
  }

  /**
   * The same native model seen from another thread of this process, such as for tokenising while a worker decodes.
   * The thread that loaded it stays its owner and must close it last.
   */
  static attach(pointer: Pointer, library: Library = openLibrary()): Model {
    return new Model(library, pointer, false);
  }

  /** Address of the native model. Throws after `close`. */
  get pointer(): Pointer {
    if (this.#pointer === undefined) throw new Failed("the model is closed");
    return this.#pointer;
  }

  /** Scalar metadata of the file, as text. Arrays (such as the vocabulary) are left out by llama.cpp. */
  metadata(): Map<string, string> {
    const { llama } = this.library;
    const pairs = new Map<string, string>();
    for (let i = 0; i < llama.llama_model_meta_count(this.pointer); i++) {
      const key = readText((buffer) => llama.llama_model_meta_key_by_index(this.pointer, i, buffer, buffer.length));
      pairs.set(
        key,
        readText((buffer) => llama.llama_model_meta_val_str_by_index(this.pointer, i, buffer, buffer.length)),
      );
    }
    return pairs;
  }

  /** Architecture, size and quantisation in words, such as "llama 260K F32". */
  get description(): string {
    return readText((buffer) => this.library.llama.llama_model_desc(this.pointer, buffer, buffer.length));
  }

  /** Quantisation of the file in words, such as "Q4_K - Medium". */
  get fileType(): string {
    const { llama } = this.library;
    return llama.llama_ftype_name(llama.llama_model_ftype(this.pointer)) ?? "unknown";
  }

  get parameters(): number {
    return this.library.llama.llama_model_n_params(this.pointer);
  }

  get sizeBytes(): number {
    return this.library.llama.llama_model_size(this.pointer);
  }

  get trainedContext(): number {
    return this.library.llama.llama_model_n_ctx_train(this.pointer);
  }

  get embeddingLength(): number {
    return this.library.llama.llama_model_n_embd(this.pointer);
  }

  /** Length of one embedding that comes out; differs from `embeddingLength` where the model projects it. */
  get outputEmbeddingLength(): number {
    return this.library.llama.llama_model_n_embd_out(this.pointer);
  }

  get layers(): number {
    return this.library.llama.llama_model_n_layer(this.pointer);
  }

  get heads(): number {
    return this.library.llama.llama_model_n_head(this.pointer);
  }

  get kvHeads(): number {
    return this.library.llama.llama_model_n_head_kv(this.pointer);
  }

  /** Sliding attention window in tokens; 0 when there is none. */
  get slidingWindow(): number {
    return this.library.llama.llama_model_n_swa(this.pointer);
  }

  get hasEncoder(): boolean {
    return this.library.llama.llama_model_has_encoder(this.pointer);
  }

  get hasDecoder(): boolean {
    return this.library.llama.llama_model_has_decoder(this.pointer);
  }

  /** First token for the decoder of an encoder-decoder model; -1 for others. */
  get decoderStart(): number {
    return this.library.llama.llama_model_decoder_start_token(this.pointer);
  }

  get isRecurrent(): boolean {
    return this.library.llama.llama_model_is_recurrent(this.pointer);
  }

  get isHybrid(): boolean {
    return this.library.llama.llama_model_is_hybrid(this.pointer);
  }

  get isDiffusion(): boolean {
    return this.library.llama.llama_model_is_diffusion(this.pointer);
  }

  /** How many scores a reranker or classifier gives per sequence. */
  get classCount(): number {
    return this.library.llama.llama_model_n_cls_out(this.pointer);
  }

  /** Names of the classes; undefined where the file has none. */
  get classLabels(): (string | undefined)[] {
    return Array.from(
      { length: this.classCount },
      (_, i) => this.library.llama.llama_model_cls_label(this.pointer, i) ?? undefined,
    );
  }

  /** The Jinja chat template in the file: the default one, or one by name. */
  chatTemplate(name?: string): string | undefined {
    return this.library.llama.llama_model_chat_template(this.pointer, name ?? null) ?? undefined;
  }

  /** Frees the model, and first every context and adapter made from it. Twice is harmless. */
  close(): void {
    if (this.#pointer === undefined) return;
    for (const dependent of [...this.dependents]) dependent.close();
    if (this.#owner) {
      this.library.llama.llama_model_free(this.#pointer);
      releaseFreedMemory();
    }
    this.#pointer = undefined;
    this.closeVocabulary();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A progress function as a native callback that remembers why it said no. */
function listen(onProgress: LoadOptions["onProgress"]) {
  const state: { callback: Pointer | null; aborted: boolean; thrown: unknown } = {
    callback: null,
    aborted: false,
    thrown: undefined,
  };
  if (!onProgress) return state;
  const report = (fraction: number): boolean => {
    try {
      state.aborted ||= !onProgress(fraction);
    } catch (error) {
      state.aborted = true;
      state.thrown = error;
    }
    return !state.aborted;
  };
  state.callback = koffi.register(report, progressCallback);
  return state;
}
