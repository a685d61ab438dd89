/**
 * What must hold before a file is given to llama.cpp, whose loader ends the process on some of these faults and names
 * none of them well. The rules are those of its load_hparams and vocabulary loader (v0.5.0). NaN weights cannot be seen
 * in a header; the engine's first step finds them.
 */
import path from "node:path";
import { Invalid } from "../../errors.ts";
import { modelNumber, numberField, perLayer, textField } from "./fields.ts";
import type { GgufArray, GgufHeader } from "./types.ts";

const MAX_LAYERS = 512;
const MAX_EXPERTS = 1_024;
const MAX_SIZE = 1 << 24;

/** These have layers without attention, or none with it; a head count of 0 is right there. */
const RECURRENT = /^(mamba2?|rwkv\d*(qwen2)?|arwkv7)$/;

/**
 * Throws Invalid naming file and fault when the header describes a model that cannot be loaded.
 * Duplicate tokens are only found in a header read with `maxArray: Infinity`.
 */
export function checkLoadable(header: GgufHeader): void {
  const fault = (problem: string): Invalid =>
    new Invalid(`cannot load "${path.basename(header.path)}": ${problem}`, { code: "invalid_gguf" });
  checkKind(header, fault);
  const layers = positive(header, "block_count", MAX_LAYERS, fault);
  const embedding = positive(header, "embedding_length", MAX_SIZE, fault);
  positive(header, "context_length", 2 ** 32 - 1, fault);
  if (!RECURRENT.test(header.architecture)) checkHeads(header, layers, embedding, fault);
  checkExperts(header, layers, fault);
  checkEpsilons(header, fault);
  checkVocabulary(header, embedding, fault);
}

type Fault = (problem: string) => Invalid;

function checkKind(header: GgufHeader, fault: Fault): void {
  if (header.architecture === "") throw fault("it does not say which architecture it is (general.architecture)");
  const kind = textField(header, "general.type");
  if (kind === "adapter") throw fault("it is an adapter, not a model; name it with ADAPTER");
  if (kind === "mmproj" || kind === "projector" || header.architecture === "clip") {
    throw fault("it is a vision or audio projector, not a model");
  }
  const parts = numberField(header, "split.count") ?? 0;
  if (parts > 1) throw fault(`it is one of ${parts} parts of a split model; merge them into one file first`);
  if (header.tensors.length === 0) throw fault("it has no tensors");
}

function positive(header: GgufHeader, key: string, limit: number, fault: Fault): number {
  const name = `${header.architecture}.${key}`;
  const value = modelNumber(header, key);
  if (value === undefined) throw fault(`${name} is ${header.metadata.has(name) ? "not a number" : "missing"}`);
  if (!Number.isInteger(value) || value < 1 || value > limit) throw fault(`${name} is ${value}, outside 1 to ${limit}`);
  return value;
}

function checkHeads(header: GgufHeader, layers: number, embedding: number, fault: Fault): void {
  const name = `${header.architecture}.attention.head_count`;
  const heads = perLayer(header, "attention.head_count", layers);
  if (!heads) {
    // Some convolution-only models have none; everything else needs it.
    if (header.metadata.has(name)) throw fault(`${name} does not give a number for each of ${layers} layers`);
    return;
  }
  const keyValueName = `${name}_kv`;
  const keyValueHeads = perLayer(header, "attention.head_count_kv", layers);
  if (!keyValueHeads && header.metadata.has(keyValueName)) {
    throw fault(`${keyValueName} does not give a number for each of ${layers} layers`);
  }
  const isSame = (values: number[]) =>
    typeof header.metadata.get(name) !== "object" && values.every((value) => value === values[0]);
  if (heads.every((count) => count === 0)) throw fault(`${name} is 0`);
  if (keyValueHeads && isSame(keyValueHeads) && keyValueHeads[0] === 0) throw fault(`${keyValueName} is 0`);
  for (const [layer, count] of heads.entries()) {
    const shared = keyValueHeads?.[layer] ?? count;
    if (!Number.isInteger(count) || count < 0 || count > MAX_SIZE) throw fault(`${name} is ${count} in layer ${layer}`);
    if (!Number.isInteger(shared) || shared < 0 || shared > MAX_SIZE)
      throw fault(`${keyValueName} is ${shared} in layer ${layer}`);
    if (shared > 0 && count % shared !== 0) {
      throw fault(`${count} attention heads of layer ${layer} cannot share ${shared} key-value heads`);
    }
  }
  const first = heads[0] ?? 0;
  const hasOwnLength = modelNumber(header, "attention.key_length") !== undefined;
  if (!hasOwnLength && first > 0 && embedding % first !== 0) {
    throw fault(`an embedding length of ${embedding} cannot be shared among ${first} heads`);
  }
  for (const key of ["attention.key_length", "attention.value_length"]) {
    const length = modelNumber(header, key);
    if (length !== undefined && (!Number.isInteger(length) || length < 1 || length > MAX_SIZE)) {
      throw fault(`${header.architecture}.${key} is ${length}`);
    }
  }
}

function checkExperts(header: GgufHeader, layers: number, fault: Fault): void {
  const count = modelNumber(header, "expert_count") ?? 0;
  const used = Math.max(0, ...(perLayer(header, "expert_used_count", layers) ?? []));
  const name = `${header.architecture}.expert_count`;
  if (!Number.isInteger(count) || count < 0 || count > MAX_EXPERTS)
    throw fault(`${name} is ${count}, outside 0 to ${MAX_EXPERTS}`);
  if (used > count) throw fault(`it uses ${used} experts of ${count} (${name})`);
  if (count > 0 && used === 0) throw fault(`it has ${count} experts and uses none (${header.architecture}.expert_used_count)`);
}

/** ggml ends the process at the first step when one of these is negative or NaN. */
function checkEpsilons(header: GgufHeader, fault: Fault): void {
  for (const [key, value] of header.metadata) {
    if (!/\.attention\.\w*epsilon$/.test(key) || typeof value !== "number") continue;
    if (!Number.isFinite(value) || value < 0) throw fault(`${key} is ${value}`);
  }
}

function checkVocabulary(header: GgufHeader, embedding: number, fault: Fault): void {
  const table = header.tensors.find((tensor) => tensor.name === "token_embd.weight");
  if (!table) throw fault("it has no token embeddings (token_embd.weight)");
  if (table.shape[0] !== embedding) {
    throw fault(
      `its token embeddings have ${table.shape[0]} values a token where ${header.architecture}.embedding_length is ${embedding}`,
    );
  }
  const model = textField(header, "tokenizer.ggml.model");
  if (model === undefined) throw fault("it has no tokenizer (tokenizer.ggml.model)");
  if (model === "none" || model === "no_vocab") return;
  const tokens = arrayField(header, "tokenizer.ggml.tokens");
  if (!tokens || tokens.length === 0) throw fault("its vocabulary is missing or empty (tokenizer.ggml.tokens)");
  const rows = table.shape[1] ?? 1;
  if (rows !== tokens.length) throw fault(`it has ${tokens.length} tokens but ${rows} token embeddings`);
  for (const key of ["tokenizer.ggml.scores", "tokenizer.ggml.token_type"]) {
    const values = arrayField(header, key);
    if (values && values.length < tokens.length) throw fault(`${key} has ${values.length} items for ${tokens.length} tokens`);
  }
  checkDuplicates(tokens, fault);
}

/** llama.cpp ends the process on two equal tokens. */
function checkDuplicates(tokens: GgufArray, fault: Fault): void {
  const seen = new Map<unknown, number>();
  for (const [id, token] of tokens.items.entries()) {
    // Empty tokens get a name of their own; tokens that are no UTF-8 may look alike here and still differ.
    if (typeof token !== "string" || token === "" || token.includes("\uFFFD")) continue;
    const before = seen.get(token);
    if (before !== undefined) throw fault(`tokens ${before} and ${id} are the same`);
    seen.set(token, id);
  }
}

function arrayField(header: GgufHeader, key: string): GgufArray | undefined {
  const value = header.metadata.get(key);
  return typeof value === "object" ? value : undefined;
}
