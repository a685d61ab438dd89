/** Mistral: a Llama by another name. Sliding windows of its first release are not kept, as in llama.cpp. */
import type { Architecture } from "./architecture.ts";
import { llama } from "./llama.ts";

export const mistral: Architecture = { ...llama, names: ["MistralForCausalLM"] };
