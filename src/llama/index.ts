/** llama.cpp's C API for the engine: what other folders may use. */
export { Batch } from "./batch.ts";
export { Context } from "./context.ts";
export { type ContextParams, type Pooling, poolings } from "./context-params.ts";
export { GrammarSampler } from "./grammar-sampler.ts";
export { openLibrary } from "./library.ts";
export { Lora } from "./lora.ts";
export { Model } from "./model.ts";
export { quantize } from "./quantize.ts";
export { Sampler } from "./sampler.ts";
export type { SamplerStep } from "./sampler-steps.ts";
export { getSequence, sequenceSize, setSequence } from "./state.ts";
export { ThreadPool } from "./threads.ts";
