/** What the model store knows about a model. */
import type { Capability, Message } from "../chat/types.ts";
import type { GgufHeader } from "./gguf/types.ts";
import type { ModelName } from "./name.ts";

/** One entry of a manifest. Digests are `sha256:<64 hex>`, sizes bytes. */
export interface Layer {
  mediaType: string;
  digest: string;
  size: number;
  from?: string;
  name?: string;
}

export interface Manifest {
  schemaVersion: number;
  mediaType: string;
  config: Layer;
  layers: Layer[];
}

/** The config blob; names are Ollama's. */
export interface ModelConfig {
  model_format?: string;
  model_family?: string;
  model_families?: string[] | null;
  model_type?: string;
  file_type?: string;
  renderer?: string;
  parser?: string;
  requires?: string;
  remote_host?: string;
  remote_model?: string;
  capabilities?: string[];
  context_length?: number;
  embedding_length?: number;
  base_name?: string;
  /** Digests of the parts that the model's file was joined from. */
  joined_from?: string[];
  architecture?: string;
  os?: string;
}

/** Where a model is on disk: its manifest, read and checked. */
export interface StoredModel {
  name: ModelName;
  manifest: Manifest;
  /** Hex sha256 of the manifest's bytes. */
  digest: string;
  modifiedAt: Date;
  /** Layers and config together. */
  size: number;
  config: ModelConfig;
}

/** Everything needed to run or show a model. */
export interface Model extends StoredModel {
  modelPath: string | undefined;
  adapterPaths: string[];
  projectorPaths: string[];
  template: string | undefined;
  system: string | undefined;
  parameters: Record<string, unknown>;
  messages: Message[];
  licenses: string[];
  /** Header of the model blob; absent for remote stubs. */
  header: GgufHeader | undefined;
  capabilities: Capability[];
}
