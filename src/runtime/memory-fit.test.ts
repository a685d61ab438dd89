/** The estimate against what llama.cpp v0.5.0 allocated for the same shapes (its own log, MiB). */
import { describe, expect, it } from "vitest";
import type { GgufHeader, GgufValue } from "../models/gguf/types.ts";
import { availableMemory } from "./available-memory.ts";
import { checkFit, estimateMemory, type FitRequest, largestContext } from "./memory-fit.ts";

const MIB = 2 ** 20;

function header(architecture: string, keys: Record<string, GgufValue>, weightBytes = 1e9, vocabulary = 32_000): GgufHeader {
  const metadata = new Map<string, GgufValue>(Object.entries(keys).map(([key, value]) => [`${architecture}.${key}`, value]));
  metadata.set("tokenizer.ggml.tokens", { type: 8, length: vocabulary, items: [] });
  const tensors = [{ name: "t", shape: [weightBytes], type: 24, typeName: "I8", offset: 0, size: weightBytes }];
  return {
    path: "",
    version: 3,
    fileSize: weightBytes,
    alignment: 32,
    dataOffset: 0,
    metadata,
    metadataTypes: new Map(),
    tensors,
    architecture,
    parameters: weightBytes,
  };
}

const llama = (embedding: number, layers: number, heads: number, shared: number, hidden: number, vocabulary: number) =>
  header(
    "llama",
    {
      embedding_length: embedding,
      block_count: layers,
      "attention.head_count": heads,
      "attention.head_count_kv": shared,
      feed_forward_length: hidden,
    },
    1e9,
    vocabulary,
  );

const request = (more: Partial<FitRequest> = {}): FitRequest => ({
  contextLength: 4096,
  sequences: 8,
  kvType: "f16",
  batch: 512,
  ...more,
});

describe("estimateMemory", () => {
  const a = llama(1024, 4, 16, 8, 2816, 32_000);
  const b = llama(2048, 4, 32, 8, 8192, 128_256);
  const c = llama(4096, 2, 32, 8, 14_336, 128_256);
  const d = llama(2048, 4, 16, 16, 8192, 32_000);
  // KV, then compute with the output buffer.
  it.each<[string, GgufHeader, Partial<FitRequest>, number, number]>([
    ["a", a, {}, 32, 66.5 + 0.98],
    ["a, 8 outputs", a, { outputs: 8 }, 32, 28.51 + 0.98],
    ["a, 32k", a, { outputs: 8, contextLength: 32_768 }, 256, 56.51 + 0.98],
    ["a, no flash attention", a, { outputs: 8, contextLength: 32_768, flashAttention: false }, 256, 1100.01 + 0.98],
    ["a, q8_0", a, { outputs: 8, contextLength: 32_768, kvType: "q8_0" }, 136, 54.54 + 0.98],
    ["a, small batch", a, { outputs: 8, batch: 128 }, 32, 7.13 + 0.98],
    ["b", b, {}, 32, 258.5 + 3.91],
    ["b, 8 outputs", b, { outputs: 8 }, 32, 68.01 + 3.91],
    ["b, 64 sequences", b, { outputs: 64, sequences: 64, contextLength: 32_768 }, 256, 96.01 + 31.31],
    ["c", c, {}, 32, 266.5 + 3.91],
    ["c, 32k", c, { outputs: 8, contextLength: 32_768 }, 256, 148.01 + 3.91],
    ["d", d, { contextLength: 32_768, outputs: 8 }, 1024, 96.01 + 0.98],
  ])("%s", (_, model, more, kv, compute) => {
    const estimate = estimateMemory(model, request(more));
    expect(estimate.kvBytes / MIB).toBe(kv);
    expect(Math.abs(estimate.computeBytes / MIB - compute)).toBeLessThan(0.04 * compute);
    expect(estimate.totalBytes).toBe(estimate.weightBytes + estimate.kvBytes + estimate.computeBytes);
  });

  const list = (items: number[]): GgufValue => ({ type: 4, length: items.length, items });

  it("follows lengths of keys and values, and numbers of heads per layer", () => {
    const keys = {
      embedding_length: 8,
      block_count: 3,
      "attention.head_count": 4,
      "attention.key_length": 16,
      "attention.value_length": 32,
    };
    const model = header("deci", { ...keys, "attention.head_count_kv": list([2, 0, 4]) });
    expect(estimateMemory(model, request()).kvBytesPerCell).toBe((2 + 4) * (16 + 32) * 2);
  });

  it("keeps only the window in sliding-window layers", () => {
    const keys = {
      embedding_length: 64,
      block_count: 12,
      "attention.head_count": 4,
      "attention.head_count_kv": 2,
      "attention.sliding_window": 512,
    };
    const perLayer = 2 * (16 + 16) * 2;
    const model = header("gemma3", keys);
    const estimate = estimateMemory(model, request({ contextLength: 65_536, sequences: 1 }));
    expect(estimate.kvBytes).toBe(2 * perLayer * 65_536 + 10 * perLayer * 1024);
    expect(estimateMemory(model, request({ contextLength: 65_536, fullWindow: true })).kvBytes).toBe(12 * perLayer * 65_536);
    expect(estimateMemory(model, request({ contextLength: 256 })).kvBytes).toBe(12 * perLayer * 256);
    const stated = header("gemma4", {
      ...keys,
      block_count: 2,
      "attention.sliding_window_pattern": { type: 7, length: 2, items: [true, false] },
    });
    expect(estimateMemory(stated, request({ contextLength: 65_536, sequences: 1 })).kvBytesPerCell).toBe(perLayer);
  });

  it("keeps keys only in latent attention, and states instead of cells in recurrent layers", () => {
    const latent = header("deepseek2", {
      embedding_length: 64,
      block_count: 1,
      "attention.head_count": 16,
      "attention.head_count_kv": 1,
      "attention.key_length": 576,
      "attention.value_length": 512,
      "attention.key_length_mla": 192,
      "attention.value_length_mla": 128,
    });
    expect(estimateMemory(latent, request()).kvBytesPerCell).toBe(576 * 2);
    const mamba = header("mamba", {
      embedding_length: 64,
      block_count: 2,
      "ssm.inner_size": 128,
      "ssm.conv_kernel": 4,
      "ssm.state_size": 16,
    });
    const estimate = estimateMemory(mamba, request({ sequences: 3 }));
    expect(estimate.kvBytesPerCell).toBe(0);
    expect(estimate.kvBytes).toBe(2 * 3 * 4 * (3 * 128 + 128 * 16));
  });

  it("keeps nothing for encoders, and has an answer for a header that says nothing", () => {
    expect(estimateMemory(header("bert", { block_count: 2, "attention.causal": false }), request()).kvBytes).toBe(0);
    expect(estimateMemory(header("x", {}), request()).totalBytes).toBeGreaterThanOrEqual(1e9);
  });
});

describe("checkFit", () => {
  const model = llama(4096, 32, 32, 8, 14_336, 128_256);
  const big = { ...model, tensors: model.tensors.map((tensor) => ({ ...tensor, size: 4.7e9 })) };

  it("says nothing when the model fits", () => {
    expect(checkFit("m", big, request(), { freeBytes: 16e9 })).toBeUndefined();
  });

  it("names what is needed, what is free, and the context that would fit", () => {
    const text = checkFit("llama3:8b", big, request({ contextLength: 131_072 }), { freeBytes: 8e9 });
    expect(text).toBe(
      'model "llama3:8b" needs 22.3 GB (weights 4.7, KV 17.2, compute 0.4) but 8.0 GB are free; use num_ctx of at most 22272, or a smaller quantisation',
    );
    const largest = largestContext(big, request({ contextLength: 131_072 }), 8e9);
    expect(checkFit("m", big, request({ contextLength: largest }), { freeBytes: 8e9 })).toBeUndefined();
    expect(checkFit("m", big, request({ contextLength: largest + 256 }), { freeBytes: 8e9 })).toBeDefined();
  });

  it("suggests no context when the weights alone are too much", () => {
    expect(checkFit("m", big, request(), { freeBytes: 3.9e9 })).toContain(
      "but 3.9 GB are free; use a smaller quantisation or model",
    );
  });

  it("counts what is loaded already", () => {
    expect(checkFit("m", big, request(), { freeBytes: 2e9, loadedBytes: 4.7e9 })).toBeUndefined();
  });
});

describe("availableMemory", () => {
  const machine = (files: Record<string, string>, platform = "linux") => ({
    platform,
    totalBytes: 64e9,
    freeBytes: 1e9,
    read: (file: string) => files[file] ?? "",
  });
  const meminfo = { "/proc/meminfo": "MemTotal:       64000000 kB\nMemAvailable:   10000000 kB\n" };

  it("is what the kernel says", () => {
    expect(availableMemory(machine(meminfo))).toBe(10_240_000_000);
    expect(availableMemory(machine({}))).toBe(1e9);
    expect(availableMemory(machine(meminfo, "win32"))).toBe(1e9);
    expect(availableMemory(machine(meminfo, "darwin"))).toBe(32e9);
  });

  it("heeds the limit of any group around it, without what is only cached", () => {
    const files = {
      ...meminfo,
      "/proc/self/cgroup": "0::/a/b\n",
      "/sys/fs/cgroup/a/b/memory.max": "max\n",
      "/sys/fs/cgroup/a/memory.max": "4000000000\n",
      "/sys/fs/cgroup/a/memory.current": "3000000000\n",
      "/sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 500000000\n",
    };
    expect(availableMemory(machine(files))).toBe(1.5e9);
    const old = {
      ...meminfo,
      "/proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/1\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "2000000000\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "500000000\n",
    };
    expect(availableMemory(machine(old))).toBe(1.5e9);
    expect(availableMemory(machine({ ...old, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n" }))).toBe(
      10_240_000_000,
    );
  });

  it("is a number on this machine", () => expect(availableMemory()).toBeGreaterThan(0));
});
