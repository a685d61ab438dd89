/** The bodies that the command line sends and reads. Everything a server may leave out is optional: it may be a genuine Ollama. */
import type { AnswerTrace, AskWishes, CitationReply } from "./knowledge/wire.ts";

export interface WireMessage {
  role: string;
  content: string;
  thinking?: string;
  tool_calls?: WireToolCall[];
}

export interface WireToolCall {
  function: { name: string; arguments: Record<string, unknown> };
}

export type WireThink = boolean | string;
export type WireFormat = string | Record<string, unknown>;

/** What `/api/generate` and `/api/chat` have in common. */
interface Asking {
  model: string;
  stream?: boolean;
  format?: WireFormat;
  options?: Record<string, unknown>;
  think?: WireThink;
  keep_alive?: string | number;
}

export interface GenerateBody extends Asking {
  prompt: string;
  system?: string;
}

export interface ChatBody extends Asking {
  messages: WireMessage[];
  tools?: unknown[];
  /** Puna only: how a knowledge base is to answer. */
  knowledge?: AskWishes;
}

/** Durations are nanoseconds; zero is left out. */
export interface Metrics {
  total_duration?: number;
  load_duration?: number;
  prompt_eval_count?: number;
  prompt_eval_duration?: number;
  eval_count?: number;
  eval_duration?: number;
}

/** Puna says when it did not use all of a prompt; Ollama leaves these out. */
export interface Cuts {
  prompt_truncated?: boolean;
  prompt_tokens_original?: number;
  truncated_messages?: number;
  shifted_tokens?: number;
}

export interface GenerateChunk extends Metrics, Cuts {
  response?: string;
  thinking?: string;
  done: boolean;
  done_reason?: string;
}

export interface ChatChunk extends Metrics, Cuts {
  message?: WireMessage;
  done: boolean;
  done_reason?: string;
  /** In the last chunk of an answer from a knowledge base. */
  citations?: CitationReply[];
  knowledge?: AnswerTrace;
}

export interface EmbedBody {
  model: string;
  input: string | string[];
  truncate?: boolean;
  dimensions?: number;
  keep_alive?: string | number;
  options?: Record<string, unknown>;
}

export interface EmbedReply extends Metrics {
  embeddings: number[][];
}

/** For `/api/pull` and `/api/push`. */
export interface TransferBody {
  model: string;
  /** Plain HTTP. */
  insecure: boolean;
}

/** One line of a long piece of work; sizes are bytes. */
export interface ProgressLine {
  status: string;
  digest?: string;
  total?: number;
  completed?: number;
}

interface Details {
  format?: string;
  family?: string;
  families?: string[] | null;
  parent_model?: string;
  parameter_size?: string;
  quantization_level?: string;
}

export interface ListedModel {
  name: string;
  digest: string;
  size: number;
  modified_at: string;
  remote_model?: string;
  details?: Details;
  /** Puna only: the model is as it was when the server pulled it. */
  pulled?: boolean;
}

export interface RunningModel {
  name: string;
  model?: string;
  digest: string;
  size: number;
  size_vram?: number;
  context_length?: number;
  expires_at: string;
}

export interface ShowReply {
  license?: string;
  modelfile?: string;
  parameters?: string;
  template?: string;
  system?: string;
  details?: Details;
  messages?: WireMessage[];
  remote_model?: string;
  remote_host?: string;
  model_info?: Record<string, unknown> | null;
  projector_info?: Record<string, unknown> | null;
  tensors?: { name: string; type: string; shape: number[] }[] | null;
  capabilities?: string[];
  requires?: string;
}

/** Digests are `sha256:<hex>`; sizes and names as in the Modelfile. */
export interface CreateBody {
  model: string;
  from?: string;
  files?: Record<string, string>;
  adapters?: Record<string, string>;
  template?: string;
  system?: string;
  license?: string[];
  parameters?: Record<string, unknown>;
  messages?: WireMessage[];
  quantize?: string;
  renderer?: string;
  parser?: string;
  requires?: string;
}

export interface NewKeyBody {
  name: string;
  scopes?: string[];
  models?: string[];
  /** Such as `90d`. */
  expires_in?: string;
  client_public_key?: string;
}

/** An API key without what makes it one. Times are RFC 3339. */
export interface KeyReply {
  id: string;
  name: string;
  scopes: string[];
  models: string[] | null;
  state: "active" | "expired" | "revoked";
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
}

/** Which quantisations fit. Sizes are bytes, contexts tokens; `needed` goes with `contexts`. */
export interface FitReply {
  model: string;
  /** False when only the number of parameters was known. */
  exact: boolean;
  parameter_count: number;
  memory: number;
  context_length?: number;
  contexts: number[];
  quantizations: {
    quantization: string;
    current?: boolean;
    weights?: number;
    needed: number[];
    fits: boolean;
    largest_context?: number;
  }[];
}
