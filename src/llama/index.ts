/** llama.cpp's C API for the engine: what other folders may use. */
export { Batch } from "./batch.ts";
export { type BuildReport, describeBuilds, type KernelReport } from "./builds.ts";
export { Candidates } from "./candidates.ts";
export { Context, type DecodeResult } from "./context.ts";
export { type CacheType, type ContextParams, type Pooling, poolings } from "./context-params.ts";
export { findBuild, installCommand, packageVersion, platformPackages, type Variant, variants } from "./discover.ts";
export { GrammarSampler } from "./grammar-sampler.ts";
export { type Library, openLibrary } from "./library.ts";
export { Lora } from "./lora.ts";
export { type LoadOptions, Model } from "./model.ts";
export { type QuantizeOptions, quantize, quantizeTypes } from "./quantize.ts";
export { Sampler } from "./sampler.ts";
export type { SamplerStep } from "./sampler-steps.ts";
export { getSequence, getState, type StateOptions, sequenceSize, setSequence, setState, stateSize } from "./state.ts";
export { loadSequence, saveSequence } from "./state-file.ts";
export { ThreadPool } from "./threads.ts";
export type { TokenizeOptions } from "./vocabulary.ts";
