/** Options: defaults, precedence, types. */
import { describe, expect, it } from "vitest";
import { resolveOptions } from "./options.ts";

const resolve = (...layers: Record<string, unknown>[]) => resolveOptions({ numCtx: undefined }, ...layers);

describe("resolveOptions", () => {
  it("has Ollama's defaults", () => {
    const { load, sampling, numPredict, numKeep, stop } = resolve();
    expect(load).toEqual({ numCtx: 4096, numCtxIsAutomatic: true });
    expect(sampling).toMatchObject({
      temperature: 0.8,
      topK: 40,
      topP: 0.9,
      minP: 0,
      typicalP: 1,
      repeatLastN: 64,
      repeatPenalty: 1,
    });
    expect({ numPredict, numKeep, stop }).toEqual({ numPredict: -1, numKeep: 4, stop: [] });
  });

  it("lets the request win over the model, and the model over the defaults; null and unknown keys count for nothing", () => {
    const model = { temperature: 0.1, stop: ["a", ""], num_ctx: 8192, top_k: 5 };
    const resolved = resolve(model, { top_k: 7, temperature: null, rope_frequency_base: "x", use_mmap: false, num_thread: 2 });
    expect(resolved.sampling).toMatchObject({ temperature: 0.1, topK: 7 });
    expect(resolved.stop).toEqual(["a"]);
    expect(resolved.load).toEqual({ numCtx: 8192, numCtxIsAutomatic: false, useMmap: false, numThread: 2 });
    expect(resolve(model, { stop: ["b"] }).stop).toEqual(["b"]);
    expect(resolveOptions({ numCtx: 100 }).load).toEqual({ numCtx: 100, numCtxIsAutomatic: false });
  });

  it("truncates integers, keeps them in 32 bits, and makes seeds", () => {
    expect(resolve({ top_k: 3.9, num_predict: -1.5, num_ctx: 1, num_keep: 1e30 })).toMatchObject({
      sampling: { topK: 3 },
      numPredict: -1,
      numKeep: 2_147_483_647,
      load: { numCtx: 4 },
    });
    expect(resolve({ seed: 42 }).sampling.seed).toBe(42);
    expect(resolve({ seed: -2 }).sampling.seed).toBe(4_294_967_294);
    expect(resolve({ seed: -1 }).sampling.seed).toBeGreaterThanOrEqual(0);
    expect(resolve({ repeat_last_n: -1, num_ctx: 512 }).sampling.repeatLastN).toBe(512);
  });

  it.each([
    ["num_ctx", "many", 'option "num_ctx" must be of type integer'],
    ["temperature", "hot", 'option "temperature" must be of type float32'],
    ["use_mmap", 1, 'option "use_mmap" must be of type boolean'],
    ["stop", "END", 'option "stop" must be of type array'],
    ["stop", [1], 'option "stop" must be of an array of strings'],
    ["grammar", 1, 'option "grammar" must be of type string'],
    ["top_p", true, 'option "top_p" must be of type float32'],
  ])("refuses %s %j with status 500, as Ollama", (key, value, message) => {
    expect(() => resolve({ [key]: value })).toThrow(expect.objectContaining({ message, status: 500 }));
  });

  it("takes what llama.cpp can do besides", () => {
    const { sampling, grammar } = resolve({
      mirostat: 2,
      mirostat_tau: 4,
      dry_multiplier: 0.8,
      dry_sequence_breakers: ["."],
      xtc_probability: 0.5,
      top_n_sigma: 1,
      dynatemp_range: 0.2,
      logit_bias: { "15043": -1.5, "2": false },
      grammar: 'root ::= "a"',
    });
    expect(sampling).toMatchObject({
      mirostat: 2,
      mirostatTau: 4,
      dryMultiplier: 0.8,
      drySequenceBreakers: ["."],
      xtcProbability: 0.5,
      topNSigma: 1,
      dynatempRange: 0.2,
    });
    expect(new Map(sampling.logitBias)).toEqual(
      new Map([
        [2, -1e9],
        [15043, -1.5],
      ]),
    );
    expect(grammar).toBe('root ::= "a"');
    expect(resolve({ logit_bias: [[1, 2]] }).sampling.logitBias).toEqual([[1, 2]]);
    for (const bad of ["x", [1], { a: 1 }, { "1": "x" }, [[-1, 1]]])
      expect(() => resolve({ logit_bias: bad })).toThrow("logit_bias");
    expect(() => resolve({ mirostat: 3 })).toThrow("mirostat");
  });
});
