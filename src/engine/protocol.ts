/**
 * What a runner child and its parent say to each other: one JSON object a line on file descriptor 3, both ways.
 * This file holds types only; it is the one thing that `runtime/` and `engine/` share.
 * Times are milliseconds, sizes bytes, text UTF-16 strings that are always whole characters.
 */

// ---- parent -> child -------------------------------------------------------------------------------------------

export type ToRunner =
  | LoadMessage
  | { type: "resize"; id: number; shape: ContextShape }
  | ({ type: "generate"; id: number } & GenerateRequest)
  | ({ type: "embed"; id: number } & EmbedRequest)
  | ({ type: "rerank"; id: number } & RerankRequest)
  | { type: "tokenize"; id: number; text: string; addSpecial: boolean; parseSpecial: boolean }
  | { type: "detokenize"; id: number; tokens: number[]; special: boolean }
  | { type: "cancel"; id: number }
  | { type: "stats"; id: number }
  | { type: "shutdown" };

/** The first message; answered by `progress` any number of times, then `ready` or `failed`. */
export interface LoadMessage {
  type: "load";
  modelPath: string;
  adapters: { path: string; scale: number }[];
  shape: ContextShape;
  threads: number;
  gpuLayers: number;
  mainGpu?: number;
  useMmap?: boolean;
  flashAttention?: boolean;
  kvType: "f16" | "f32" | "bf16" | "q8_0" | "q4_0" | "q4_1" | "q5_0" | "q5_1";
  /** Most bytes that evicted prefixes may hold in RAM. 0 turns the store off. */
  prefixBytes: number;
  /** Folder of a build of llama.cpp to use instead of the npm package's. */
  libraryPath?: string;
}

/** Size of the KV cache: cells are shared by all sequences. */
export interface ContextShape {
  cells: number;
  sequences: number;
  batch: number;
}

export interface GenerateRequest {
  /** Prompt tokens, BOS included where the model wants one. Never empty. */
  prompt: number[];
  /** Most tokens (prompt + answer) this request may hold: its `num_ctx`. */
  contextLimit: number;
  /** When full: true drops the middle and goes on, false ends with `length`. */
  shift: boolean;
  /** Prompt tokens kept by a shift; -1 keeps the whole prompt. */
  keep: number;
  /** Most tokens to generate; -1 is unlimited (the parent sends Ollama's cap of 10 x num_ctx). */
  maxTokens: number;
  stop: string[];
  sampling: SamplingOptions;
  /** GBNF text with rule `root`. */
  grammar?: string;
  /** The grammar starts only after this text was generated, such as `</think>`. */
  grammarAfter?: string;
  /**
   * Or only where one of these texts begins, such as the tag of a tool call; until then, and if none comes, the answer is
   * free. `first`: only space may stand before. `skip`: what is between these does not count; `inside`: the prompt opened it.
   */
  grammarAt?: { texts: string[]; first?: boolean; skip?: { open: string; close: string; inside: boolean } };
  /** How many alternatives to report per token; absent: no logprobs. */
  topLogprobs?: number;
  /** The prompt's own tokens get logprobs too, with `topLogprobs` alternatives: all of it is then computed anew. */
  promptLogprobs?: boolean;
  /** Tokens that must show in the text although they are control tokens, such as `<tool_call>`. */
  preserve?: string[];
  /** Do not end at end-of-generation tokens (benchmarks). */
  ignoreEos?: boolean;
}

/** Names follow llama.h's samplers; every field is set, so that one request is one native chain. */
export interface SamplingOptions {
  seed: number;
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  typicalP: number;
  topNSigma: number;
  xtcProbability: number;
  xtcThreshold: number;
  repeatLastN: number;
  repeatPenalty: number;
  frequencyPenalty: number;
  presencePenalty: number;
  dryMultiplier: number;
  dryBase: number;
  dryAllowedLength: number;
  dryPenaltyLastN: number;
  drySequenceBreakers: string[];
  mirostat: 0 | 1 | 2;
  mirostatTau: number;
  mirostatEta: number;
  dynatempRange: number;
  dynatempExponent: number;
  logitBias: [token: number, bias: number][];
}

export interface EmbedRequest {
  /** One token list per text. */
  inputs: number[][];
  pooling?: "none" | "mean" | "cls" | "last";
}

export interface RerankRequest {
  /** One token list per (query, document) pair, already put together with the model's separators. */
  inputs: number[][];
}

// ---- child -> parent -------------------------------------------------------------------------------------------

export type FromRunner =
  | { type: "progress"; fraction: number }
  | { type: "ready"; info: RunnerInfo }
  /** The load failed (no id) or one request failed (its id). `status` is the HTTP status it deserves. */
  | { type: "failed"; id?: number; message: string; status: number; code?: string }
  | { type: "step"; events: SequenceEvent[] }
  | { type: "resized"; id: number; info: RunnerInfo }
  | { type: "tokens"; id: number; tokens: number[] }
  | { type: "text"; id: number; text: string }
  /** One base64 string of little-endian float32 per input. Not normalised. */
  | { type: "vectors"; id: number; vectors: string[] }
  | { type: "scores"; id: number; scores: number[] }
  | { type: "stats"; id: number; stats: RunnerStats };

export interface RunnerInfo {
  description: string;
  /** llama.cpp's version and the kernel build in use, such as `libggml-cpu-sapphirerapids.so`. */
  libraryVersion: string;
  kernelBuild: string;
  gpus: string[];
  parameters: number;
  weightBytes: number;
  kvBytes: number;
  computeBytes: number;
  trainedContext: number;
  embeddingLength: number;
  vocabularySize: number;
  shape: ContextShape;
  bosToken?: number;
  bosText: string;
  eosToken?: number;
  eosText: string;
  addBos: boolean;
  addEos: boolean;
  /** Between the two texts of a pair to rank. */
  sepToken?: number;
  addSep: boolean;
  canShift: boolean;
  pooling: "none" | "mean" | "cls" | "last" | "rank" | "unspecified";
  hasDecoder: boolean;
  chatTemplate?: string;
  loadMs: number;
}

/** What one step gave to one sequence. Several tokens may share one event. */
export interface SequenceEvent {
  id: number;
  text: string;
  /** Tokens generated so far. */
  count: number;
  logprobs?: TokenLogprob[];
  /** Of the prompt, in order, as far as this step computed it. Only the first token has none: nothing stands before it. */
  promptLogprobs?: PromptLogprob[];
  /** Set on a request's last event. */
  finish?: Finish;
}

export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes: number[];
  top?: { token: string; logprob: number; bytes: number[] }[];
}

export type PromptLogprob = Omit<TokenLogprob, "logprob"> & { logprob: number | null };

export interface Finish {
  reason: "stop" | "length" | "cancel" | "error";
  /** The stop string that ended it, if one did. */
  stopText?: string;
  error?: string;
  /** Why an "error" deserves another status than 500. */
  status?: number;
  promptTokens: number;
  /** How many of them were found in the cache. */
  cachedTokens: number;
  promptMs: number;
  generatedTokens: number;
  generateMs: number;
  /** Generated token ids, end token excluded: with the prompt they make Ollama's `context`. */
  tokens: number[];
  /** How often the window was shifted, and how many tokens that dropped. */
  shiftedTokens: number;
}

export interface RunnerStats {
  activeSequences: number;
  waiting: number;
  cellsUsed: number;
  cells: number;
  prefixBytes: number;
  prefixes: number;
  steps: number;
  stepMsP50: number;
  stepMsP99: number;
  rssBytes: number;
}
