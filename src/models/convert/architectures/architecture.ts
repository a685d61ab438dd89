/** What each architecture's file says: how it is called on either side, its metadata and its tensors. */
import type { Entry } from "../../gguf/write.ts";
import type { ModelConfigFile } from "../config.ts";
import type { ModelFolder } from "../folder.ts";
import type { ComputedTensor, Row } from "../plan.ts";

export interface Architecture {
  /** In `architectures` of config.json. */
  names: string[];
  /** `general.architecture`. */
  gguf: string;
  /** Keys of the architecture; those of every file are added to them. */
  metadata(config: ModelConfigFile): Entry[];
  /** The map. `has` tells whether the checkpoint holds a tensor, for what config.json leaves open. */
  rows(config: ModelConfigFile, has: (name: string) => boolean): Row[];
  /** Tensors that llama.cpp has no use for. */
  ignore: RegExp;
  /** The name that the map knows for a tensor of the checkpoint; publishers put different words in front. */
  rename?(name: string): string;
  /** Tensors that are computed from config.json. */
  computed?(config: ModelConfigFile): ComputedTensor[];
  /** Rows of the token embeddings. */
  vocabularySize(config: ModelConfigFile): number;
  /** Embedding models say in a file of sentence-transformers how they pool. */
  pooling?(folder: ModelFolder): Promise<Entry[]>;
}
